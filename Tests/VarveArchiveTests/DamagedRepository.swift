import TestSupport
import VarveArchive
import VarveCodec
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

/// A tiny repository in memory with one snapshot or two, and what some damage makes of them.
final class DamagedRepository: Sendable {
    let box: Sandbox
    /// Every stored object as it was written, second copies included.
    let contents: [String: [UInt8]]
    /// The files of each snapshot.
    let files: [[String: [UInt8]]]

    init(snapshots: Int = 1) throws {
        let storage = MemoryStorage()
        box = try Sandbox(storage: storage)
        let repository = try box.create()
        var files: [[String: [UInt8]]] = []
        for number in 0..<snapshots {
            let text = Array("the first file, version \(number)\n".utf8)
            let random = noise(300, seed: UInt64(5 + number))
            try box.write("a", text)
            try box.write("below/b", random)
            try box.snapshot(repository, time: Int64(number))
            files.append([box.source + "/a": text, box.source + "/below/b": random])
        }
        self.files = files
        contents = storage.contents
    }

    /// The names of all objects, in order.
    var names: [String] { contents.keys.sorted() }
    var byteCount: Int { contents.values.reduce(0) { $0 + $1.count } }

    /// Whether the object is kept twice.
    func hasCopy(_ name: String) -> Bool {
        name.hasSuffix(".copy") || contents[name + ".copy"] != nil
    }

    enum Outcome: Equatable {
        /// Every byte of the snapshot came back, and nothing was said.
        case whole
        /// Some error was told.
        case told(String)
        /// What must never be.
        case wrong(String)
    }

    /// Opens, reads and verifies what `contents` hold; `place` names a cache directory.
    func outcome(of contents: [String: [UInt8]], place: String) -> Outcome {
        outcome(of: MemoryStorage(contents: contents), state: nil, place: place)
    }

    func outcome(of storage: MemoryStorage, state: String?, place: String) -> Outcome {
        let directories = LocalDirectories(cache: box.path + "/cache-" + place, state: state)
        do {
            let repository = try Repository.open(
                storage, secret: box.secret, directories: directories)
            let entries = repository.state.snapshots
            guard entries.count == files.count else { return .wrong("a snapshot is gone") }
            var told: String?
            for (entry, files) in zip(entries, files) {
                do {
                    guard try everyFile(of: entry, repository) == files else {
                        return .wrong("other bytes came back")
                    }
                    let report = try verify(
                        entry, of: repository, progress: Progress(), observer: { _ in })
                    told = report.issues.first?.reason ?? told
                } catch let error as RepositoryError {
                    told = error.description
                }
            }
            return told.map { .told($0) } ?? .whole
        } catch let error as RepositoryError {
            return .told(error.description)
        } catch {
            return .wrong("an error of another kind: \(error)")
        }
    }
}
