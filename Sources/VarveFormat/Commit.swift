/// A snapshot becomes visible, with the index of what it added.
public struct Commit: Sendable, Equatable {
    public var snapshot: SnapshotID
    public var manifest: ManifestID
    public var segments: [SegmentID]
    public var summary: SnapshotSummary
    /// The number of the first hold of the session that commits; 0 when it had none.
    public var firstHold: UInt64

    public init(
        snapshot: SnapshotID, manifest: ManifestID, segments: [SegmentID],
        summary: SnapshotSummary, firstHold: UInt64 = 0
    ) {
        self.snapshot = snapshot
        self.manifest = manifest
        self.segments = segments
        self.summary = summary
        self.firstHold = firstHold
    }

    func encode(into writer: inout ByteWriter) {
        writer.write(snapshot)
        writer.write(manifest)
        writer.write(ids: segments)
        summary.encode(into: &writer)
        writer.write(varint: firstHold)
    }

    init(_ reader: inout ByteReader) throws(FormatError) {
        snapshot = try reader.identifier()
        manifest = try reader.identifier()
        segments = try reader.ids()
        summary = try SnapshotSummary(&reader)
        firstHold = try reader.varint()
    }
}

/// A running writer's segments, which no snapshot names yet and no sweep may take.
public struct Hold: Sendable, Equatable {
    public var session: SessionID
    public var segments: [SegmentID]

    public init(session: SessionID, segments: [SegmentID]) {
        self.session = session
        self.segments = segments
    }

    func encode(into writer: inout ByteWriter) {
        writer.write(raw: session.bytes)
        writer.write(ids: segments)
    }

    init(_ reader: inout ByteReader) throws(FormatError) {
        session = try SessionID(&reader)
        segments = try reader.ids()
    }
}
