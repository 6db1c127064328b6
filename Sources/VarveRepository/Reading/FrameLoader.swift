import VarveCatalog
import VarveCodec
import VarveFormat
import VarveStorage
import VarveSystem

/// One thread's way to read frames.
struct FrameLoader: ~Copyable {
    private let repository: Repository
    private var sealer: UnitSealer
    private var decompressor: Decompressor
    private var unit = ByteBuffer(capacity: 0)

    init(_ repository: Repository) throws {
        let sealer = try UnitSealer(repository.keys)
        let decompressor = try Decompressor()
        self.repository = repository
        self.sealer = sealer
        self.decompressor = decompressor
    }

    /// The frame at a place of the catalog; `stored` are its bytes where they were read already.
    mutating func frame(
        _ place: ChunkPlace, _ catalog: Catalog, _ cache: FrameCache,
        _ stored: UnsafeRawBufferPointer? = nil
    ) throws -> LoadedFrame {
        let pack = catalog.packID(place.pack)
        return try cache.value(FrameKey(pack: pack.prefix, offset: place.frameOffset)) {
            try load(
                pack, place.contents, offset: Int(place.frameOffset), Int(place.frameBytes), stored)
        }
    }

    /// Opens the frame that begins at `offset` of a pack into the cache, and returns where it ends; nil
    /// when what stands there is no frame of these contents, or cannot be read.
    mutating func open(
        _ pack: PackID, _ contents: PackContents, at offset: Int, _ cache: FrameCache
    ) throws -> Int? {
        guard let start = UInt32(exactly: offset) else { return nil }
        let name = ObjectName.pack(pack, contents)
        let header = try UnitHeader(
            UnsafeRawBufferPointer(read(name, contents, offset: offset, UnitHeader.byteCount)))
        // Behind the last frame stands the table of contents.
        guard header.kind == contents.unitKind else { return nil }
        let count = header.bodyBytes + UnitHeader.overhead
        let key = FrameKey(pack: pack.prefix, offset: start)
        _ = try cache.value(key) { try load(pack, contents, offset: offset, count) }
        return offset + count
    }

    /// The frame at a place of this session; nil while its pack cannot be read. It serves as a base only, and a
    /// base can be done without.
    mutating func frame(
        _ place: SessionPlace, _ packs: SessionPacks, _ cache: FrameCache
    ) throws -> LoadedFrame? {
        let key = FrameKey(pack: packs.key(place.packSlot), offset: place.frameOffset)
        do {
            return try cache.value(key) { try load(place, packs.source(place.packSlot)) }
        } catch is Unreadable {
            return nil
        }
    }

    /// The pack of a session cannot be read just now.
    private struct Unreadable: Error {}

    private mutating func load(
        _ place: SessionPlace, _ source: SessionPacks.Source
    ) throws -> LoadedFrame {
        let (offset, count) = (Int(place.frameOffset), Int(place.frameBytes))
        switch source {
        case .publishing: throw Unreadable()
        case .published(let id, let contents):
            return try load(id, contents, offset: offset, count)
        case .staged(let staged, let contents):
            let unit = room(count)
            do {
                try staged.read(at: offset, into: unit)
                return try open(unit, contents)
            } catch {
                // It was published in between, or is damaged.
                throw Unreadable()
            }
        }
    }

    /// Reads and opens the frame of `count` stored bytes at `offset`; only opens a copy of them when
    /// they are given.
    mutating func load(
        _ pack: PackID, _ contents: PackContents, offset: Int, _ count: Int,
        _ stored: UnsafeRawBufferPointer? = nil
    ) throws -> LoadedFrame {
        let name = ObjectName.pack(pack, contents)
        guard let stored else {
            return try open(read(name, contents, offset: offset, count), contents, name, offset)
        }
        let unit = room(count)
        unit.copyMemory(from: stored)
        return try open(unit, contents, name, offset)
    }

    /// The `count` stored bytes of a frame at `offset`; they stay until the next call.
    mutating func read(
        _ name: String, _ contents: PackContents, offset: Int, _ count: Int
    ) throws -> UnsafeMutableRawBufferPointer {
        guard count <= contents.unitKind.bodyLimit + UnitHeader.overhead else {
            throw RepositoryError.damaged(name, "a frame is above the limit")
        }
        let unit = room(count)
        do {
            try repository.storage.read(name, at: offset, into: unit)
        } catch {
            throw RepositoryError.reading(error)
        }
        return unit
    }

    /// Opens, in place, what was read at `offset` of a pack.
    mutating func open(
        _ unit: UnsafeMutableRawBufferPointer, _ contents: PackContents, _ name: String,
        _ offset: Int
    ) throws -> LoadedFrame {
        do {
            return try open(unit, contents)
        } catch let error as SealError {
            throw RepositoryError.damaged(name, "the frame at \(offset): \(error)")
        } catch let error as FormatError {
            throw RepositoryError.damaged(name, "the frame at \(offset): \(error)")
        }
    }

    private mutating func open(
        _ unit: UnsafeMutableRawBufferPointer, _ contents: PackContents
    ) throws -> LoadedFrame {
        let body = try sealer.open(contents.unitKind, unit)
        return try LoadedFrame(
            FrameView(body: UnsafeRawBufferPointer(body)), &decompressor, repository.frameMemory)
    }

    /// Fills `plain` with a delta of `frame`, applied to `base`.
    mutating func apply(
        _ delta: UnsafeRawBufferPointer, to base: UnsafeRawBufferPointer,
        into plain: UnsafeMutableRawBufferPointer
    ) throws(SealError) {
        try decompressor.fill(plain, from: delta, base: base)
    }

    private mutating func room(_ count: Int) -> UnsafeMutableRawBufferPointer {
        if unit.bytes.count < count { unit = ByteBuffer(capacity: count) }
        return UnsafeMutableRawBufferPointer(rebasing: unit.bytes[..<count])
    }
}
