import VarveFormat
import VarveSystem

/// The changing side of a catalog: its runs and how they become fewer.
///
/// Another process may change the same directory: whoever holds the lock takes over what the
/// manifest lists and publishes. Without the lock a run stays private: an open file without a
/// name, which the next change under the lock merges into a published one.
struct CatalogChanges: Sendable {
    /// A lookup asks each run, so there are never more (of each sort, private and published).
    private static let runsMax = 8
    /// Longer runs are not merged, so that all counts stay below 2^32.
    private static let mergedChunksMax = 1 << 30
    /// Runs of fewer chunks count as this long, so that many tiny ones become one at once.
    static let shortRunChunks = 4096

    let directory: CatalogDirectory
    let repository: RepositoryID
    private let shortRunChunks: Int
    /// Newest first; the first `privateCount` are in no manifest.
    private(set) var runs: [Run] = []
    private var privateCount = 0
    private(set) var packTable = PackTable()
    /// Runs that were dropped here although a manifest may still list them.
    private var rejected: Set<UInt64> = []
    var deadPacks: Set<PackID> = []
    var lost: [PackID: Set<ChunkID>] = [:]
    private(set) var liveSegments: Set<SegmentID>?
    /// Covered when `keepOnly` was last called and not to be kept; the next merge leaves them out.
    /// What other processes have added since is theirs to judge.
    private var unwanted: Set<SegmentID> = []

    init(directory: CatalogDirectory, repository: RepositoryID, shortRunChunks: Int) {
        self.directory = directory
        self.repository = repository
        self.shortRunChunks = shortRunChunks
        directory.withLock { isLocked in
            if isLocked {
                // What cannot be opened is damaged: it leaves the manifest and the directory.
                takeOver()
                publish()
            } else {
                // The other may remove a merged run between its manifest and our opening it.
                for _ in 0..<8 where takeOver() != published() {}
            }
        }
    }

    var state: CatalogState {
        CatalogState(
            runs: runs, packs: packTable.ids, deadPacks: deadPacks, liveSegments: liveSegments,
            lost: lost)
    }

    /// Adds a segment as a run and merges runs where that is due.
    mutating func add(_ entries: inout SegmentEntries) throws {
        try directory.withLock { isLocked in
            if isLocked { takeOver() }
            liveSegments?.insert(entries.segment)
            unwanted.remove(entries.segment)
            if runs.contains(where: { $0.segments.contains(entries.segment) }) { return }
            let (chunksMax, featuresMax) = (entries.chunkCount, entries.featureCount)
            let run = try makeRun(chunksMax: chunksMax, featuresMax: featuresMax) {
                [repository] writer in try entries.write(to: &writer, repository: repository)
            }
            runs.insert(run, at: 0)
            privateCount += 1
            try mergeNewest(mergeCount(isLocked: isLocked))
            if isLocked {
                // All private runs are one by now, and it still has its name.
                privateCount = 0
                publish()
            } else {
                for run in runs[..<privateCount] { directory.removeRun(run.number) }
            }
        }
    }

    /// Believes only packs of these segments, and drops runs that have none of them; other runs
    /// lose the rest when they are merged.
    mutating func keepOnly(_ segments: Set<SegmentID>) {
        directory.withLock { isLocked in
            if isLocked { takeOver() }
            liveSegments = segments
            reject { segments.isDisjoint(with: $0.segments) }
            unwanted = Set(runs.lazy.flatMap(\.segments).filter { !segments.contains($0) })
            if isLocked { publish() }
        }
    }

    /// Forgets everything.
    mutating func dropAll() {
        directory.withLock { isLocked in
            reject { _ in true }
            unwanted = []
            if isLocked { publish() }
        }
    }

    private mutating func reject(where isUnwanted: (Run) -> Bool) {
        rejected.formUnion(runs.filter(isUnwanted).map(\.number))
        privateCount = runs[..<privateCount].count { !isUnwanted($0) }
        runs.removeAll(where: isUnwanted)
    }

