import TestSupport
import Testing
import VarveSystem

@Suite("The program, killed at any moment")
struct KillTests {
    @Test("loses nothing that it had said to be taken, and goes on as if nothing had been")
    func kills() throws {
        let killed = TestRun.isLong ? 1_000 : 50
        let killing = try Killing()
        print("kills: seed \(killing.random.seed)")
        while killing.kills < killed {
            try killing.killSomething()
            if killing.runs % 2 == 0 { try killing.expectNoDamage() }
            if killing.kills % 10 == 0 { try killing.expectAllRestorable() }
            guard killing.runs < killed * 20 else { break }
        }
        try killing.expectAllRestorable()
        print("kills: \(killing.kills) of \(killing.runs) runs")
        #expect(killing.kills >= killed)
    }
}

/// A source that changes, snapshots of it, and a program that somebody kills.
private final class Killing {
    private let program = Result { try Program() }
    /// How long each command took whenever it was left alone, in nanoseconds, in order.
    private var durations: [String: [Int64]] = [:]
    private(set) var random = SeededNumbers.fresh()
    private(set) var runs = 0
    private(set) var kills = 0
    private var generation = 0
    /// Tags of snapshots that the program had said to be taken, and was not asked to forget.
    private var promised: Set<String> = []

    private static let forget = "$varve forget --keep-last 3 --yes"
    private static let prune = "$varve prune --now --max-unused 0"

    init() throws {
        try run("mkdir tree past && $varve init")
        try changeSource()
        let commands = [
            backup, "$varve restore latest -t out", Self.forget, Self.prune,
            "$varve key add --new-key-file other",
        ]
        // Once undisturbed, so that it is known about how long each takes.
        for command in commands { try runTimed(command) }
        promised.insert("g1")
    }

    private var backup: String { "$varve backup tree --tag g\(generation)" }

    private func shell(_ command: String) throws -> Program.Run {
        let program = try program.get()
        return try program.shell("cd '\(program.path(""))' && \(command)")
    }

    @discardableResult
    private func run(_ command: String) throws -> String {
        let run = try shell(command)
        try #require(run.status == 0, "\(command): \(run.errors) \(run.output)")
        return run.output
    }

    private func name(_ command: String) -> String {
        command.split(separator: " ").dropFirst().first.map(String.init) ?? command
    }

    private func runTimed(_ command: String) throws {
        let start = Clock.monotonicNanoseconds()
        try run(command)
        noteDuration(of: command, since: start)
    }

    private func noteDuration(of command: String, since start: Int64) {
        var all = durations[name(command)] ?? []
        all.append(Clock.monotonicNanoseconds() - start)
        durations[name(command)] = all.sorted()
    }

    /// In milliseconds; the median, as the machine is not always equally busy.
    private func usualDuration(of command: String) -> Int {
        let all = durations[name(command)] ?? [0]
        return Int(all[all.count / 2] / 1_000_000)
    }

    /// Some files become others; the source as it is now is kept to compare with.
    private func changeSource() throws {
        generation += 1
        for _ in 0..<3 {
            let path = try program.get().path("tree/\(random.below(8))")
            try File.createOrTruncate(path).write(random.bytes(random.number(0...60_000)))
        }
        try run("cp -a tree past/g\(generation)")
    }

    /// Starts a command and kills it while it runs, unless it was quicker.
    func killSomething() throws {
        runs += 1
        var command = random.element([Self.forget, Self.prune, "$varve restore latest -t out"])
        if random.below(3) > 0 {
            try changeSource()
            command = backup
        }
        // What it keeps is known before: also a snapshot whose taking was killed may be one.
        if command == Self.forget {
            promised.formIntersection(try snapshots().suffix(3).map(\.tag))
        }
        let limit = usualDuration(of: command) * 5 / 4
        let milliseconds = String(1_000 + random.number(1...min(999, max(1, limit))))
        let start = Clock.monotonicNanoseconds()
        let run = try shell("timeout -s KILL 0.\(milliseconds.dropFirst()) \(command)")
        if run.end == .exited(0) {
            noteDuration(of: command, since: start)
            if command == backup { promised.insert("g\(generation)") }
        } else {
            try #require(run.status == 137 || run.status == nil, "\(command): \(run.errors)")
            kills += 1
        }
    }

    /// The snapshots with their tags, in order.
    private func snapshots() throws -> [(id: String, tag: String)] {
        let list = try run("$varve snapshots --json")
        let ids = list.matches(of: #/"id":"([0-9a-f]{64})"/#).map { String($0.output.1) }
        let tags = list.matches(of: #/"tags":\["([^\]]*)"\]/#).map { String($0.output.1) }
        try #require(ids.count == tags.count)
        return Array(zip(ids, tags))
    }

    /// Of what nothing refers to, there may be any amount.
    func expectNoDamage() throws { try run("$varve check --read-data") }

    /// All that is promised is there, and whatever is there restores as it was taken; so does one more.
    func expectAllRestorable() throws {
        try changeSource()
        try runTimed(backup)
        promised.insert("g\(generation)")
        let snapshots = try snapshots()
        #expect(promised.subtracting(snapshots.map(\.tag)) == [])
        for (id, tag) in snapshots {
            try run("rm -rf one; $varve restore \(id):$PWD/tree -t one && diff -r one past/\(tag)")
        }
        // Over what restores left that were killed.
        try runTimed("$varve restore latest -t out")
        try run("diff -r out$PWD/tree past/g\(generation)")
    }
}
