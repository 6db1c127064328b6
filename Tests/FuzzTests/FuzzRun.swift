import Glibc
import TestSupport
import VarveSystem

/// Gives decoders bytes that are nearly right, in a process of its own, and stops at the first that
/// does what it must not.
///
/// Before each case it notes in a file, which outlives a trap, what it is about to do.
struct FuzzRun: ~Copyable {
    /// Inputs for each decoder, of a run that takes seconds.
    static let casesMin = 4_000
    /// How much the process may grow, room that is asked for and not used included: the longest
    /// plain bytes of a frame are 32 MiB.
    static let growthMax = 256 << 20
    /// Of the processor, as the machine may be busy with other things.
    private static let secondsPerCaseMax = 5
    private static let casesPerBatch = 256

    private let fuzzers: [Fuzzer]
    private let note: FuzzNote
    private let seed: UInt64
    private let cases: Int
    private var slowest = (Duration.zero, "nothing")
    private var accepted = 0
    private var report = ""

    init(
        _ name: String, _ fuzzers: [Fuzzer], seed: UInt64 = TestRun.seed(),
        cases: Int = TestRun.isLong ? 1_000_000 : casesMin
    ) throws {
        self.fuzzers = fuzzers
        self.seed = seed
        self.cases = cases
        note = try FuzzNote(creating: name)
        useOneArena()
    }

    /// Throws what it noted; or else it notes how many inputs were accepted.
    mutating func run() throws {
        for fuzzer in fuzzers { try run(fuzzer) }
        try note.write(report)
    }

    private mutating func run(_ fuzzer: Fuzzer) throws {
        let before = try addressSpaceMax()
        let cases = cases / fuzzer.share
        accepted = 0
        for number in 0..<cases {
            let place = "\(fuzzer.name), case \(number), VARVE_SEED=\(seed)"
            try note.write(place)
            if number.isMultiple(of: Self.casesPerBatch) {
                try check(growthFrom: before, place)
                // What hangs is killed.
                alarm(UInt32(Self.casesPerBatch * Self.secondsPerCaseMax))
            }
            let start = processorTime()
            do {
                try run(fuzzer, number)
            } catch {
                try note.write("\(place): \(error)")
                throw error
            }
            let duration = processorTime() - start
            if duration > slowest.0 { slowest = (duration, place) }
        }
        alarm(0)
        try check(growthFrom: before, "\(fuzzer.name), the last cases, VARVE_SEED=\(seed)")
        guard slowest.0 < .seconds(Self.secondsPerCaseMax) else {
            throw try finding("it took \(slowest.0)", slowest.1)
        }
        guard accepted > 0 || fuzzer.isAuthenticated else {
            throw try finding("all was refused, so little was tested", fuzzer.name)
        }
        report += "\(fuzzer.name): \(accepted) accepted of \(cases)\n"
    }

    private func finding(_ description: String, _ place: String) throws -> Finding {
        try note.write("\(place): \(description)")
        return Finding(description)
    }

    private mutating func run(_ fuzzer: Fuzzer, _ number: Int) throws {
        // Each case on its own, so that its number and the seed are all that it takes to repeat it.
        var numbers = SeededNumbers(seed &+ UInt64(number) &* 0xd134_2543_de82_ef95)
        let valid = try fuzzer.sample(&numbers)
        guard number % 16 > 0 else {
            guard try fuzzer.accepts(valid) else { throw Finding("what is valid is refused") }
            return
        }
        let other = try fuzzer.sample(&numbers)
        var bytes = numbers.mutated(valid, with: other)
        // A checksum would refuse nearly all.
        if let mend = fuzzer.mend, numbers.below(8) > 0 { bytes = mend(bytes) }
        guard try fuzzer.accepts(bytes) else { return }
        accepted += 1
        if fuzzer.isAuthenticated, bytes != valid, bytes != other {
            throw Finding("bytes that were changed are accepted")
        }
    }

    private func check(growthFrom before: Int, _ place: String) throws {
        let growth = try addressSpaceMax() - before
        guard growth <= Self.growthMax else {
            throw try finding(
                "the process grew by \(growth >> 20) MiB",
                "\(place), or the \(Self.casesPerBatch) before")
        }
    }
}

/// What this thread has taken of the processor.
private func processorTime() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}

/// From now on malloc does not take 128 MiB of addresses for each thread that comes late, of which
/// nobody knows how many do.
func useOneArena() {
    typealias SetOption = @convention(c) (_ option: Int32, _ value: Int32) -> Int32
    // Swift's Glibc leaves `mallopt` out, and M_ARENA_MAX.
    guard let mallopt = dlsym(nil, "mallopt") else { return }
    _ = unsafeBitCast(mallopt, to: SetOption.self)(-8, 1)
}

/// The most bytes of addresses that this process has had.
func addressSpaceMax() throws -> Int {
    let status = try File.contents(of: "/proc/self/status", limit: 1 << 20)
    let line = String(decoding: status, as: UTF8.self).split(separator: "\n")
        .first { $0.hasPrefix("VmPeak:") }
    let number = line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) }
    guard let number else { throw Finding("the system does not say how large a process is") }
    return number << 10
}

/// A file in which a process says what it is doing, and its parent reads what it did last.
struct FuzzNote: ~Copyable {
    private let file: File

    /// In the process that works.
    init(creating name: String) throws {
        file = try File.createOrTruncate(Self.path(name, parent: getppid()))
    }

    func write(_ text: String) throws {
        try file.truncate(to: 0)
        try Array(text.utf8).withUnsafeBytes { try file.write($0, at: 0) }
    }

    /// In the parent: what was written last, and the file is gone.
    static func take(_ name: String) throws -> String {
        let path = path(name, parent: getpid())
        let text = String(decoding: try File.contents(of: path, limit: 1 << 20), as: UTF8.self)
        try File.remove(path)
        return text
    }

    private static func path(_ name: String, parent: pid_t) -> String {
        (Environment.value("TMPDIR") ?? "/tmp") + "/varve-fuzz-\(parent)-\(name)"
    }
}
