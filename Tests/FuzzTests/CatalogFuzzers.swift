import TestSupport
import VarveFormat
import VarveSystem

@testable import VarveCatalog

extension Fuzzer {
    static let catalog = [
        digested(
            Fuzzer(
                "edge file", errors: [], random: { $0.edgeFile() }, encode: { $0.file.encode() },
                decode: { EdgeFile(decoding: $0, repository: .zero).map(EdgeFileValue.init) })),
        Fuzzer(
            "edge table", errors: [CatalogError.self],
            sample: { numbers in
                let entries = numbers.edges()
                return written { writer in
                    for (id, count) in entries {
                        writer.write(id)
                        writer.write(count)
                    }
                }
            }, bytesPerItem: EdgeTable.entryBytes, decode: { try edges(in: $0) }),
        digested(
            Fuzzer(
                "catalog manifest", errors: [],
                random: { numbers in
                    CatalogManifest(
                        repository: .zero,
                        rows: numbers.list { .init(number: $0.word(), digest: $0.id()) })
                },
                encode: { $0.encode() },
                decode: { CatalogManifest(decoding: $0, repository: .zero) })),
        names,
        run,
    ]

    /// A fuzzer of bytes that end with the SHA-256 of those before.
    private static func digested(_ fuzzer: Fuzzer) -> Fuzzer {
        var fuzzer = fuzzer
        fuzzer.mend = { bytes in
            let body = Array(bytes.dropLast(32))
            return body + body.withUnsafeBytes { RunDigest(hashing: $0) }.bytes
        }
        return fuzzer
    }

    /// Scans a table that is said to be what it is, or to have an entry more.
    private static func edges(in bytes: [UInt8]) throws -> [ChunkID] {
        try withFile(bytes) { path in
            let digest = bytes.withUnsafeBytes { RunDigest(hashing: $0) }
            let count = (bytes.count + EdgeTable.entryBytes - 1) / EdgeTable.entryBytes
            let scan = try EdgeTableScan(EdgeTable(path: path, count: count, digest: digest))
            var ids: [ChunkID] = []
            while let id = scan.id {
                ids.append(id)
                try scan.advance()
            }
            try scan.finish()
            return ids
        }
    }

    private static let names = Fuzzer(
        "names of a run", errors: [FormatError.self, CatalogError.self],
        sample: { numbers in
            let names = numbers.runNames()
            return written { writer in
                writer.write(UInt32(names.packs.count))
                writer.write(UInt32(names.segments.count))
                writer.write(raw: names.encode())
            }
        }, bytesPerItem: 32,
        decode: { bytes in
            try bytes.withUnsafeBytes { bytes in
                var reader = ByteReader(bytes)
                let packs = Int(try reader.integer(UInt32.self))
                let segments = Int(try reader.integer(UInt32.self))
                let names = try RunNames(
                    decoding: try reader.take(reader.remaining), packCount: packs,
                    segmentCount: segments)
                return names.packs.map(\.bytes) + names.segments.map(\.bytes)
            }
        })

    /// Opens a run and reads all its buckets.
    private static var run: Fuzzer {
        var fuzzer = Fuzzer(
            "run", errors: [CatalogError.self], sample: { try $0.run() }, bytesPerItem: 12,
            decode: { bytes -> [UInt64]? in
                guard let digest = RunDigest(bytes.suffix(32)) else { return nil }
                return try withFile(bytes) { path in
                    var packs = PackTable()
                    let run = try Run(
                        try File.openToRead(path), number: 1, digest: digest, repository: .zero,
                        packTable: &packs)
                    return try entries(of: run.chunks, in: run)
                        + entries(of: run.features, in: run)
                }
            })
        fuzzer.mend = mended(run:)
        // Each writes and reads several files.
        fuzzer.share = 4
        return fuzzer
    }

    private static func entries(of table: SortedTable, in run: Run) throws -> [UInt64] {
        var keys: [UInt64] = []
        var buffer = BucketBuffer()
        // Of as many buckets as a run of this size may have; there are few.
        for bucket in 0..<table.bucketCount {
            try table.load(bucket, of: run, into: &buffer)
            for index in 0..<buffer.count {
                keys.append(buffer[index].loadUnaligned(as: UInt64.self))
            }
            _ = buffer.lowerBound(UInt64(bucket))
            guard keys.count <= table.count else { throw CatalogError.damaged }
        }
        return keys
    }

