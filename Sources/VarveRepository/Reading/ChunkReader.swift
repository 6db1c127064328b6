package import VarveCatalog
import VarveCodec
public import VarveFormat
import VarveStorage

/// One thread's way to read chunks.
public struct ChunkReader: ~Copyable {
    private let repository: Repository
    private let index: Index
    private var loader: FrameLoader
    private var cursor = CatalogCursor()
    private var plain = ByteBuffer(capacity: 0)
    private let ahead: FrameAhead?

    /// `ahead` opens the frames that follow those which `load` uses.
    public init(_ repository: Repository, ahead: FrameAhead? = nil) throws {
        let index = try repository.loadIndex()
        let loader = try FrameLoader(repository)
        self.ahead = ahead
        self.repository = repository
        self.index = index
        self.loader = loader
    }

    /// Calls `body` with the plain bytes of a chunk, which have been hashed again.
    ///
    /// Throws `.damaged` when no copy of it can be had.
    public mutating func load<Answer>(
        _ id: ChunkID, _ body: (UnsafeRawBufferPointer) throws -> Answer
    ) throws -> Answer {
        var damage: RepositoryError?
        // What maintenance has moved meanwhile is found at its new place.
        repeat {
            for place in try places(id) {
                do {
                    let frame = try loader.frame(place, index.catalog, repository.frames)
                    ahead?.used(place, index.catalog)
                    // Its bytes are lent to `body`, and no other thread may drop them meanwhile.
                    defer { withExtendedLifetime(frame) {} }
                    return try body(try bytes(id, at: Int(place.position), of: frame, place))
                } catch let error as RepositoryError {
                    guard case .damaged = error else { throw error }
                    damage = damage ?? error
                }
            }
        } while try damage != nil && hasGoneOn()
        throw damage ?? index.unknown(id)
    }

    /// Reads the log again; whether somebody appended to it.
    private func hasGoneOn() throws -> Bool {
        let number = repository.state.number
        try repository.refresh()
        return repository.state.number != number
    }

    /// The plain bytes of a chunk.
    public mutating func load(_ id: ChunkID) throws -> [UInt8] {
        try load(id) { Array($0) }
    }

    /// Where the chunk lies; when it is nowhere, the log is read again, for maintenance may have
    /// moved it.
    mutating func places(_ id: ChunkID) throws -> [ChunkPlace] {
        let found = try lookup(id)
        guard found.isEmpty else { return found }
        try repository.refresh()
        return try lookup(id)
    }

    private mutating func lookup(_ id: ChunkID) throws -> [ChunkPlace] {
        do {
            return try index.catalog.places(id, &cursor)
        } catch {
            try index.rebuild()
            return try index.catalog.places(id, &cursor)
        }
    }

    /// Where the first copy of a chunk lies; nil when it is nowhere.
    package mutating func firstPlace(_ id: ChunkID) throws -> ChunkPlace? {
        do {
            if let place = try index.catalog.lookup(id, &cursor) { return place }
        } catch {
            try index.rebuild()
        }
        return try places(id).first
    }

    /// A frame that is read for all chunks in it at once, and unless it is to be kept does not push others
    /// out of the cache; `stored` are its bytes where they were read already.
    mutating func frame(
        at place: ChunkPlace, _ stored: UnsafeRawBufferPointer? = nil, isKept: Bool = false
    ) throws -> LoadedFrame {
        // Deltas take little room, and several threads may read the same frame.
        if place.isDelta || isKept {
            return try loader.frame(place, index.catalog, repository.frames, stored)
        }
        return try loader.load(
            index.catalog.packID(place.pack), place.contents, offset: Int(place.frameOffset),
            Int(place.frameBytes), stored)
    }

    /// The plain bytes of the chunk at `position` of a frame; they stay until the next call.
    mutating func bytes(
        _ id: ChunkID, at position: Int, of frame: LoadedFrame, _ place: ChunkPlace
    ) throws -> UnsafeRawBufferPointer {
        guard let plain = try bytes(id, at: position, of: frame) else {
            throw damage(
                place,
                "chunk \(position) of the frame at \(place.frameOffset), or its base, is not \(id)")
        }
        return plain
    }

    /// The same; nil when what stands there is not the chunk. Throws when a base cannot be read.
    mutating func bytes(
        _ id: ChunkID, at position: Int, of frame: LoadedFrame
    ) throws -> UnsafeRawBufferPointer? {
        frame.isDelta ? try delta(id, at: position, of: frame) : frame.verified(position, id)
    }

    private mutating func delta(
        _ id: ChunkID, at position: Int, of frame: LoadedFrame
    ) throws -> UnsafeRawBufferPointer? {
        guard let delta = frame.stored(position), let base = frame.directory.chunks[position].base
        else { return nil }
        let byteCount = frame.directory.chunks[position].rawBytes
        if plain.bytes.count < byteCount { plain = ByteBuffer(capacity: byteCount) }
        let target = UnsafeMutableRawBufferPointer(rebasing: plain.bytes[..<byteCount])
        var unreadable: RepositoryError?
        for basePlace in try places(base) where !basePlace.isDelta {
            let baseFrame: LoadedFrame
            do {
                baseFrame = try loader.frame(basePlace, index.catalog, repository.frames)
                ahead?.used(basePlace, index.catalog)
            } catch let error as RepositoryError {
                guard case .damaged = error else { throw error }
                unreadable = error
                continue
            }
            guard let bytes = baseFrame.stored(Int(basePlace.position)) else { continue }
            do throws(SealError) {
                try loader.apply(delta, to: bytes, into: target)
            } catch {
                continue
            }
            withExtendedLifetime(baseFrame) {}
            if ChunkID(digestOf: UnsafeRawBufferPointer(target)) == id {
                return UnsafeRawBufferPointer(target)
            }
        }
        if let unreadable { throw unreadable }
        return nil
    }

    /// The plain bytes of whatever chunk stands at `position` of a frame; they stay until the next
    /// call. Nil when it is a delta whose base cannot be read.
    mutating func plain(
        at position: Int, of frame: LoadedFrame
    ) throws -> UnsafeRawBufferPointer? {
        guard let stored = frame.stored(position), frame.isDelta else {
            return frame.stored(position)
        }
        let chunk = frame.directory.chunks[position]
        guard let base = chunk.base else { return nil }
        if plain.bytes.count < chunk.rawBytes { plain = ByteBuffer(capacity: chunk.rawBytes) }
        let target = UnsafeMutableRawBufferPointer(rebasing: plain.bytes[..<chunk.rawBytes])
        for place in try places(base) where !place.isDelta {
            do {
                let baseFrame = try loader.frame(place, index.catalog, repository.frames)
                guard let bytes = baseFrame.verified(Int(place.position), base) else { continue }
                try loader.apply(stored, to: bytes, into: target)
                withExtendedLifetime(baseFrame) {}
                return UnsafeRawBufferPointer(target)
            } catch is SealError {
                continue
            } catch RepositoryError.damaged {
                continue
            }
        }
        return nil
    }

    private func damage(_ place: ChunkPlace, _ reason: String) -> RepositoryError {
        .damaged(
            ObjectName.pack(index.catalog.packID(place.pack), place.contents), reason)
    }
}
