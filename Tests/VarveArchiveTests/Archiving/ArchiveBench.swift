import Synchronization
import VarveArchive
import VarveFormat
import VarveRepository
import VarveSystem

/// A repository with one snapshot, and what other programs make of its archives.
final class ArchiveBench: Sendable {
    let box: Sandbox
    let repository: Repository
    private let notes = Mutex<[String]>([])

    init() throws {
        box = try Sandbox()
        repository = try box.create()
    }

    /// Stores a sample tree as `/tree`.
    func storeSample() throws -> SampleTree {
        let tree = try SampleTree(at: box.path + "/tree")
        try HandmadeSnapshot.store(in: repository) { [try $0.node(of: tree.path, name: "tree")] }
        return tree
    }

    /// What was noted on the way, `PATH: REASON`.
    var noted: [String] { notes.withLock { $0 } }

    func archive(_ path: String = "", as format: ArchiveFormat = .tar) throws -> String {
        let file = box.path + "/archive-\(randomName()).\(format.rawValue)"
        let output = try File.createExclusively(file)
        try dumpArchive(
            path.split(separator: "/").map { Array($0.utf8) }, of: try box.newest(repository),
            repository, as: format, to: output, progress: Progress()
        ) { event in
            if case .noted(let path, let reason) = event {
                self.notes.withLock { $0.append("\(path): \(reason)") }
            }
        }
        return file
    }

    /// A new directory for what a program extracts.
    func directory() throws -> String {
        let path = box.path + "/extracted-" + randomName()
        try File.makeDirectory(path)
        return path
    }

    struct Run {
        var status: ProcessEnd
        var output: String
        var errors: String
    }

    static func run(_ program: String, _ words: String...) throws -> Run {
        let process = try ChildProcess(
            program, words, environment: ["LC_ALL": "C.UTF-8", "TZ": "UTC"],
            errorOutput: .tail(bytes: 16 << 10))
        let output = try process.output.contents(limit: 16 << 20)
        let status = try process.wait()
        return Run(
            status: status, output: String(decoding: output, as: UTF8.self),
            errors: process.errorText)
    }
}
