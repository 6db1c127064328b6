import VarveFormat
public import VarveRepository

/// What this machine remembers of a repository that it has synced to.
public struct SyncedDestination: Sendable, Equatable {
    public var location: String
    /// Files that hold what opens it; nil when the key of the source does.
    public var keyFile: String?
    public var passphraseFile: String?
    /// When the last sync ended, and how new the newest snapshot there was; nanoseconds since 1970.
    public var time: Int64
    public var newest: Int64?

    public init(
        location: String, keyFile: String?, passphraseFile: String?, time: Int64, newest: Int64?
    ) {
        self.location = location
        self.keyFile = keyFile
        self.passphraseFile = passphraseFile
        self.time = time
        self.newest = newest
    }

    /// Texts go in hexadecimal digits, for a path may hold anything.
    fileprivate init?(line: Substring) {
        let fields = line.split(separator: " ")
        guard fields.count == 5, let time = Int64(fields[0]),
            let location = Self.text(fields[2])
        else { return nil }
        self.init(
            location: location, keyFile: Self.text(fields[3]),
            passphraseFile: Self.text(fields[4]), time: time, newest: Int64(fields[1]))
    }

    fileprivate var line: Substring {
        let texts = [location, keyFile, passphraseFile].map { text in
            text.map { Hex.encode(Array($0.utf8)) } ?? "-"
        }
        return Substring(
            ([String(time), newest.map { String($0) } ?? "-"] + texts).joined(separator: " "))
    }

    private static func text(_ field: Substring) -> String? {
        Hex.decode(String(field)).map { String(decoding: $0, as: UTF8.self) }
    }
}

extension Repository {
    private var rememberedDestinations: RememberedLines? {
        stateDirectory.map { RememberedLines(id.hex, in: $0 + "/destinations") }
    }

    /// The repositories that this machine has synced this one to, by their locations.
    public var syncedDestinations: [SyncedDestination] {
        (rememberedDestinations?.lines ?? []).compactMap { SyncedDestination(line: $0) }
            .sorted { $0.location < $1.location }
    }

    /// Remembers a destination, in place of what was known of it.
    public func remember(_ destination: SyncedDestination) {
        let others = syncedDestinations.filter { $0.location != destination.location }
        rememberedDestinations?.save((others + [destination]).map(\.line))
    }

    /// Remembers no destination there any more; false when there was none.
    public func forgetDestination(_ location: String) -> Bool {
        let all = syncedDestinations
        let others = all.filter { $0.location != location }
        guard others.count < all.count else { return false }
        rememberedDestinations?.save(others.map(\.line))
        return true
    }

    /// When the newest snapshot was taken as it says itself, and never later than it was committed;
    /// nanoseconds since 1970.
    public func newestTaken() throws -> Int64? {
        let dating = try SnapshotDating(of: self)
        return state.snapshots.map { dating.surelyTaken($0) }.max()
    }
}

/// How one destination stands beside its source.
public struct DestinationStatus: Sendable {
    public var remembered: SyncedDestination
    /// How many snapshots it has, and how many of the source's it lacks; nil when it cannot be reached.
    public var snapshots: Int?
    public var missing: Int?
    /// When the newest one was taken, as was last known; nanoseconds since 1970.
    public var newest: Int64?
    /// Why it cannot be reached.
    public var failure: String?

    /// Of a destination that was opened.
    public init(
        _ remembered: SyncedDestination, _ destination: Repository, of source: Repository
    ) throws {
        self.remembered = remembered
        let there = Set(destination.state.snapshots.map(\.id))
        snapshots = there.count
        missing = source.state.snapshots.count { !there.contains($0.id) }
        newest = try destination.newestTaken()
    }

    /// Of one that cannot be reached.
    public init(_ remembered: SyncedDestination, failure: String) {
        self.remembered = remembered
        self.failure = failure
        newest = remembered.newest
    }

    /// Nanoseconds from the newest snapshot to `now`; nil without one.
    public func age(at now: Int64) -> Int64? {
        newest.map { max(0, now.subtractingReportingOverflow($0).partialValue) }
    }
}
