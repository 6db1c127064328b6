import VarveSystem

/// Looks which of the paths that were asked for are there, and are not left out by a pattern.
struct SourceFinding {
    private let observer: ArchiveObserver
    private let rules: ExcludeRules
    private let own: [EntryIdentity: String]
    /// Whether there are no other sources than paths.
    private let isAlone: Bool

    /// `own` are Varve's own directories.
    init(
        _ observer: @escaping ArchiveObserver, _ rules: ExcludeRules, own: [String],
        isAlone: Bool = true
    ) {
        self.isAlone = isAlone
        self.observer = observer
        self.rules = rules
        self.own = EntryIdentity.of(own)
    }

    /// The sources among `paths`; what does not exist is told, or thrown when nothing does and there is
    /// nothing else to take.
    func find(_ paths: [[UInt8]]) throws -> SourcePaths {
        guard !isAlone || !paths.isEmpty else { throw ArchiveError.noSources }
        let present = try present(paths)
        let chosen = present.filter { path in
            guard let exclusion = exclusion(of: path) else {
                noteMarker(in: path)
                return true
            }
            let shown = Self.shown(path)
            observer(.excluded(shown, exclusion))
            observer(
                .noted(
                    path: shown,
                    reason: "it is named as a source, and left out all the same: "
                        + exclusion.reason))
            return false
        }
        guard !isAlone || !chosen.isEmpty else { throw ArchiveError.everySourceExcluded }
        return SourcePaths(chosen)
    }

    private func noteMarker(in path: [UInt8]) {
        guard !rules.markers.isEmpty, let directory = try? File.openDirectory(path) else { return }
        let marker = rules.markers.first { marker in
            marker.marks(directory) { (try? directory.status(of: $0)) != nil }
        }
        guard let marker else { return }
        observer(
            .noted(
                path: Self.shown(path),
                reason: "it is named as a source, and left out all the same: "
                    + Exclusion.marker(marker).reason))
    }

    private func exclusion(of path: [UInt8]) -> Exclusion? {
        liesInOwn(path) ? .own : rules.exclusion(ofSource: path)
    }

    /// Whether the path, or what it lies in, is one of Varve's own directories.
    private func liesInOwn(_ path: [UInt8]) -> Bool {
        var above = path
        while !above.isEmpty, !own.isEmpty {
            if let status = try? File.status(of: above, follow: above.count < path.count),
                own[EntryIdentity(status)] != nil
            {
                return true
            }
            above = Array(above[..<(above.lastIndex(of: UInt8(ascii: "/")) ?? 0)])
        }
        return false
    }

    /// The absolute paths of what exists.
    private func present(_ paths: [[UInt8]]) throws -> [[UInt8]] {
        let working = try File.realPath(Array(".".utf8))
        var present: [[UInt8]] = []
        var failures: [(path: String, error: SystemError)] = []
        for path in paths {
            do throws(SystemError) {
                _ = try File.status(of: path, follow: false)
                present.append(try SourcePaths.absolute(path, from: working))
            } catch {
                failures.append((Self.shown(path), error))
            }
        }
        // Without anything to take the last one is the error, and not told twice.
        let last = isAlone && present.isEmpty ? failures.popLast() : nil
        for (path, error) in failures {
            observer(.failed(path: path, reason: error.reason))
        }
        if let (path, error) = last {
            throw error.isMissing
                ? ArchiveError.missingSource(path: path)
                : .unreadableSource(path: path, reason: error.reason)
        }
        return present
    }

    private static func shown(_ path: [UInt8]) -> String { RawText.text(path) }
}
