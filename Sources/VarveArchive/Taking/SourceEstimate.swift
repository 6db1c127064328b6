import Synchronization
import VarveSystem

/// Counts what a first snapshot has before it, so that whoever watches sees how long it takes.
///
/// It runs beside the snapshot and changes nothing; errors are not its concern.
final class SourceEstimate: Sendable {
    private struct Total {
        var files = 0
        var bytes = 0

        mutating func add(_ status: FileStatus) {
            files += 1
            bytes &+= Int(status.size)
        }
    }

    private let rules: ExcludeRules
    private let isOver = Atomic(false)

    private init(_ rules: ExcludeRules) { self.rules = rules }

    /// Counts beside `body`, and tells `progress`, unless `body` ends first.
    static func run<Answer>(
        _ paths: [[UInt8]], _ rules: ExcludeRules, _ progress: Progress,
        beside body: () throws -> Answer
    ) throws -> Answer {
        let estimate = SourceEstimate(rules)
        let thread = try WorkerThreads.start(count: 1, name: "estimate") { _ in
            var total = Total()
            for path in paths { estimate.count(source: path, &total) }
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

    private func count(source path: [UInt8], _ total: inout Total) {
        guard let status = try? File.status(of: path, follow: false) else { return }
        guard status.kind == .directory else { return total.add(status) }
        do {
            let path = path == [UInt8(ascii: "/")] ? [] : path
            count(try File.openDirectory(path + [UInt8(ascii: "/")]), path, status.device, &total)
        } catch {
            // The snapshot itself says so.
            return
        }
    }

    private func count(
        _ directory: borrowing File, _ path: [UInt8], _ device: UInt64, _ total: inout Total,
        depth: Int = 0
    ) {
        guard depth < Self.depthMax, let entries = try? directory.entries(),
            !rules.markers.contains(where: { marker in
                marker.marks(directory) { name in entries.contains { $0.name == name } }
            })
        else { return }
        for entry in entries {
            if isOver.load(ordering: .relaxed) { return }
            guard [.directory, .regular, .unknown].contains(entry.kind),
                let status = try? directory.status(of: entry.name, follow: false),
                rules.exclusion(of: entry.name, status, in: path) == nil,
                !rules.oneFileSystem || status.device == device
            else { continue }
            switch status.kind {
            case .regular: total.add(status)
            case .directory:
                guard let below = try? directory.openDirectory(entry.name) else { continue }
                count(
                    below, path + [UInt8(ascii: "/")] + entry.name, device, &total,
                    depth: depth + 1)
            default: continue
            }
        }
    }
}
