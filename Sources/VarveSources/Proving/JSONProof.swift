import VarveFormat
import VarveRepository
import VarveSystem

/// Parses a stored JSON file, and compares its sections with what the snapshot says of them.
struct JSONProof {
    let source: SnapshotManifest.Source

    func run(
        _ proof: inout SourceProof, _ entry: RepositoryState.SnapshotEntry,
        _ repository: Repository
    ) throws {
        let start = Clock.monotonicNanoseconds()
        let path = source.name.split(separator: UInt8(ascii: "/")).map(Array.init)
        let found = JSONReading.anchors(of: try JSONText.stored(path, entry, repository))
        for (pointer, fact) in source.anchors.sorted(by: { $0.key < $1.key })
        where found[pointer] != fact {
            proof.failures.append(
                "its section \(pointer.isEmpty ? "/" : pointer) is not what the snapshot says of it"
            )
        }
        guard proof.failures.isEmpty else { return }
        proof.isRestored = true
        proof.checks.append("a whole JSON text, and each section is what the snapshot says")
        proof.phases.append(
            ProofPhase(name: "checks", nanoseconds: Clock.monotonicNanoseconds() - start))
    }
}