    /// Opens what the manifest lists, and keeps a run of ours only where it says more than that.
    @discardableResult
    private mutating func takeOver() -> CatalogManifest? {
        let manifest = directory.readManifest(of: repository)
        var listed: [Run] = []
        for row in manifest?.rows ?? [] where !rejected.contains(row.number) {
            if let run = runs.first(where: { $0.number == row.number }) {
                listed.append(run)
            } else if let run = try? openRun(row.number, row.digest) {
                listed.append(run)
            }
        }
        let covered = Set(listed.flatMap(\.segments))
        let numbers = Set(listed.map(\.number))
        let ours = runs.filter {
            !numbers.contains($0.number) && !covered.isSuperset(of: $0.segments)
        }
        runs = ours + listed
        privateCount = ours.count
        return manifest
    }

    private func published() -> CatalogManifest {
        let rows = runs[privateCount...].map {
            CatalogManifest.Row(number: $0.number, digest: $0.digest)
        }
        return CatalogManifest(repository: repository, rows: rows)
    }

    /// Puts the published runs in force, under the lock, and removes all other files.
    private func publish() {
        let manifest = published()
        if directory.readManifest(of: repository) != manifest {
            // Without a manifest the next process takes longer; this one loses nothing.
            guard (try? directory.write(manifest)) != nil else { return }
        }
        directory.removeStrays(keeping: manifest)
    }

    /// How many of the newest runs are to become one, at least 1.
    ///
    /// Under the lock all private ones, without it only private ones; then each older run that is
    /// less than twice as long as all newer ones together, so that lengths grow threefold.
    private func mergeCount(isLocked: Bool) -> Int {
        let candidates = isLocked ? runs[...] : runs[..<privateCount]
        var count = isLocked ? privateCount : 1
        var chunks = 0
        for run in candidates.prefix(count) { chunks += max(run.chunks.count, shortRunChunks) }
        while count < candidates.count {
            let next = max(candidates[count].chunks.count, shortRunChunks)
            let isOver = candidates.count - count + 1 > Self.runsMax
            guard isOver || next < 2 * chunks else { break }
            guard chunks + next <= Self.mergedChunksMax else { break }
            chunks += next
            count += 1
        }
        return count
    }

    private mutating func mergeNewest(_ count: Int) throws {
        guard count > 1 else { return }
        let merge = RunMerge(Array(runs[..<count]), packs: packTable.ids, unwanted: unwanted)
        let merged = try makeRun(chunksMax: merge.chunksMax, featuresMax: merge.featuresMax) {
            [repository] writer in try merge.write(to: &writer, repository: repository)
        }
        for run in runs[..<privateCount] { directory.removeRun(run.number) }
        runs.replaceSubrange(..<count, with: [merged])
        privateCount = max(privateCount - count, 0) + 1
    }

    private mutating func makeRun(
        chunksMax: Int, featuresMax: Int, _ body: (inout RunWriter) throws -> RunDigest
    ) throws -> Run {
        let number = UInt64.random(in: 1 ... .max)
        do {
            let file = try directory.createRun(number)
            // Not opened by its name afterwards: whoever has the lock removes it as a stray.
            let reading = try file.duplicate()
            var writer = RunWriter(file, chunksMax: chunksMax, featuresMax: featuresMax)
            let digest = try body(&writer)
            _ = consume writer
            return try open(reading, number, digest)
        } catch {
            directory.removeRun(number)
            throw error
        }
    }

    private mutating func openRun(_ number: UInt64, _ digest: RunDigest) throws -> Run {
        try open(try File.openToRead(directory.runPath(number)), number, digest)
    }

    private mutating func open(
        _ file: consuming File, _ number: UInt64, _ digest: RunDigest
    ) throws -> Run {
        try Run(
            file, number: number, digest: digest, repository: repository, packTable: &packTable)
    }
}
