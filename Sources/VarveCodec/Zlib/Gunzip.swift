/// Decompresses gzip data of one member or more (RFC 1952) as it arrives, in constant memory.
public struct Gunzip: ~Copyable {
    /// Why the data is no gzip, or not all of it.
    public enum Failure: Error, Equatable {
        case notGzip
        case truncated
        case corrupt(reason: String)
    }

    private enum State {
        /// Before a member; with the first byte of its magic number, when that has come.
        case between([UInt8])
        case inside
        /// What follows the last member is none.
        case behind
    }

    private static let magic: [UInt8] = [0x1f, 0x8b]

    private var inflate: Inflate
    private var state = State.between([])
    private var members = 0
    private var restBytes = 0
    private var restIsZero = true

    public init() throws(ZlibError) { inflate = try Inflate() }

    /// Bytes behind the last member that are none; zeros alone are padding and do not count.
    public var garbageBytes: Int { restIsZero ? 0 : restBytes }

    /// Takes the next bytes; `body` gets what they decompress to, through `room`.
    public mutating func feed(
        _ input: UnsafeRawBufferPointer, through room: UnsafeMutableRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var rest = input[...]
        while !rest.isEmpty {
            switch state {
            case .between(let seen):
                let begun = seen + rest.prefix(Self.magic.count - seen.count)
                rest = rest.dropFirst(begun.count - seen.count)
                state = .between(begun)
                if begun.count == Self.magic.count { try begin(begun, room, body) }
            case .inside:
                let step = try step(UnsafeRawBufferPointer(rebasing: rest), room, body)
                rest = rest.dropFirst(step.used)
            case .behind:
                pass(rest)
                return
            }
        }
    }

    /// Says that nothing follows; throws unless all members were whole.
    public mutating func finish() throws(Failure) {
        switch state {
        case .inside: throw .truncated
        case .between(let seen):
            guard members > 0 else { throw seen.isEmpty || seen == [0x1f] ? .truncated : .notGzip }
            pass(seen)
        case .behind: break
        }
    }

    /// Two bytes decide whether a member begins.
    private mutating func begin(
        _ bytes: [UInt8], _ room: UnsafeMutableRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        guard bytes == Self.magic else {
            guard members > 0 else { throw Failure.notGzip }
            pass(bytes)
            state = .behind
            return
        }
        try inflate.begin()
        state = .inside
        _ = try bytes.withUnsafeBytes { try step($0, room, body) }
    }

    private mutating func step(
        _ input: UnsafeRawBufferPointer, _ room: UnsafeMutableRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> Inflate.Step {
        let step: Inflate.Step
        do throws(ZlibError) {
            step = try inflate.decompress(input, into: room)
        } catch .corrupt(let reason) {
            throw Failure.corrupt(reason: reason)
        }
        if step.filled > 0 { try body(UnsafeRawBufferPointer(rebasing: room[..<step.filled])) }
        if step.isEnd {
            members += 1
            state = .between([])
        }
        return step
    }

    private mutating func pass(_ bytes: some Collection<UInt8>) {
        restBytes += bytes.count
        restIsZero = restIsZero && bytes.allSatisfy { $0 == 0 }
    }
}

extension Gunzip.Failure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notGzip: "it is not compressed with gzip"
        case .truncated: "it ends in the middle of its gzip data"
        case .corrupt(let reason): "its gzip data is damaged (\(reason))"
        }
    }
}
