import VarveCodec
import VarveCrypto
package import VarveFormat
import VarveStorage

/// One thread's way to look at every byte of packs.
///
/// A delta waits until it is applied with all others on bases of the same frame, so that each such
/// frame is opened once for all of them.
package struct PackCheck: ~Copyable {
    private let repository: Repository
    private var loader: FrameLoader
    /// Reads the bases of deltas.
    private var reader: ChunkReader
    private var damage = PackDamage()
    private var waiting: [WaitingDelta] = []

    /// Bytes behind the frames that are read at once.
    private static let pieceBytes = 1 << 20

    package init(_ repository: Repository) throws {
        let loader = try FrameLoader(repository)
        let reader = try ChunkReader(repository)
        self.repository = repository
        self.loader = loader
        self.reader = reader
    }

    /// Reads a pack from its first to its last byte: its name, its table of contents, each frame,
    /// each chunk; `segment` is one that names it. Deltas are not applied yet.
    package mutating func read(
        _ pack: IndexedPack, in segment: SegmentID
    ) throws -> (damage: PackDamage, waiting: [WaitingDelta]) {
        (damage, waiting) = (PackDamage(), [])
        var digest = SHA256Context()
        var isRead = true
        let table = try table(of: pack, in: segment)
        for frame in table.frames {
            isRead = try check(frame, of: pack, &digest) && isRead
        }
        isRead = try addRest(of: pack, from: table.frameBytes, &digest) && isRead
        var found = [UInt8](repeating: 0, count: SHA256.byteCount)
        found.withUnsafeMutableBytes { digest.finish(into: $0.baseAddress!) }
        if isRead, found != pack.id.bytes {
            damage.reasons.append("its content does not fit its name")
        }
        return (damage, waiting)
    }

    /// Reads a pack, and applies its deltas.
    package mutating func check(
        _ pack: IndexedPack, in segment: SegmentID
    ) throws -> PackDamage {
        var (damage, waiting) = try read(pack, in: segment)
        damage.add(try waiting.compactMap { try apply($0) })
        return damage
    }

    /// What is wrong with a delta.
    package mutating func apply(_ delta: WaitingDelta) throws -> ChunkFault? {
        try fault(delta.chunk, at: delta.position, of: delta.loaded, delta.frame)
    }

    /// The pack's own table of contents; that of the segment when it is another one.
    private mutating func table(
        of pack: IndexedPack, in segment: SegmentID
    ) throws -> TableOfContents {
        do {
            let own = try repository.tableOfContents(of: pack.name).table
            if own.digest == pack.tableDigest { return own }
            damage.reasons.append("its table of contents is not the one in the index")
        } catch {
            damage.reasons.append(try CheckFinding(error).reason)
        }
        if let named = try table(of: pack, named: [segment]) { return named }
        // A prune may have merged the segment with others, or swept the pack itself.
        try repository.refresh()
        return try table(of: pack, named: repository.state.segments)
            ?? TableOfContents(contents: pack.contents)
    }

    /// What the first of `segments` that can be read and names the pack says of it.
    private func table(
        of pack: IndexedPack, named segments: [SegmentID]
    ) throws -> TableOfContents? {
        for id in segments {
            do {
                let named = try repository.segment(id).packs.first { $0.id == pack.id }
                if let named { return named.table }
            } catch {
                _ = try CheckFinding(error)
            }
        }
        return nil
    }

    /// False when the stored bytes could not be read, so that no digest can be taken.
    private mutating func check(
        _ frame: TableOfContents.Frame, of pack: IndexedPack, _ digest: inout SHA256Context
    ) throws -> Bool {
        var isRead = false
        do {
            let unit = try loader.read(
                pack.name, pack.contents, offset: frame.offset, frame.bytes)
            digest.update(UnsafeRawBufferPointer(unit))
            isRead = true
            let loaded = try loader.open(unit, pack.contents, pack.name, frame.offset)
            guard loaded.holds(frame) else {
                throw RepositoryError.damaged(
                    pack.name,
                    "the frame at \(frame.offset) is not the one in its table of contents")
            }
            try check(loaded, frame, of: pack)
        } catch {
            damage.add(try CheckFinding(error).reason, losing: frame)
        }
        return isRead
    }

    private mutating func check(
        _ loaded: LoadedFrame, _ frame: TableOfContents.Frame, of pack: IndexedPack
    ) throws {
        let place = ChunkFault.Frame(
            pack: pack.id, offset: frame.offset, chunks: frame.chunks.count)
        var faults: [ChunkFault] = []
        for (position, chunk) in frame.chunks.enumerated() {
            if loaded.isDelta {
                let base = try chunk.base.flatMap { try reader.firstPlace($0) }
                waiting.append(
                    WaitingDelta(
                        chunk: chunk.id, frame: place, position: position, loaded: loaded,
                        base: base))
            } else if let fault = try fault(chunk.id, at: position, of: loaded, place) {
                faults.append(fault)
            }
        }
        damage.add(faults)
    }

    private mutating func fault(
        _ id: ChunkID, at position: Int, of loaded: LoadedFrame, _ frame: ChunkFault.Frame
    ) throws -> ChunkFault? {
        let kind: ChunkFault.Kind
        do {
            if try reader.bytes(id, at: position, of: loaded) != nil { return nil }
            let base = loaded.directory.chunks[position].base
            kind = try base.map { try reader.places($0).isEmpty } ?? false ? .baseNowhere : .wrong
        } catch {
            kind = .baseUnreadable(try CheckFinding(error))
        }
        return ChunkFault(frame: frame, chunk: id, kind: kind)
    }

    /// Adds what stands behind the frames to the digest.
    private mutating func addRest(
        of pack: IndexedPack, from start: Int, _ digest: inout SHA256Context
    ) throws -> Bool {
        var offset = start
        while offset < pack.bytes {
            let count = min(Self.pieceBytes, pack.bytes - offset)
            do {
                let piece = try repository.storage.read(pack.name, at: offset, count: count)
                piece.withUnsafeBytes { digest.update($0) }
            } catch {
                damage.reasons.append(try CheckFinding(error).reason)
                return false
            }
            offset += count
        }
        return true
    }
}

extension LoadedFrame {
    /// Whether its own directory says what a table of contents says of it.
    fileprivate func holds(_ frame: TableOfContents.Frame) -> Bool {
        directory.codec == frame.codec
            && directory.chunks.elementsEqual(frame.chunks) {
                $0.rawBytes == $1.rawBytes && $0.storedBytes == $1.storedBytes && $0.base == $1.base
            }
    }
}
