/// Objects that nothing needs, and the index of the packs written in their place.
public struct Condemnation: Sendable, Equatable {
    public var objects: [ObjectReference]
    public var replacements: [SegmentID]

    public init(objects: [ObjectReference], replacements: [SegmentID] = []) {
        self.objects = objects
        self.replacements = replacements
    }

    func encode(into writer: inout ByteWriter) {
        writer.write(objects: objects)
        writer.write(ids: replacements)
    }

    init(_ reader: inout ByteReader) throws(FormatError) {
        objects = try reader.objects()
        replacements = try reader.ids()
    }
}

/// A damaged copy of a chunk, which no longer resolves.
///
/// With zeros for the pack: the chunk is lost, and no copy of it is known.
public struct LostCopy: Hashable, Sendable {
    public var chunk: ChunkID
    public var pack: PackID

    public init(chunk: ChunkID, pack: PackID) {
        self.chunk = chunk
        self.pack = pack
    }

    func encode(into writer: inout ByteWriter) {
        writer.write(chunk)
        writer.write(pack)
    }

    init(_ reader: inout ByteReader) throws(FormatError) {
        chunk = try reader.identifier()
        pack = try reader.identifier()
    }
}

extension ByteWriter {
    mutating func write(objects: [ObjectReference]) {
        write(count: objects.count)
        for object in objects { object.encode(into: &self) }
    }

    mutating func write(copies: [LostCopy]) {
        write(count: copies.count)
        for copy in copies { copy.encode(into: &self) }
    }
}

extension ByteReader {
    mutating func objects() throws(FormatError) -> [ObjectReference] {
        try list(ofBytes: ObjectReference.encodedBytes) { reader throws(FormatError) in
            try ObjectReference(&reader)
        }
    }

    mutating func copies() throws(FormatError) -> [LostCopy] {
        try list(ofBytes: 64) { reader throws(FormatError) in try LostCopy(&reader) }
    }
}
