import TestSupport
import Testing
import VarveFormat
import VarveRepository

@testable import VarveMaintenance

@Suite("Scattered snapshots")
struct RegroupingTests {
    /// What the newest snapshot needs lies one file, or one base of a delta, to a frame.
    @Test("are put in order, and stay whole", arguments: [false, true])
    func scattered(areDeltas: Bool) throws {
        var random = SeededNumbers(5)
        let scene = try Scene(packBytes: 2 << 20)
        let repository = try scene.open()
        var files: [(name: String, bytes: [UInt8])] = []
        for number in 0..<96 {
            files.append(("d\(number / 24)/f\(number)", random.bytes(60_000)))
            try scene.write(files[number].name, files[number].bytes)
        }
        try scene.snapshot(repository)
        scene.pass(seconds: 60)
        for (number, file) in files.enumerated() {
            if number % 16 != 0 {
                try scene.remove(file.name)
            } else if areDeltas {
                var bytes = file.bytes
                for _ in 0..<3 { bytes[random.below(bytes.count)] ^= 1 }
                try scene.write(file.name, bytes)
            }
        }
        try scene.snapshot(repository)
        #expect(try cost(repository).isScattered)
        scene.pass(seconds: 60)
        let report = try repository.prune(PruneOptions())
        #expect(report.bytesWritten > 0)
        try repository.refresh()
        let after = try cost(repository)
        // Each delta needs its base as well.
        let bases = areDeltas ? after.bytes : 0
        #expect(after.bytesDecompressed <= after.bytes * 5 / 4 + bases)
        try scene.expectWhole()
        scene.pass(seconds: 8 * Scene.day)
        _ = try repository.prune(PruneOptions())
        try scene.expectWhole()
        let plan = try repository.planPrune(PruneOptions())
        #expect(plan.packs.allSatisfy { $0.fate == .stays } && plan.packs.count > 1)
    }

    private func cost(_ repository: Repository) throws -> ReadingCost {
        var mark = try Mark(repository)
        let state = repository.state
        let use = try RepositoryUse(
            repository, state, &mark, leaving: state.condemnedPacks)
        return try ReadingCost(
            repository.references(try #require(state.snapshots.last)), repository,
            repository.catalog(following: state), use)
    }
}
