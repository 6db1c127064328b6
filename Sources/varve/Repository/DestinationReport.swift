import VarveFormat
import VarveMaintenance
import VarveRepository

/// What `status` shows of the repositories that this machine has synced to.
struct DestinationReport {
    let all: [DestinationStatus]
    let now: Int64
    /// How old the newest snapshot at each may be; nil when nobody asks.
    let secondsMax: Int?

    /// Opens each; one that cannot be reached is one line more, and no failure.
    init(of source: Repository, _ access: RepositoryAccess, now: Int64, secondsMax: Int?) throws {
        self.now = now
        self.secondsMax = secondsMax
        let known = source.syncedDestinations
        guard !known.isEmpty else {
            all = []
            return
        }
        let secret = try access.openWithSecret().secret
        all = known.map { one in
            do {
                let named = try SecretInput.named([
                    ("--to-key-file", one.keyFile.map(SecretInput.keyFile)),
                    ("--to-passphrase-file", one.passphraseFile.map(SecretInput.passphraseFile)),
                ])
                let place = try access.beside(one.location, named)
                guard let found = try place.openSibling(of: source, secret, isDry: true) else {
                    return DestinationStatus(one, failure: "there is no repository")
                }
                return try DestinationStatus(one, found, of: source)
            } catch {
                return DestinationStatus(one, failure: Failure(error).message)
            }
        }
    }

    /// What is too old; a destination that cannot be reached only once what was last seen there is.
    var failures: [String] {
        all.filter(isOld).map { one in
            let age = one.age(at: now).map { "the newest snapshot is \(StatusReport.age($0)) old" }
            return "\(Shown.text(one.remembered.location)): " + (age ?? "there is no snapshot")
        }
    }

    private func isOld(_ one: DestinationStatus) -> Bool {
        guard let secondsMax else { return false }
        return one.age(at: now).map { $0 / 1_000_000_000 > secondsMax } ?? true
    }

    var table: Table {
        var table = Table([
            ("Destination", .left), ("Newest", .left), ("Age", .right), ("Snapshots", .right),
            ("Missing", .right), ("Synced", .left), ("Remarks", .left),
        ])
        for one in all {
            table.add([
                Shown.text(one.remembered.location), one.newest.map(TimeText.local) ?? "",
                one.age(at: now).map(StatusReport.age) ?? "",
                one.snapshots.map { Amounts.count($0) } ?? "",
                one.missing.map { Amounts.count($0) } ?? "",
                TimeText.local(one.remembered.time),
                [
                    one.failure.map { "not reached: " + Shown.text($0) } ?? "",
                    isOld(one) ? "too old" : "",
                ].filter { !$0.isEmpty }.joined(separator: ", "),
            ])
        }
        return table
    }

    func json(_ one: DestinationStatus) -> JSONValue {
        [
            "message_type": "destination", "destination": .text(one.remembered.location),
            "reached": .flag(one.failure == nil), "error": .optional(one.failure),
            "snapshots_count": one.snapshots.map { .integer($0) } ?? .null,
            "snapshots_missing": one.missing.map { .integer($0) } ?? .null,
            "time": one.newest.map { .text(Timestamp.text(nanoseconds: $0)) } ?? .null,
            "age": one.age(at: now).map { .seconds(nanoseconds: $0) } ?? .null,
            "too_old": .flag(isOld(one)),
            "last_sync": .text(Timestamp.text(nanoseconds: one.remembered.time)),
        ]
    }
}
