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
