import Glibc
import TestSupport
import Testing
import VarveArchive
import VarveCrypto
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

/// Random trees of all that a file system holds, changed at random between two snapshots.
@Suite("A random tree", .timeLimit(.minutes(600)))
struct RandomTreeTests {
    private let seed = TestRun.seed()
    private let count = TestRun.isLong ? 3_000 : 3

    @Test("comes back from each of its snapshots, also over what another one has left")
    func roundTrip() throws {
        for number in 0..<count {
            let seed = seed &+ UInt64(number)
            var tree = RandomTree(seed)
            let box = try Sandbox(storage: MemoryStorage())
            let repository = try box.create()
            var pictures: [[String: String]] = []
            for time in 1...3 {
                try tree.change(try File.openDirectory(box.source))
                #expect(
                    try !box.snapshot(repository, time: Int64(time)).isIncomplete,
                    "VARVE_SEED=\(seed)")
                pictures.append(try picture(box.source))
            }
            for index in [0, 2, 1] {
                let entry = repository.state.snapshots.sorted { $0.summary.time < $1.summary.time }
                let report = try box.restore(
                    entry[index], repository, path: box.source
                ) { $0.deletes = true }
                #expect(report.issues.isEmpty, "VARVE_SEED=\(seed)")
                let found = try picture(box.target)
                let names = Set(found.keys).union(pictures[index].keys).sorted()
                let different = names.filter { found[$0] != pictures[index][$0] }
                #expect(different == [], "VARVE_SEED=\(seed), snapshot \(index)")
            }
        }
    }
}

/// Every entry below a directory, with all that a snapshot keeps; hard links by the first of their
/// names, holes by where they are.
private func picture(_ path: String) throws -> [String: String] {
    var found: [String: String] = [:]
    var links: [UInt64: String] = [:]
    func draw(_ directory: borrowing File, _ prefix: String) throws {
        let names = try directory.entryNames()
        for index in 0..<names.count {
            let name = names[index]
            let status = try directory.status(of: name)
            guard status.kind != .socket else { continue }
            let path = prefix + Hex.encode(name)
            var text = "\(status.kind) \(String(status.mode, radix: 8)) \(status.uid):\(status.gid)"
            text += " \(status.mtime)"
            for attribute in try directory.extendedAttributes(of: name) {
                text += " \(Hex.encode(attribute.name))=\(Hex.encode(attribute.value))"
            }
            if status.kind != .directory {
                let first = links[status.inode] ?? path
                links[status.inode] = first
                text += " links \(status.links) \(first)"
            }
            switch status.kind {
            case .regular:
                let file = try directory.openFile(name)
                let bytes = try file.contents(limit: 1 << 30)
                text += " \(bytes.count) \(Hex.encode(SHA256.digest(bytes)))"
                text += " \(try file.dataExtents())"
            case .symlink: text += " \(Hex.encode(try directory.readLink(name)))"
            case .directory: try draw(try directory.openDirectory(name), path + "/")
            default: text += " \(status.deviceNumber)"
            }
            found[path] = text
        }
    }
    try draw(try File.openDirectory(path), "")
    return found
}

/// Makes and changes trees.
private struct RandomTree {
    private var numbers: SeededNumbers
    private let isRoot = Accounts.currentUser == 0

    init(_ seed: UInt64) { numbers = SeededNumbers(seed) }

    private mutating func next() -> UInt64 { numbers.next() }

    private mutating func below(_ limit: Int) -> Int { numbers.below(limit) }

    /// Removes, replaces and adds some entries.
    mutating func change(_ directory: borrowing File, depth: Int = 0) throws {
        let names = try directory.entryNames()
        for index in 0..<names.count where below(4) == 0 {
            try remove(names[index], in: directory)
        }
        let kept = try directory.entryNames()
        for index in 0..<kept.count {
            let name = kept[index]
            switch try directory.status(of: name).kind {
            case .directory where depth < 4:
                try change(try directory.openDirectory(name), depth: depth + 1)
            case .regular where below(4) == 0:
                let file = try directory.openToChange(name)
                try fill(file)
            default: break
            }
        }
        for _ in 0..<(3 + below(6)) { try add(to: directory, depth: depth) }
    }

    private func remove(_ name: [UInt8], in directory: borrowing File) throws {
        guard try directory.status(of: name).kind == .directory else {
            return try directory.remove(name)
        }
        let below = try directory.openDirectory(name)
        let names = try below.entryNames()
        for index in 0..<names.count { try remove(names[index], in: below) }
        try directory.removeDirectory(name)
    }

    private mutating func name() -> [UInt8] {
        let letters = Array("ab \n\\*".utf8) + [0xff, 0xc3, 0xa9]
        return (0...below(6)).map { _ in letters[below(letters.count)] }
    }

    private mutating func add(to directory: borrowing File, depth: Int) throws {
        let name = name()
        guard (try? directory.status(of: name)) == nil else { return }
        switch below(isRoot ? 9 : 8) {
        case 0 where depth < 4:
            try directory.makeDirectory(name, mode: 0o755)
            for _ in 0..<below(8) { try add(to: directory.openDirectory(name), depth: depth + 1) }
        case 1: try directory.makeSymlink(to: [0x2f] + self.name(), name)
        case 2: try directory.makeNode(name, kind: .fifo, mode: 0o600)
        case 3: try link(name, in: directory)
        case 8:
            try directory.makeNode(
                name, kind: .characterDevice, mode: 0o600, deviceNumber: UInt64(below(4_000)))
        default:
            let file = try directory.createFile(name)
            try fill(file)
        }
        try dress(name, in: directory)
    }

    /// Another name for something that is there.
    private mutating func link(_ name: [UInt8], in directory: borrowing File) throws {
        let names = try directory.entryNames()
        guard names.count > 0 else { return }
        let other = names[below(names.count)]
        guard try directory.status(of: other).kind != .directory else { return }
        try directory.makeLink(name, to: other, in: directory)
    }

    private mutating func fill(_ file: borrowing File) throws {
        let pieces = below(4)
        var end = 0
        for _ in 0..<pieces {
            let start = end + (below(3) == 0 ? below(1 << 20) : 0)
            let bytes = noise(below(8) == 0 ? below(700_000) : below(5_000), seed: next())
            try bytes.span.withUnsafeBytes { (bytes) throws(SystemError) in
                try file.write(bytes, at: start)
            }
            end = start + bytes.count
        }
        try file.truncate(to: end + (below(3) == 0 ? below(1 << 20) : 0))
    }

    private mutating func dress(_ name: [UInt8], in directory: borrowing File) throws {
        guard let status = try? directory.status(of: name) else { return }
        if isRoot { try directory.setOwner(name, uid: UInt32(below(3)), gid: UInt32(below(3))) }
        if [.regular, .directory].contains(status.kind), below(3) == 0 {
            try? directory.setExtendedAttribute(
                of: name, Array("user.\(below(5))".utf8), noise(below(60), seed: next()))
        }
        if status.kind != .symlink {
            let mode = UInt32(below(0o10000)) | (status.kind == .directory ? 0o700 : 0o600)
            try directory.setMode(name, mode)
        }
        try directory.setTimes(
            name, mtimeNanoseconds: Int64(truncatingIfNeeded: next() >> 2) - (1 << 60))
    }
}
