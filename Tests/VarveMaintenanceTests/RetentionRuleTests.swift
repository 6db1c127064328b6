import Testing
import VarveArchive
import VarveFormat

@testable import VarveMaintenance

/// What holds of every policy, tried on policies and snapshots that are drawn.
@Suite("Any policy")
struct RetentionRuleTests {
    private static let rounds = 300

    private func plan(
        _ snapshots: [JudgedSnapshot], _ rules: [RetentionRule],
        by grouping: RetentionGrouping = [.host, .source]
    ) throws -> RetentionPlan {
        RetentionPlan(
            snapshots, try #require(RetentionPolicy(rules)), by: grouping,
            SampleSnapshots.calendar, latest: Int64(SampleSnapshots.end))
    }

    private func kept(_ plan: RetentionPlan) -> Set<SnapshotID> { Set(plan.kept.map(\.id)) }

    /// Runs a body with another seed in every round, and says which one failed.
    private func rounds(_ body: (inout RandomRetention) throws -> Bool) rethrows {
        for seed in 0..<Self.rounds {
            var random = RandomRetention(UInt64(seed))
            #expect(try body(&random), "seed \(seed)")
        }
    }

    @Test("keeps or removes each snapshot once, with a reason for each that stays")
    func complete() throws {
        try rounds { random in
            let snapshots = random.snapshots()
            let plan = try plan(snapshots, random.rules(), by: random.grouping())
            let all = (plan.kept + plan.removed).map(\.recordNumber).sorted()
            return all == snapshots.map(\.entry.recordNumber).sorted()
                && plan.parts.allSatisfy { $0.kept.allSatisfy { !$0.reasons.isEmpty } }
        }
    }

    @Test("keeps no less when it has more rules")
    func moreRules() throws {
        try rounds { random in
            let (snapshots, rules) = (random.snapshots(), random.rules())
            let more = kept(try plan(snapshots, rules + random.rules()))
            return kept(try plan(snapshots, rules)).isSubset(of: more)
        }
    }

    @Test("removes nothing from what it has left")
    func twice() throws {
        try rounds { random in
            let (snapshots, rules) = (random.snapshots(), random.rules())
            let grouping = random.grouping()
            let first = try plan(snapshots, rules, by: grouping)
            let left = kept(first)
            let second = try plan(
                snapshots.filter { left.contains($0.entry.id) }, rules, by: grouping)
            return second.removed.isEmpty
        }
    }

    @Test("keeps what is pinned, and the newest commit of each group")
    func pinsAndNewest() throws {
        try rounds { random in
            let snapshots = random.snapshots()
            let grouping = random.grouping()
            let kept = kept(try plan(snapshots, random.rules(), by: grouping))
            let groups = Dictionary(grouping: snapshots) { RetentionGroup(of: $0, grouping) }
            let newest = groups.values.compactMap { members in
                members.max { $0.entry.recordNumber < $1.entry.recordNumber }
            }
            return (snapshots.filter(\.entry.isPinned) + newest).allSatisfy {
                kept.contains($0.entry.id)
            }
        }
    }

    @Test("is the same in whatever order snapshots come")
    func order() throws {
        try rounds { random in
            let (snapshots, rules) = (random.snapshots(), random.rules())
            let shuffled = snapshots.shuffled(using: &random.numbers)
            return try plan(snapshots, rules) == plan(shuffled, rules)
        }
    }

    @Test("keeps of what the storage vouches for the same, whatever is dated by hand beside it")
    func datedByHand() throws {
        try rounds { random in
            let (honest, rules) = (random.snapshots(datings: [.storage]), random.rules())
            let grouping = random.grouping()
            let others = random.snapshots(datings: [.hand, .origin], firstRecord: 1_000)
            let before = try plan(honest, rules, by: grouping)
            let after = try plan(honest + others, rules, by: grouping)
            return before.parts == after.parts.filter { $0.group.dating == .storage }
        }
    }

    @Test("keeps what was the newest of a period that was over before a client began to flood it")
    func flood() throws {
        try rounds { random in
            let calendar = SampleSnapshots.calendar
            let honest = random.snapshots(datings: [.storage])
            let start = random.moment()
            let window = start - SampleSnapshots.hour...SampleSnapshots.end + SampleSnapshots.hour
            let flood = random.flood(in: window, firstRecord: 1_000)
            for period in RetentionCalendar.Period.allCases {
                let count = random.count()
                let rule = RetentionRule.newest(period, .limited(count))
                let before = try plan(honest, [rule]).parts.flatMap(\.kept)
                let first = calendar.number(of: period, at: Int64(window.lowerBound))
                let ended = before.filter {
                    $0.reasons != [.newestCommit]
                        && calendar.number(of: period, at: $0.entry.summary.time) < first
                }
                let room = RetentionRule.newest(
                    period, .limited(count + Self.count(of: period, in: window)))
                let after = kept(try plan(honest + flood, [room]))
                guard ended.allSatisfy({ after.contains($0.entry.id) }) else { return false }
            }
            return true
        }
    }

