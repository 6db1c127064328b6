/// What the records of the log before one number add up to.
///
/// Every list is in the order in which its items came.
public struct RepositoryState: Sendable, Equatable {
    public struct SnapshotEntry: Sendable, Equatable {
        public var id: SnapshotID
        public var manifest: ManifestID
        /// The number of the commit.
        public var recordNumber: UInt64
        /// The number of the first hold before the commit; 0 when there was none.
        public var firstHold: UInt64
        /// As amended.
        public var summary: SnapshotSummary
        public var isPinned: Bool
        /// Empty until it is amended.
        public var grade: String
        /// Empty while no damage is known.
        public var damage: String

        public init(
            id: SnapshotID, manifest: ManifestID, recordNumber: UInt64, firstHold: UInt64 = 0,
            summary: SnapshotSummary, isPinned: Bool = false, grade: String = "",
            damage: String = ""
        ) {
            self.id = id
            self.manifest = manifest
            self.recordNumber = recordNumber
            self.firstHold = firstHold
            self.summary = summary
            self.isPinned = isPinned
            self.grade = grade
            self.damage = damage
        }
    }

    /// An object that was condemned or swept, and the number of the record that did it.
    public struct MarkedObject: Hashable, Sendable {
        public var object: ObjectReference
        public var recordNumber: UInt64

        public init(object: ObjectReference, recordNumber: UInt64) {
            self.object = object
            self.recordNumber = recordNumber
        }
    }

    public struct HoldEntry: Sendable, Equatable {
        public var session: SessionID
        /// The number of the hold.
        public var recordNumber: UInt64
        public var segments: [SegmentID]

        public init(session: SessionID, recordNumber: UInt64, segments: [SegmentID]) {
            self.session = session
            self.recordNumber = recordNumber
            self.segments = segments
        }
    }

    /// The number of the next record to apply: the state is the sum of all records before it.
    ///
    /// So the state that a checkpoint or a mend names has that record's own number.
    public var number: UInt64
    /// As record 0 says.
    public var parameters: RepositoryParameters
    /// The keyring in force.
    public var keyringObject: KeyringObjectID
    /// The last checkpoint record before `number`; zero when there is none.
    public var lastCheckpoint: RecordHash
    public var snapshots: [SnapshotEntry] = []
    /// What the index consists of; held segments are not in it.
    public var segments: [SegmentID] = []
    public var condemned: [MarkedObject] = []
    /// Packs that were swept, so that no writer believes in them again; kept until they are swept
    /// once more, since no segment names them.
    public var swept: [MarkedObject] = []
    public var holds: [HoldEntry] = []
    public var lost: [LostCopy] = []

    /// The state after record 0.
    public init(initial parameters: RepositoryParameters) {
        number = 1
        self.parameters = parameters
        keyringObject = parameters.keyringObject
        lastCheckpoint = .zero
    }
}

extension RepositoryState {
    public var condemnedPacks: Set<PackID> { Set(condemned.compactMap(\.object.pack)) }
    public var condemnedSegments: Set<SegmentID> { Set(condemned.compactMap(\.object.segment)) }
    public var sweptPacks: Set<PackID> { Set(swept.compactMap(\.object.pack)) }
    /// Those that are not condemned: what they name is named for good.
    public var standingSegments: [SegmentID] {
        let condemned = condemnedSegments
        return segments.filter { !condemned.contains($0) }
    }
}