    /// Makes the digests of a run fit, where its trailer says where they are of.
    @Sendable private static func mended(run bytes: [UInt8]) -> [UInt8] {
        let start = bytes.count - RunTrailer.byteCount
        guard start >= 0 else { return bytes }
        var bytes = bytes
        func digest(_ range: Range<Int>) -> [UInt8] {
            bytes.withUnsafeBytes {
                RunDigest(hashing: UnsafeRawBufferPointer(rebasing: $0[range])).bytes
            }
        }
        bytes.replaceSubrange((start + 136)..., with: digest(start..<start + 136))
        let trailer = bytes.withUnsafeBytes { all in
            let part = UnsafeRawBufferPointer(rebasing: all[start...])
            return try? RunTrailer(decoding: part, digest: RunDigest(at: part.baseAddress! + 136))
        }
        guard let shape = trailer?.shape, shape.fileBytes == bytes.count else { return bytes }
        let resident = digest(shape.residentOffset..<shape.namesOffset)
        let names = digest(shape.namesOffset..<shape.trailerOffset)
        bytes.replaceSubrange((start + 72)..<(start + 136), with: resident + names)
        bytes.replaceSubrange((start + 136)..., with: digest(start..<start + 136))
        return bytes
    }

    private static func withFile<Value>(
        _ bytes: [UInt8], _ body: (String) throws -> Value
    ) throws -> Value {
        let path = (Environment.value("TMPDIR") ?? "/tmp") + "/varve-fuzzed-" + randomName()
        let file = try File.createExclusively(path)
        defer { try? File.remove(path) }
        try file.write(bytes)
        return try body(path)
    }
}

/// An edge file, to compare.
struct EdgeFileValue: Equatable {
    let file: EdgeFile

    static func == (a: Self, b: Self) -> Bool {
        a.file.repository == b.file.repository && a.file.snapshots == b.file.snapshots
            && a.file.branches == b.file.branches && a.file.changes == b.file.changes
            && a.file.table == b.file.table
            && a.file.tableCount == b.file.tableCount && a.file.tableDigest == b.file.tableDigest
    }
}

extension SeededNumbers {
    fileprivate mutating func stream() -> Reference.Stream {
        element([Reference.Stream.file, .directory, .statList])
    }

    fileprivate mutating func edgeFile() -> EdgeFileValue {
        var file = EdgeFile(
            repository: .zero, snapshots: [:], branches: [:], changes: [:], table: word(),
            tableCount: count(), tableDigest: id())
        for _ in 0..<below(4) {
            file.snapshots[id()] = list {
                Reference(id: $0.id(), bytes: $0.count(), stream: $0.stream(), levels: $0.below(9))
            }
        }
        for _ in 0..<below(4) {
            let branch = EdgeCounts.Branch(id: id(), stream: stream(), levels: below(9))
            file.branches[branch] = UInt32(truncatingIfNeeded: word())
        }
        for _ in 0..<below(4) { file.changes[id()] = Int64(bitPattern: word()) }
        return EdgeFileValue(file: file)
    }

    fileprivate mutating func edges() -> [(ChunkID, UInt32)] {
        list(0...20) { ($0.id(), UInt32(truncatingIfNeeded: $0.word())) }
            .sorted { $0.0 < $1.0 }
    }

    fileprivate mutating func runNames() -> RunNames {
        var names = RunNames()
        let segments = number(1...3)
        for _ in 0..<segments { names.append(id() as SegmentID) }
        for _ in 0..<below(4) { names.append(id() as PackID, segment: UInt32(below(segments))) }
        return names
    }

    /// The bytes of a run of a few entries.
    fileprivate mutating func run() throws -> [UInt8] {
        let path = (Environment.value("TMPDIR") ?? "/tmp") + "/varve-fuzzed-" + randomName()
        let names = runNames()
        var writer = RunWriter(
            try File.createExclusively(path), chunksMax: 200, featuresMax: 20)
        defer { try? File.remove(path) }
        let ids = list(0...30) { $0.id() as ChunkID }.sorted()
        for id in ids {
            let place = ChunkPlace(
                frameOffset: 0, frameBytes: 100, position: UInt16(below(9)), isDelta: flag(),
                rawBytes: 1)
            try withUnsafeTemporaryAllocation(byteCount: ChunkEntry.byteCount, alignment: 8) {
                ChunkEntry.write(id, place, to: $0.baseAddress!)
                try writer.append(ChunkEntry(pointer: UnsafeRawPointer($0.baseAddress!)))
            }
        }
        try writer.endChunks()
        for feature in list(0...20, { UInt32(truncatingIfNeeded: $0.next()) }).sorted() {
            try withUnsafeTemporaryAllocation(byteCount: FeatureEntry.byteCount, alignment: 8) {
                FeatureEntry.write(feature, 7, to: $0.baseAddress!)
                try writer.append(FeatureEntry(pointer: UnsafeRawPointer($0.baseAddress!)))
            }
        }
        _ = try writer.finish(names, repository: .zero)
        return try File.contents(of: path, limit: 1 << 20)
    }
}
