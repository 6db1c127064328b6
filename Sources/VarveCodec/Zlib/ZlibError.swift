import CZlib

/// Why bytes could not be deflated or inflated.
public enum ZlibError: Error, Equatable {
    /// The bytes are not what the format allows, or their checksum is another one.
    case corrupt(reason: String)
    /// zlib refused, for want of memory say.
    case library(operation: String, code: Int)
}

extension ZlibError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .corrupt(let reason): "the compressed bytes are corrupt: \(reason)"
        case .library(let operation, let code): "zlib: \(operation) failed with \(code)"
        }
    }
}

/// zlib's own structure, which must not move while it is in use.
typealias ZlibStream = UnsafeMutablePointer<z_stream>

extension ZlibStream {
    static func make() -> ZlibStream {
        let stream = ZlibStream.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        return stream
    }

    /// What zlib says about the last call.
    var reason: String { pointee.msg.map { String(cString: $0) } ?? "no reason given" }

    /// Lends zlib `input` and `output`; it changes neither the pointers' owner nor the input.
    func lend(_ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer) {
        pointee.next_in = UnsafeMutableRawPointer(mutating: input.baseAddress)?
            .assumingMemoryBound(to: UInt8.self)
        pointee.avail_in = UInt32(input.count)
        pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        pointee.avail_out = UInt32(output.count)
    }
}
