import TestSupport
import VarveSystem

/// A directory with everything that a tree can have, made on the disk.
struct SampleTree {
    let path: String
    /// Whether the file system keeps extended attributes of users, and ACLs.
    private(set) var hasAttributes = false
    private(set) var hasACLs = false

    static let longDirectory = String(repeating: "long directory ", count: 10)
    static let newLine = "new\nline"
    static let notText: [UInt8] = [0x6e, 0xff, 0xfe, 0x78]
    static let longNotText: [UInt8] = [UInt8](repeating: 0xe9, count: 150)
    /// A moment before 1970 that is no whole second.
    static let fraction = "before with a fraction"

    static let access: [UInt8] = acl([
        (0x01, 7, -1), (0x02, 5, 4_321), (0x04, 5, -1), (0x08, 4, 5_432), (0x10, 5, -1),
        (0x20, 0, -1),
    ])
    static let inherited: [UInt8] = acl([
        (0x01, 7, -1), (0x02, 6, 1_234), (0x04, 5, -1), (0x10, 7, -1), (0x20, 1, -1),
    ])

    private static func acl(_ entries: [(tag: Int, permissions: Int, id: Int)]) -> [UInt8] {
        var bytes: [UInt8] = [2, 0, 0, 0]
        for entry in entries {
            let id = UInt32(truncatingIfNeeded: entry.id)
            bytes += [UInt8(entry.tag), 0, UInt8(entry.permissions), 0]
            bytes += (0..<4).map { UInt8(truncatingIfNeeded: id >> ($0 * 8)) }
        }
        return bytes
    }

    init(at path: String) throws {
        self.path = path
        try File.makeDirectory(path, mode: 0o755)
        let root = try File.openDirectory(path)
        try Self.addFiles(root)
        try Self.addSparseFiles(root)
        try Self.addOthers(root)
        try Self.addTimes(root)
        (hasAttributes, hasACLs) = try Self.addAttributes(root)
        try root.setMode(0o2751)
        try root.setTimes(mtimeNanoseconds: 1_234_567_890_123_456_789)
    }

    private static func add(
        _ bytes: [UInt8], _ name: [UInt8], in directory: borrowing File, mode: UInt32 = 0o644
    ) throws {
        let file = try directory.createFile(name)
        try file.write(bytes)
        try file.setMode(mode)
        try file.setTimes(mtimeNanoseconds: 1_500_000_000_000_000_000 + Int64(bytes.count))
    }

    private static func addFiles(_ root: borrowing File) throws {
        try add([], Array("empty".utf8), in: root, mode: 0)
        try add(lines(10, seed: 1), Array("setuid".utf8), in: root, mode: 0o6755)
        try add(lines(20, seed: 2), Array(newLine.utf8), in: root)
        try add(lines(3, seed: 3), notText, in: root)
        try add(lines(4, seed: 4), longNotText, in: root)
        try add(lines(5, seed: 5), Array("äöü 名前".utf8), in: root)
        try add(noise(100_000, seed: 6), Array("noise".utf8), in: root)
        try add(lines(2_000, seed: 7), Array("text".utf8), in: root, mode: 0o400)
        try add(Array("x".utf8), [UInt8](repeating: 0x79, count: 100), in: root)
        try add(Array("x".utf8), [UInt8](repeating: 0x79, count: 101), in: root)
        try root.makeDirectory(longDirectory, mode: 0o755)
        let first = try root.openDirectory(longDirectory)
        try first.makeDirectory(longDirectory, mode: 0o755)
        let second = try first.openDirectory(longDirectory)
        try add(lines(6, seed: 8), Array("deep".utf8), in: second)
        try root.makeDirectory("sticky", mode: 0o755)
        try root.openDirectory("sticky").setMode(0o1777)
    }

    private static func addSparseFiles(_ root: borrowing File) throws {
        let sparse = try root.createFile("sparse")
        let block = 16 << 10
        for start in [1, 2, 9] {
            try noise(block, seed: 9).withUnsafeBytes { try sparse.write($0, at: start * block) }
        }
        try Array("end".utf8).withUnsafeBytes { try sparse.write($0, at: 20 * block) }
        let behind = try root.createFile("hole at the end")
        try behind.write(Array("begin".utf8))
        try behind.truncate(to: 200_000)
        try root.createFile("only a hole").truncate(to: 300_001)
    }

    private static func addOthers(_ root: borrowing File) throws {
        try root.makeSymlink(to: "text", "link")
        try root.makeSymlink(to: [UInt8](repeating: 0x7a, count: 900), "long link")
        try root.makeSymlink(to: Array("ziel/ü".utf8), "link with ü")
        try root.makeSymlink(to: notText, "link that is no text")
        try root.makeNode("pipe", kind: .fifo, mode: 0o640)
        if Accounts.currentUser == 0 {
            try root.makeNode("device", kind: .characterDevice, mode: 0o600, deviceNumber: 0x0103)
            try root.setOwner("noise", uid: 3_000_000, gid: 4_000_000)
        }
        try File.link(root.path(of: "text"), to: root.path(of: "sticky/one more name"))
        try File.link(root.path(of: "pipe"), to: root.path(of: "sticky/pipe"))
        try File.link(root.path(of: "sparse"), to: root.path(of: "sticky/sparse"))
    }

    private static func addTimes(_ root: borrowing File) throws {
        let times: [(String, Int64)] = [
            ("before", -2_000_000_000_000_000_000), (fraction, -1_500_000_000),
            ("late", 9_000_000_000_000_000_000), ("first", 0), ("nanosecond", 1),
        ]
        for (name, time) in times {
            try root.createFile(name).setTimes(mtimeNanoseconds: time)
        }
        try root.setTimes("link", mtimeNanoseconds: 1_111_111_111_111_111_111)
    }

    private static func addAttributes(_ root: borrowing File) throws -> (Bool, Bool) {
        let file = try root.createFile("attributed")
        let given: [(String, [UInt8])] = [
            ("user.empty", []), ("user.bytes", [0, 255, 10, 61]),
            ("user.long", noise(900, seed: 5)),
        ]
        for (name, value) in given {
            do {
                try file.setExtendedAttribute(Array(name.utf8), value)
            } catch {
                return (false, false)
            }
        }
        try root.openDirectory("sticky").setExtendedAttribute(Array("user.d".utf8), [1])
        try root.makeDirectory("acl", mode: 0o750)
        do {
            try root.createFile("acl file")
                .setExtendedAttribute(Array("system.posix_acl_access".utf8), access)
            try root.openDirectory("acl")
                .setExtendedAttribute(Array("system.posix_acl_default".utf8), inherited)
        } catch {
            return (true, false)
        }
        return (true, true)
    }
}
