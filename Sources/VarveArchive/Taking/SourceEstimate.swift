import Synchronization
import VarveSystem

/// Counts what a first snapshot has before it, so that whoever watches sees how long it takes.
///
/// It runs beside the snapshot and changes nothing; errors and excludes are not its concern.
final class SourceEstimate: Sendable {
    private let isOver = Atomic(false)

    /// Counts beside `body`, and tells `progress`, unless `body` ends first.
    static func run<Answer>(
        _ paths: [[UInt8]], _ progress: Progress, beside body: () throws -> Answer
    ) throws -> Answer {
        let estimate = SourceEstimate()
        let thread = try WorkerThreads.start(count: 1, name: "estimate") { _ in
            var total = (files: 0, bytes: 0)
            for path in paths.map({ String(decoding: $0, as: UTF8.self) }) {
                guard let status = try? File.status(of: path) else { continue }
                if status.kind == .directory {
                    estimate.count(path, &total)
                } else {
                    total = (total.files + 1, total.bytes &+ Int(status.size))
                }
            }
            guard !estimate.isOver.load(ordering: .relaxed) else { return }
            progress.expect(files: total.files, bytes: total.bytes)
        }
        defer {
            estimate.isOver.store(true, ordering: .relaxed)
            try? thread.join()
        }
        return try body()
    }

    /// Adds what is in a directory; deeper than this counts as nothing.
    private static let depthMax = 200

    private func count(_ path: String, _ total: inout (files: Int, bytes: Int)) {
        do {
            count(try File.openDirectory(path), &total)
        } catch {
            // The snapshot itself says so.
            return
        }
    }

    private func count(
        _ directory: borrowing File, _ total: inout (files: Int, bytes: Int), depth: Int = 0
    ) {
        guard depth < Self.depthMax, let entries = try? directory.entries() else { return }
        for entry in entries {
            if isOver.load(ordering: .relaxed) { return }
            switch entry.kind {
            case .directory:
                guard let below = try? directory.openDirectory(entry.name) else { continue }
                count(below, &total, depth: depth + 1)
            case .regular:
                guard let status = try? directory.status(of: entry.name, follow: false) else {
                    continue
                }
                total = (total.files + 1, total.bytes &+ Int(status.size))
            default: continue
            }
        }
    }
}
