import CSystem
import Glibc

/// A name in a directory.
public struct DirectoryEntry: Sendable, Hashable {
    /// As the kernel has it; need not be UTF-8.
    public var name: [UInt8]
    /// `.unknown` on file systems that do not say.
    public var kind: FileKind
    public var inode: UInt64

    public init(name: [UInt8], kind: FileKind, inode: UInt64) {
        self.name = name
        self.kind = kind
        self.inode = inode
    }
}

/// How much of a directory one call brings, in bytes.
private let listingBytes = 64 << 10

extension File {
    /// All names in this directory but "." and "..", in the file system's order.
    public func entries() throws(SystemError) -> [DirectoryEntry] {
        var entries: [DirectoryEntry] = []
        try forEachEntry { name, kind, inode in
            entries.append(DirectoryEntry(name: Array(name), kind: kind, inode: inode))
        }
        return entries
    }

    /// Calls `body` for each entry but "." and "..", in the file system's order.
    func forEachEntry(
        _ body: (_ name: UnsafeRawBufferPointer, FileKind, _ inode: UInt64) -> Void
    ) throws(SystemError) {
        // A second listing of the same descriptor would otherwise begin at the end of the first.
        try attempt(.list, path) { lseek(descriptor, 0, SEEK_SET) }
        try withUnsafeTemporaryAllocation(byteCount: listingBytes, alignment: 8) {
            (buffer) throws(SystemError) in
            while true {
                let count = try attempt(.list, path) {
                    varve_getdents(descriptor, buffer.baseAddress, UInt(buffer.count))
                }
                if count == 0 { return }
                Self.forEach(in: UnsafeRawBufferPointer(rebasing: buffer[..<count]), body)
            }
        }
    }

    /// The kernel's layout: inode (8 bytes), position (8), record length (2), type (1), name, NUL.
    private static func forEach(
        in records: UnsafeRawBufferPointer,
        _ body: (_ name: UnsafeRawBufferPointer, FileKind, _ inode: UInt64) -> Void
    ) {
        var position = 0
        while position + 19 < records.count {
            let length = Int(records.loadUnaligned(fromByteOffset: position + 16, as: UInt16.self))
            guard length > 19, position + length <= records.count else { return }
            let name = records[(position + 19)..<(position + length)].prefix { $0 != 0 }
            let dot = UInt8(ascii: ".")
            if !name.allSatisfy({ $0 == dot }) || name.count > 2 {
                body(
                    UnsafeRawBufferPointer(rebasing: name),
                    FileKind(entryType: records[position + 18]),
                    records.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            }
            position += length
        }
    }
}
