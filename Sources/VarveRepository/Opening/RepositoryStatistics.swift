import VarveCatalog
import VarveFormat
import VarveStorage

/// How large a repository is, and what each step of storing brought.
public struct RepositoryStatistics: Sendable {
    public var snapshots = 0
    /// Files of all snapshots, each counted as often as a snapshot holds it.
    public var files = 0
    /// Bytes of those files.
    public var bytesRaw = 0
    /// Different chunks, and their plain bytes.
    public var chunks = 0
    public var bytesDeduplicated = 0
    /// Bytes of all packs.
    public var bytesStored = 0
    /// Plain bytes of the chunks that are stored as differences, and what these take.
    public var bytesSimilar = 0
    public var bytesSimilarStored = 0
    /// Plain bytes of the chunks that are stored whole, and what their frames take.
    public var bytesFull = 0
    public var bytesFullStored = 0
    public var packs = 0
    public var segments = 0
    /// Stored bytes of packs with file content, and of packs with trees and lists.
    public var bytesData = 0
    public var bytesMetadata = 0
}

extension Repository {
    /// Adds up the index and the log; reads no pack.
    public func statistics() throws -> RepositoryStatistics {
        let index = try loadIndex()
        let state = state
        var total = RepositoryStatistics()
        total.snapshots = state.snapshots.count
        total.segments = state.segments.count
        for entry in state.snapshots {
            total.files += entry.summary.files
            total.bytesRaw += entry.summary.bytes
        }
        var known: Set<ChunkID> = []
        let condemned = state.condemnedSegments
        for id in state.segments {
            do {
                for pack in try index.load(id).packs { total.add(pack, &known) }
            } catch RepositoryError.damaged where condemned.contains(id) {
                // Others name what it named.
            }
        }
        total.chunks = known.count
        return total
    }
}

extension RepositoryStatistics {
    fileprivate mutating func add(_ pack: Segment.Pack, _ known: inout Set<ChunkID>) {
        packs += 1
        bytesStored += pack.bytes
        switch pack.table.contents {
        case .data: bytesData += pack.bytes
        case .metadata: bytesMetadata += pack.bytes
        }
        for frame in pack.table.frames {
            let plain = frame.chunks.reduce(0) { $0 + $1.rawBytes }
            if frame.codec == .delta {
                bytesSimilar += plain
                bytesSimilarStored += frame.bytes
            } else {
                bytesFull += plain
                bytesFullStored += frame.bytes
            }
            for chunk in frame.chunks where known.insert(chunk.id).inserted {
                bytesDeduplicated += chunk.rawBytes
            }
        }
    }
}
