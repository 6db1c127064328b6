import VarveCrypto
import VarveSystem

extension File {
    /// The SHA-256 of `count` bytes from `offset`, or of as many as there are; and how many that were.
    func digest(
        at offset: Int = 0, count: Int = .max
    ) throws(SystemError) -> (digest: [UInt8], bytes: Int) {
        var context = SHA256Context()
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
        defer { piece.deallocate() }
        var done = 0
        while done < count {
            let part = UnsafeMutableRawBufferPointer(
                rebasing: piece[..<min(piece.count, count - done)])
            let got = try readFully(at: offset + done, into: part)
            context.update(UnsafeRawBufferPointer(rebasing: part[..<got]))
            done += got
            if got < part.count { break }
        }
        var digest = [UInt8](repeating: 0, count: SHA256.byteCount)
        digest.withUnsafeMutableBytes { context.finish(into: $0.baseAddress!) }
        return (digest, done)
    }
}