    /// How many periods a stretch of time touches.
    private static func count(
        of period: RetentionCalendar.Period, in window: ClosedRange<Int>
    ) -> Int {
        let step = period == .hourly ? SampleSnapshots.hour : SampleSnapshots.day
        let moments = Array(stride(from: window.lowerBound, to: window.upperBound, by: step))
        let numbers = (moments + [window.upperBound]).map {
            SampleSnapshots.calendar.number(of: period, at: Int64($0))
        }
        return Set(numbers).count
    }

    @Test("measures ages from a time that a client moves by no more than its clock is off")
    func floodWithin() throws {
        try rounds { random in
            let honest = random.snapshots(datings: [.storage])
            let end = SampleSnapshots.end + SampleSnapshots.hour
            let flood = random.flood(in: end - 10...end, firstRecord: 1_000)
            let now = JudgedSnapshot(
                SampleSnapshots.entry(999, at: SampleSnapshots.end), .storage)
            let (less, more) = (RetentionAge("3d"), RetentionAge("3d1h"))
            guard let less, let more else { return false }
            let before = kept(try plan(honest + [now], [.within(less)]))
            return before.isSubset(of: kept(try plan(honest + [now] + flood, [.within(more)])))
        }
    }

    @Test("counts ages from no time that is yet to come")
    func future() throws {
        let (end, day) = (SampleSnapshots.end, SampleSnapshots.day)
        let times = [end - 3 * day, end - day, end, end + 3_000 * day]
        let snapshots = times.enumerated().map { place, time in
            JudgedSnapshot(SampleSnapshots.entry(4 - place, at: time), .hand)
        }
        let age = try #require(RetentionAge("2d"))
        let plan = try plan(snapshots, [.within(age)])
        #expect(plan.removed.isEmpty)
        #expect(plan.parts[0].kept.map(\.reasons.count) == [1, 1, 1, 1])
        #expect(plan.parts[0].kept[0].reasons == [.newestCommit])
        let alone = try self.plan([snapshots[3]], [.within(age)])
        #expect(alone.parts[0].kept[0].reasons.count == 2)
    }

    @Test("keeps what is exactly as old as an age says")
    func exactly() throws {
        let end = SampleSnapshots.end
        let snapshots = [0, SampleSnapshots.day, SampleSnapshots.day + 1].map { age in
            JudgedSnapshot(SampleSnapshots.entry(9 - age % 7, at: end - age), .storage)
        }
        let age = try #require(RetentionAge("1d"))
        #expect(try plan(snapshots, [.within(age)]).removed == [snapshots[2].entry])
    }

    @Test("tells groups by host, sources in any order, and tags, or by none of them")
    func groups() throws {
        func snapshot(_ host: String, _ sources: [String], _ tags: [String]) -> JudgedSnapshot {
            var entry = SampleSnapshots.entry(1, at: 0, host: host, tags: tags)
            entry.summary.sources = sources
            return JudgedSnapshot(entry, .storage)
        }
        let snapshots = [
            snapshot("a", ["/x", "/y"], ["t"]), snapshot("a", ["/y", "/x", "/y"], []),
            snapshot("b", ["/x"], ["t", "t"]), snapshot("b", ["/y"], ["t", "u"]),
        ]
        func count(_ grouping: RetentionGrouping) -> Int {
            Set(snapshots.map { RetentionGroup(of: $0, grouping) }).count
        }
        #expect(count([]) == 1)
        #expect(count(.host) == 2)
        #expect(count(.source) == 3)
        #expect(count(.tag) == 3)
        #expect(count([.host, .source]) == 3)
        #expect(count([.host, .source, .tag]) == 4)
    }

    @Test("takes names that only look the same for different ones")
    func exactNames() throws {
        let forms = ["caf\u{e9}", "cafe\u{301}"]
        #expect(forms[0] == forms[1])
        let snapshots = forms.enumerated().map { number, form in
            var entry = SampleSnapshots.entry(number, at: number, host: form, tags: [form])
            entry.summary.sources = ["/srv/" + form]
            return JudgedSnapshot(entry, .storage)
        }
        for grouping: RetentionGrouping in [.host, .source, .tag] {
            #expect(try plan(snapshots, [.last(.limited(1))], by: grouping).removed.isEmpty)
        }
        var filter = SnapshotReference.Filter()
        for (form, snapshot) in zip(forms, snapshots) {
            (filter.hosts, filter.tags, filter.sources) = ([form], [form], ["/srv/" + form])
            #expect(snapshots.filter { filter.admits($0.entry) } == [snapshot])
        }
    }

    @Test("that would remove more than half of a group says so")
    func drastic() throws {
        func drastic(_ count: Int, _ kept: Int) throws -> Bool {
            let snapshots = (1...count).map {
                JudgedSnapshot(
                    SampleSnapshots.entry($0, at: $0 * SampleSnapshots.hour), .storage)
            }
            return try plan(snapshots, [.last(.limited(kept))]).parts[0].removesMost
        }
        #expect(try !drastic(1, 1) && !drastic(2, 1) && !drastic(4, 2) && !drastic(5, 3))
        #expect(try drastic(3, 1) && drastic(4, 1) && drastic(5, 2) && drastic(300, 149))
    }

    @Test("is asked for with at least one rule")
    func noRules() { #expect(RetentionPolicy([]) == nil) }
}
