import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@testable import VarveArchive

@Suite("An archive of a tree with a damaged chunk")
struct ArchiveDamageTests {
    /// A tree whose last file cannot be read, behind `files` of 9 MB.
    private func damaged(behind files: Int) throws -> (Sandbox, Repository) {
        let storage = MemoryStorage()
        let box = try Sandbox(storage: storage)
        let repository = try box.create()
        for number in 0..<files {
            try box.write("a\(number)", noise(9_000_000, seed: UInt64(number + 1)))
        }
        try box.snapshot(repository)
        let packs = Set(storage.contents.keys)
        try box.write("z", noise(600_000, seed: 77))
        try box.snapshot(repository, time: 2)
        var contents = storage.contents
        for (name, bytes) in contents
        where name.hasPrefix("packs/data") && !packs.contains(name) {
            var bytes = bytes
            bytes[bytes.count / 2] ^= 1
            contents[name] = bytes
        }
        let fresh = try Repository.open(
            MemoryStorage(contents: contents), secret: box.secret, directories: box.directories)
        return (box, fresh)
    }

    @Test(
        "does not look whole to any program, wherever the damage is",
        arguments: ArchiveFormat.allCases, [0, 3])
    func incomplete(format: ArchiveFormat, files: Int) throws {
        let (box, repository) = try damaged(behind: files)
        let path = box.path + "/archive"
        let output = try File.createExclusively(path)
        let entry = try box.newest(repository)
        #expect {
            try dumpArchive(
                [], of: entry, repository, as: format, to: output, progress: Progress(),
                observer: { _ in })
        } throws: { error in
            if case RepositoryError.damaged = error { true } else { false }
        }
        let checks =
            format == .tar
            ? [("tar", ["-tf", path]), ("bsdtar", ["-tf", path])]
            : [("unzip", ["-t", path]), ("bsdtar", ["-tf", path])]
        for (program, words) in checks {
            let process = try ChildProcess(program, words, errorOutput: .tail(bytes: 1 << 10))
            _ = try process.output.contents(limit: 1 << 20)
            #expect(try !process.wait().isSuccess, "\(program)")
        }
        // What came before the damage is there.
        if files > 0 { #expect(try output.size > 8_000_000) }
    }
}
