extension RepositoryState {
    public var encoded: [UInt8] {
        var writer = ByteWriter(reserving: 256 + snapshots.count * 256 + segments.count * 32)
        writer.write(number)
        parameters.encode(into: &writer)
        writer.write(keyringObject)
        writer.write(lastCheckpoint)
        writer.write(count: snapshots.count)
        for snapshot in snapshots { snapshot.encode(into: &writer) }
        writer.write(ids: segments)
        for list in [condemned, swept] {
            writer.write(count: list.count)
            for marked in list { marked.encode(into: &writer) }
        }
        writer.write(count: holds.count)
        for hold in holds { hold.encode(into: &writer) }
        writer.write(copies: lost)
        return writer.bytes
    }

    public init(_ bytes: [UInt8]) throws(FormatError) {
        self = try ByteReader.decode(bytes) { reader throws(FormatError) in
            let number = try reader.integer(UInt64.self)
            var state = RepositoryState(initial: try RepositoryParameters(&reader))
            state.number = number
            state.keyringObject = try reader.identifier()
            state.lastCheckpoint = try reader.identifier()
            state.snapshots = try reader.list(ofBytes: SnapshotEntry.encodedBytesMin) {
                item throws(FormatError) in try SnapshotEntry(&item)
            }
            state.segments = try reader.ids()
            state.condemned = try Self.marked(&reader)
            state.swept = try Self.marked(&reader)
            state.holds = try reader.list(ofBytes: HoldEntry.encodedBytesMin) {
                item throws(FormatError) in try HoldEntry(&item)
            }
            state.lost = try reader.copies()
            return state
        }
    }

    private static func marked(_ reader: inout ByteReader) throws(FormatError) -> [MarkedObject] {
        try reader.list(ofBytes: ObjectReference.encodedBytes + 1) { item throws(FormatError) in
            MarkedObject(
                object: try ObjectReference(&item), recordNumber: try item.varint())
        }
    }
}

extension RepositoryState.SnapshotEntry {
    /// Two ids, two numbers, an empty summary and three bytes.
    fileprivate static let encodedBytesMin = 64 + 2 + 29 + 3

    fileprivate func encode(into writer: inout ByteWriter) {
        writer.write(id)
        writer.write(manifest)
        writer.write(varint: recordNumber)
        writer.write(varint: firstHold)
        summary.encode(into: &writer)
        writer.write(UInt8(isPinned ? 1 : 0))
        writer.write(text: grade)
        writer.write(text: damage)
    }

    fileprivate init(_ reader: inout ByteReader) throws(FormatError) {
        id = try reader.identifier()
        manifest = try reader.identifier()
        recordNumber = try reader.varint()
        firstHold = try reader.varint()
        summary = try SnapshotSummary(&reader)
        isPinned = try reader.flag()
        grade = try reader.text()
        damage = try reader.text()
    }
}

extension RepositoryState.MarkedObject {
    fileprivate func encode(into writer: inout ByteWriter) {
        object.encode(into: &writer)
        writer.write(varint: recordNumber)
    }
}

extension RepositoryState.HoldEntry {
    fileprivate static let encodedBytesMin = 16 + 1 + 1

    fileprivate func encode(into writer: inout ByteWriter) {
        writer.write(raw: session.bytes)
        writer.write(varint: recordNumber)
        writer.write(ids: segments)
    }

    fileprivate init(_ reader: inout ByteReader) throws(FormatError) {
        session = try SessionID(&reader)
        recordNumber = try reader.varint()
        segments = try reader.ids()
    }
}
