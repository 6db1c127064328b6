import TestSupport
import Testing
import VarveArchive
import VarveFormat
import VarveRepository
import VarveStorage

@testable import VarveMaintenance

@Suite("On a far storage")
struct FarRequestTests {
    private let scene: Scene
    private let far: FarStorage

    init() throws {
        scene = try Scene()
        far = FarStorage(scene.storage, staging: scene.path + "/staging")
        var random = SeededNumbers(7)
        for number in 0..<6 {
            try scene.write("d\(number % 3)/f\(number)", random.bytes(300_000))
        }
        try scene.snapshot(try scene.open(far))
    }

    /// The requests that `body` makes.
    private func requests(_ body: () throws -> Void) rethrows -> [String] {
        far.reset()
        try body()
        return far.history
    }

    @Test("probe")
    func probe() throws {
        print("open", try requests { _ = try scene.open(far) })
        let repository = try scene.open(far)
        print("no change", try requests { try scene.snapshot(repository) })
        print("no change with open", try requests { try scene.snapshot(try scene.open(far)) })
        print("list", try requests { _ = try scene.open(far).state.snapshots })
        print(
            "ls",
            try requests {
                let repository = try scene.open(far)
                try scene.expectWhole(repository)
            })
        print("prune", try requests { _ = try scene.open(far).prune(PruneOptions()) })
        print("prune", try requests { _ = try scene.open(far).prune(PruneOptions()) })
        print("fresh", try requests { _ = try scene.expectWhole(try scene.open(far, machine: "two")) })
    }
}
