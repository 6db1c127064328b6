import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveSystem

@testable import VarveArchive

/// Files of several windows: these are of three chunks of 5,000 bytes, and of two files.
@Suite("A restore in windows")
struct RestoreWindowTests {
    let box: Sandbox
    let repository: Repository
    /// 11 chunks: four windows.
    private let bytes = Array(lines(3_000, seed: 1).prefix(52_345))
    private let time: Int64 = 1_000_000_007_000_000_009

    init() throws {
        (box, repository) = try Sandbox.inMemory()
    }

    private func put(_ name: String, _ bytes: [UInt8], mtime: Int64 = 5) throws {
        try File.makeDirectories(box.target)
        let file = try File.createOrTruncate(box.target + "/" + name)
        try file.write(bytes)
        try file.setTimes(mtimeNanoseconds: mtime)
    }

    private func contents(_ name: String) throws -> [UInt8] {
        try File.contents(of: box.target + "/" + name, limit: 1 << 24)
    }

    private func restore(
        _ stored: RepositoryState.SnapshotEntry, _ change: (inout RestoreOptions) -> Void = { _ in }
    ) throws -> RestoreReport {
        try box.restore(stored, repository) {
            $0.window = RestoreLimits.Window(chunks: 3, files: 2, inPlaceMin: 0)
            change(&$0)
        }
    }

    private func flipped(_ places: Int...) -> [UInt8] {
        var bytes = bytes
        for place in places { bytes[place] ^= 1 }
        return bytes
    }

    /// What is there, and how much of the snapshot it lacks.
    private var spoiled: [(bytes: [UInt8], lacking: Int)] {
        [
            (flipped(7), 5_000), (flipped(52_344), 2_345), (flipped(26_000), 5_000),
            (flipped(7, 26_000, 51_000), 12_345), (flipped(7, 12_000, 17_000), 15_000),
            (bytes + [1, 2, 3], 0), (flipped(7) + [1, 2, 3], 5_000),
            (Array(bytes.prefix(20_000)), 32_345), (Array(bytes.prefix(12_345)), 42_345),
            (Array(flipped(7).prefix(20_000)), 37_345), ([], 52_345),
            // As an interrupted run may leave it.
            (Array(bytes.prefix(15_000)) + [UInt8](repeating: 0, count: 37_345), 37_345),
            ([UInt8](repeating: 0, count: 52_345), 52_345),
        ]
    }

    @Test("writes all that differs of a long file into the file, and no more")
    func longFile() throws {
        let stored = try box.store([.file("a", bytes), .file("b", [1])], repository)
        for rule in [OverwriteRule.always, .ifChanged] {
            for (index, spoiled) in spoiled.enumerated() {
                try put("a", spoiled.bytes)
                let report = try restore(stored) { $0.overwrite = rule }
                #expect(report.issues.isEmpty && report.filesChanged == 1)
                #expect(try contents("a") == bytes, "case \(index)")
                #expect(report.bytesWritten <= spoiled.lacking + 1, "case \(index)")
                let status = try File.status(of: box.target + "/a")
                #expect(status.mode == 0o640 && status.mtime == time)
            }
        }
    }

    @Test("leaves equal files as they are, and takes the word of size and time when it is told to")
    func equal() throws {
        let stored = try box.store([.file("a", bytes), .file("b", [1])], repository)
        #expect(try restore(stored).files == 2)
        let before = try listing(box.target)
        #expect(try restore(stored).filesUnchanged == 2)
        #expect(try listing(box.target) == before)
        try put("a", flipped(7, 51_000), mtime: time)
        #expect(try restore(stored) { $0.overwrite = .ifChanged }.bytesWritten == 0)
        #expect(try contents("a") == flipped(7, 51_000))
        #expect(try restore(stored).bytesWritten == 7_345)
        #expect(try contents("a") == bytes)
    }

    @Test("replaces a long file with further names as a whole, wherever it differs")
    func otherNames() throws {
        let stored = try box.store([.file("a", bytes), .file("b", [1])], repository)
        for (index, spoiled) in spoiled.enumerated() {
            try put("a", spoiled.bytes)
            let outside = box.path + "/outside \(index)"
            try File.link(box.target + "/a", to: outside)
            let report = try restore(stored)
            #expect(report.issues.isEmpty && report.filesChanged == 1)
            #expect(try contents("a") == bytes, "case \(index)")
            #expect(try File.contents(of: outside, limit: 1 << 20) == spoiled.bytes)
        }
    }

    @Test("makes hard links of files that are windows apart")
    func hardLinks() throws {
        let stored = try box.store(
            [
                .file("a", bytes, group: 1), .file("b", bytes), .file("c", bytes, group: 1),
                .directory("d", [.file("e", bytes, group: 1), .file("f", [])]),
            ], repository)
        for spoiled in spoiled {
            removeTree(box.target)
            try put("a", spoiled.bytes)
            try put("b", spoiled.bytes)
            #expect(try restore(stored).issues.isEmpty)
            for name in ["a", "b", "c", "d/e"] { #expect(try contents(name) == bytes) }
            let inodes = try ["a", "c", "d/e"].map { try File.status(of: box.target + "/" + $0) }
            #expect(Set(inodes.map(\.inode)).count == 1)
            try put("b", flipped(7, 51_000))
            #expect(try restore(stored) { $0.verifies = true }.issues.isEmpty)
            #expect(try contents("b") == bytes)
        }
    }
}
