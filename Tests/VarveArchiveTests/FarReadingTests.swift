import TestSupport
import Testing
import VarveArchive
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@Suite("Reading from a far storage")
struct FarReadingTests {
    private let box: Sandbox
    private let storage = MemoryStorage()
    private let files: [String: [UInt8]]

    init() throws {
        box = try Sandbox(storage: storage)
        var random = SeededNumbers(3)
        var files: [String: [UInt8]] = [:]
        // Half of what there is when it is compressed, so that several frames lie in a span.
        for number in 0..<40 {
            files["d/\(number)"] = random.bytes(random.number(1...600_000)).map { $0 & 15 }
        }
        for (name, bytes) in files { try box.write(name, bytes) }
        let repository = try box.create()
        try box.snapshot(repository)
        // Most of what comes next are differences from what is there.
        for number in 0..<20 {
            for place in stride(from: 500, to: files["d/\(number)"]?.count ?? 0, by: 20_000) {
                files["d/\(number)"]?[place] ^= 1
            }
            try box.write("d/\(number)", files["d/\(number)"] ?? [])
        }
        try box.snapshot(repository, time: 2)
        self.files = files
    }

    private func far() -> FarStorage {
        FarStorage(storage, staging: box.path + "/staging", delay: 1_000_000)
    }

    /// As a machine that has nothing of it.
    private func open(_ storage: any Storage) throws -> Repository {
        let directories = LocalDirectories(cache: box.path + "/" + randomName(), state: nil)
        return try Repository.open(storage, secret: box.secret, directories: directories)
    }

    private func contents(of target: String) throws -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        for entry in try File.openDirectory(target + "/d").entries() {
            let name = "d/" + String(decoding: entry.name, as: UTF8.self)
            found[name] = try File.contents(of: target + "/" + name, limit: 1 << 20)
        }
        return found
    }

    @Test("restores the same with a fraction of the requests")
    func restore() throws {
        let near = FaultyStorage(storage)
        #expect(try box.restore(try open(near), into: box.path + "/near").issues.isEmpty)
        let far = far()
        let report = try box.restore(try open(far))
        #expect(report.issues.isEmpty)
        #expect(try contents(of: box.target) == files)
        let frames = near.history.filter { $0.hasPrefix("read packs/data/") }.count
        let reads = far.history.filter { $0.hasPrefix("read packs/data/") }.count
        #expect(frames > 15 && reads < frames, "\(reads) for \(frames)")
        #expect(!far.history.contains { $0.hasPrefix("read packs/meta/") })
    }

    @Test("asks once for what lies together")
    func together() throws {
        func restore(_ storage: any Storage, _ target: String) throws {
            let repository = try open(storage)
            let entry = try #require(repository.state.snapshots.first)
            let report = try VarveArchive.restore(
                entry, of: repository, RestoreOptions(target: box.path + target, path: []),
                progress: Progress(), observer: { _ in })
            #expect(report.issues.isEmpty)
        }
        let (near, far) = (FaultyStorage(storage), far())
        try restore(near, "/near")
        try restore(far, "/far")
        let frames = near.history.filter { $0.hasPrefix("read packs/data/") }.count
        let reads = far.history.filter { $0.hasPrefix("read packs/data/") }.count
        #expect(frames > 8 && reads * 2 <= frames, "\(reads) for \(frames)")
        #expect(far.runningMax <= 8 + 12)
    }

    @Test("tells of the same damage, and saves the same files")
    func damage() throws {
        for (name, bytes) in storage.contents where name.hasPrefix("packs/data/") {
            var bytes = bytes
            for place in stride(from: 700_000, to: bytes.count, by: 5 << 20) { bytes[place] ^= 1 }
            storage.overwrite(name, bytes)
        }
        let near = try box.restore(try open(storage), into: box.path + "/near")
        let far = try box.restore(try open(far()), into: box.path + "/far")
        #expect(!near.issues.isEmpty)
        #expect(Set(far.issues.map(\.path)) == Set(near.issues.map(\.path)))
        let saved = try contents(of: box.path + "/far")
        #expect(saved == (try contents(of: box.path + "/near")))
        #expect(!saved.isEmpty)
        #expect(saved.allSatisfy { files[$0.key] == $0.value })
    }

    @Test("tells of a pack that is cut short or gone as a near one does")
    func missing() throws {
        for (name, bytes) in storage.contents where name.hasPrefix("packs/data/") {
            storage.overwrite(name, Array(bytes.prefix(bytes.count / 2)))
        }
        let near = try box.restore(try open(storage), into: box.path + "/near")
        let far = try box.restore(try open(far()), into: box.path + "/far")
        #expect(!near.issues.isEmpty)
        #expect(Set(far.issues.map(\.path)) == Set(near.issues.map(\.path)))
    }

    @Test("verifies what is damaged in the storage, whatever was kept of it")
    func verified() throws {
        let entry = try #require(try box.open().state.snapshots.last)
        let directories = LocalDirectories(cache: box.path + "/kept", state: nil)
        let warm = try Repository.open(far(), secret: box.secret, directories: directories)
        #expect(
            try verify(entry, of: warm, progress: Progress(), observer: { _ in }).issues.isEmpty)
        for (name, bytes) in storage.contents where name.hasPrefix("packs/meta/") {
            storage.overwrite(name, bytes.map { $0 ^ 1 })
        }
        let secret = box.secret
        let alone = try Repository.open(
            far(), directories: directories, fromStorageAlone: true
        ) { _ in secret }
        #expect(throws: RepositoryError.self) {
            let report = try verify(entry, of: alone, progress: Progress(), observer: { _ in })
            if !report.issues.isEmpty {
                throw RepositoryError.damaged(object: "it", reason: "is damaged", affects: nil)
            }
        }
    }
}
