import Glibc

/// One component of a path: bytes as the kernel has them, which need not be UTF-8, or text.
public protocol FileName {
    associatedtype NameBytes: Collection<UInt8>
    var nameBytes: NameBytes { get }
}

extension String: FileName {
    public var nameBytes: Substring.UTF8View { self[...].utf8 }
}

extension [UInt8]: FileName {
    public var nameBytes: Self { self }
}

extension ArraySlice<UInt8>: FileName {
    public var nameBytes: Self { self }
}

extension FileName {
    /// The name as text for people.
    var text: String { String(decoding: nameBytes, as: UTF8.self) }

    /// Lends the name with a NUL behind it; EINVAL unless it is one component that stays where it
    /// is, so that no name that came out of a repository can lead out of a directory.
    func withCString<Answer>(
        _ call: SystemCall, in directory: borrowing File,
        _ body: (UnsafePointer<CChar>) throws(SystemError) -> Answer
    ) throws(SystemError) -> Answer {
        let path = directory.path
        return try withCString { (name) throws(SystemError) -> Answer in
            guard let name else { throw SystemError(call, path + "/" + text, errno: EINVAL) }
            return try body(name)
        }
    }

    private func withCString<Answer>(
        _ body: (UnsafePointer<CChar>?) throws(SystemError) -> Answer
    ) throws(SystemError) -> Answer {
        let bytes = nameBytes
        let count = bytes.count
        return try withUnsafeTemporaryAllocation(of: CChar.self, capacity: count + 1) {
            (buffer) throws(SystemError) in
            // In one go: element by element, a generic collection costs more than the call it is for.
            UnsafeMutableRawBufferPointer(buffer).copyBytes(from: bytes)
            buffer[count] = 0
            let name = UnsafePointer(buffer.baseAddress!)
            let dot = CChar(bitPattern: UInt8(ascii: "."))
            let isPlain =
                count > 0 && strlen(name) == count && strchr(name, Int32(UInt8(ascii: "/"))) == nil
                && (count > 2 || !buffer[..<count].allSatisfy { $0 == dot })
            return try body(isPlain ? name : nil)
        }
    }
}
