import Synchronization
import VarveArchive
import VarveRepository
import VarveSystem

/// Shows how far some work has come, from a thread of its own: a line at a terminal, or status
/// messages for programs.
final class LiveLine: Sendable {
    private let progress: Progress
    private let console: Console
    private let period: Int64
    private let isStopped = Atomic(false)
    private let thread = Mutex<WorkerThreads?>(nil)

    /// At most this many lines a second, whatever is asked for.
    private static let linesMax = 10.0
    /// Status messages a second, unless told otherwise.
    private static let messages = 1.0
    /// The longest that `stop` waits.
    private static let napNanoseconds: Int64 = 10_000_000

    /// Nil when nothing is to be shown.
    static func start(
        _ progress: Progress, _ console: Console, _ options: OutputOptions
    ) throws -> LiveLine? {
        let rate = try Variables.progressRate()
        guard !options.quiet, !options.noProgress,
            console.isJSON || Terminal.isTerminal(2) && Environment.value("TERM") != "dumb"
        else { return nil }
        let normal = console.isJSON ? messages : linesMax
        let live = LiveLine(progress, console, rate: min(rate ?? normal, linesMax))
        let thread = try WorkerThreads.start(count: 1, name: "progress") { _ in live.run() }
        live.thread.withLock { $0 = thread }
        return live
    }

    private init(_ progress: Progress, _ console: Console, rate: Double) {
        self.progress = progress
        self.console = console
        period = Int64(1e9 / rate)
    }

    /// Takes the line away; may be called again.
    func stop() {
        isStopped.store(true, ordering: .releasing)
        guard let thread = thread.withLock({ $0.take() }) else { return }
        // The thread throws nothing.
        try? thread.join()
        if !console.isJSON { console.show(live: "") }
    }

    private func run() {
        let start = Clock.monotonicNanoseconds()
        var next = start + period
        var pace = Pace()
        while !isStopped.load(ordering: .acquiring) {
            Clock.sleep(nanoseconds: min(Self.napNanoseconds, period))
            let now = Clock.monotonicNanoseconds()
            guard now >= next else { continue }
            next = now + period
            let reading = progress.reading
            pace.note(bytes: reading.bytes, at: now)
            show(ProgressText(reading: reading, elapsed: now - start, rate: pace.rate))
        }
    }

    private func show(_ text: ProgressText) {
        if console.isJSON {
            // A reader that went away is met by the command itself.
            try? console.emit(text.json)
            try? console.flush()
        } else {
            console.show(live: text.line(width: Terminal.width(2) ?? 80))
        }
    }
}

/// Bytes a second, smoothed over the last few seconds.
struct Pace {
    private(set) var rate: Double?
    private var last: (bytes: Int, time: Int64)?
    private static let memorySeconds = 4.0

    mutating func note(bytes: Int, at time: Int64) {
        defer { last = (bytes, time) }
        guard let last, time > last.time else { return }
        let seconds = Double(time - last.time) / 1e9
        let current = Double(bytes - last.bytes) / seconds
        guard let rate else {
            rate = current
            return
        }
        let weight = min(1, seconds / Self.memorySeconds)
        self.rate = rate + (current - rate) * weight
    }
}

/// One moment of some work, in words.
struct ProgressText {
    var reading: Progress.Reading
    /// Nanoseconds so far.
    var elapsed: Int64
    /// Bytes a second; nil while unknown.
    var rate: Double?

    private var secondsLeft: Int? {
        guard reading.bytesTotal > 0, let rate, rate > 1 else { return nil }
        return Int(min(Double(max(0, reading.bytesTotal - reading.bytes)) / rate, 1e9))
    }

    private var share: Double? {
        guard reading.bytesTotal > 0 else { return nil }
        return min(1, Double(reading.bytes) / Double(reading.bytesTotal))
    }

    /// The line, cut to one column less than `width`, so that no terminal wraps it.
    func line(width: Int) -> String {
        var parts: [String] = []
        if let share { parts.append("\(Int(share * 100)) %".aligned(to: 5)) }
        if reading.files > 0 || reading.filesTotal > 0 {
            let noun = max(reading.files, reading.filesTotal) == 1 ? " file" : " files"
            parts.append(Self.of(reading.files, reading.filesTotal, Amounts.count) + noun)
        }
        parts.append(Self.of(reading.bytes, reading.bytesTotal, Amounts.bytes))
        if let rate { parts.append(Amounts.bytes(Int(max(0, rate))) + "/s") }
        if let secondsLeft { parts.append(Amounts.clock(seconds: secondsLeft) + " left") }
        if secondsLeft == nil { parts.append(Amounts.clock(seconds: Int(elapsed / 1_000_000_000))) }
        if reading.errors > 0 { parts.append(Amounts.count(reading.errors, "error")) }
        let facts = parts.joined(separator: "  ")
        let room = width - 1 - facts.count - 2
        guard room > 8, !reading.current.isEmpty else { return String(facts.prefix(width - 1)) }
        return facts + "  " + Self.cut(Shown.text(reading.current), to: room)
    }

    private static func of(_ part: Int, _ whole: Int, _ text: (Int) -> String) -> String {
        whole > 0 ? "\(text(part)) of \(text(whole))" : text(part)
    }

    /// The end of a path says more than its start.
    private static func cut(_ text: String, to width: Int) -> String {
        text.count <= width ? text : "…" + text.suffix(width - 1)
    }

    var json: JSONValue {
        var status: JSONValue = [
            "message_type": "status", "seconds_elapsed": .integer(Int(elapsed / 1_000_000_000)),
            "percent_done": .number(share ?? 0), "files_done": .integer(reading.files),
            "bytes_done": .integer(reading.bytes), "error_count": .integer(reading.errors),
        ]
        if reading.filesTotal > 0 {
            status = status.adding("total_files", .integer(reading.filesTotal))
        }
        if reading.bytesTotal > 0 {
            status = status.adding("total_bytes", .integer(reading.bytesTotal))
        }
        if let secondsLeft { status = status.adding("seconds_remaining", .integer(secondsLeft)) }
        if !reading.current.isEmpty {
            status = status.adding("current_files", .texts([reading.current]))
        }
        return status
    }
}
