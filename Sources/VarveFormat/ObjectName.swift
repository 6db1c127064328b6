/// The names under which a repository's objects lie in its storage.
public enum ObjectName {
    public static let repository = "varve.json"
    public static let slots = "keys/"
    public static let keyrings = "keyrings/"
    public static let log = "log/"
    public static let states = "state/"
    public static let snapshots = "snapshots/"
    public static let segments = "index/"
    public static let packs = "packs/"
    public static let dataPacks = "packs/data/"

    /// Whether an object of this name can only come from a repository that was complete once.
    public static func isPartOfRepository(_ name: String) -> Bool {
        [log, keyrings, states, snapshots, segments, packs].contains { name.hasPrefix($0) }
    }

    /// Whether an object of this name is neither a slot nor left over from an `init`.
    public static func isForeign(_ name: String) -> Bool {
        !name.hasPrefix(slots) && !name.hasPrefix("probe/")
    }

    public static func slot(_ id: SlotID) -> String { slots + id.hex }
    public static func keyring(_ id: KeyringObjectID) -> String { keyrings + id.hex }
    public static func state(_ id: StateID) -> String { states + id.hex }
    public static func manifest(_ id: ManifestID) -> String { snapshots + id.hex }
    public static func segment(_ id: SegmentID) -> String { segments + id.hex }

    public static func record(_ number: UInt64) -> String {
        let digits = String(number)
        return log + String(repeating: "0", count: 20 - digits.count) + digits
    }

    /// The number of a record's name, or nil when it is none.
    public static func recordNumber(_ name: String) -> UInt64? {
        let digits = name.dropFirst(log.count)
        guard name.hasPrefix(log), digits.utf8.count == 20,
            digits.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return UInt64(digits)
    }

    public static func pack(_ id: PackID, _ contents: PackContents) -> String {
        let hex = id.hex
        let folder = contents == .data ? dataPacks : "packs/meta/"
        return folder + hex.prefix(2) + "/" + hex
    }
}
