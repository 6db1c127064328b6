import Synchronization
import TestSupport
import VarveStorage
import VarveSystem

/// Lets one of several actors make its next storage call, and decides how that ends.
///
/// Whoever is not called waits, so a schedule is a list of turns. Each actor makes its calls one after
/// the other.
final class Conductor: Sendable {
    /// How a call ends for who makes it.
    enum Turn: Sendable {
        case goes
        /// It takes effect, and the answer is lost.
        case loses
        case fails
    }

    private enum News: Sendable {
        case calls(Int, String, BoundedQueue<Turn>)
        case ended(Int)
    }

    let storage: MemoryStorage
    private let news = BoundedQueue<News>(capacity: 64)
    /// Removals that were asked for and do not show yet.
    private let removals = Mutex<[String]>([])
    /// Every turn, to be shown when the schedule fails.
    private let history = Mutex<[String]>([])
    private let seconds: Mutex<Int64>

    init(_ storage: MemoryStorage, seconds: Int64) {
        self.storage = storage
        self.seconds = Mutex(seconds)
        storage.setClock(seconds * 1_000_000_000)
    }

    /// The storage's time, in seconds since 1970.
    var now: Int64 { seconds.withLock { $0 } }
    var turns: [String] { history.withLock { $0 } }

    /// Waits for the actor's turn.
    func turn(of actor: Int, _ call: String) -> Turn {
        let answer = BoundedQueue<Turn>(capacity: 1)
        news.put(.calls(actor, call, answer))
        return answer.take() ?? .fails
    }

    func remove(_ name: String) { removals.withLock { $0.append(name) } }

    func pass(seconds more: Int64) {
        let now = seconds.withLock { seconds in
            seconds += more
            return seconds
        }
        storage.setClock(now * 1_000_000_000)
        history.withLock { $0.append("\(more) seconds pass") }
    }

    /// What was removed shows.
    func showRemovals() {
        let names = removals.withLock { names in
            defer { names = [] }
            return names
        }
        for name in names { try? storage.remove(name) }
        if !names.isEmpty { history.withLock { $0.append("\(names.count) removals show") } }
    }

    /// Runs the actors to their ends, each on a thread of its own; `random` is the schedule.
    func run(
        _ actors: [@Sendable () -> Void], faults: Int, _ random: inout SeededNumbers
    ) throws {
        let threads = try WorkerThreads.start(count: actors.count, name: "actor") { index in
            _ = self.turn(of: index, "begin")
            actors[index]()
            self.news.put(.ended(index))
        }
        var (running, faults) = (actors.count, faults)
        var waiting: [Int: [(call: String, answer: BoundedQueue<Turn>)]] = [:]
        // Until everybody waits for a turn nobody gets one.
        var busy = Set(actors.indices)
        var last = 0
        while running > 0 {
            while !busy.isEmpty, let next = news.take() {
                switch next {
                case .calls(let actor, let call, let answer):
                    waiting[actor, default: []].append((call, answer))
                    busy.remove(actor)
                case .ended(let actor):
                    busy.remove(actor)
                    running -= 1
                }
            }
            let ready = waiting.filter { !$0.value.isEmpty }.keys.sorted()
            guard !ready.isEmpty else { continue }
            disturb(&random)
            let goesOn = ready.contains(last) && random.next() % 3 != 0
            last = goesOn ? last : random.element(ready)
            guard let next = waiting[last]?.removeFirst() else { continue }
            let turn = outcome(next.call, &faults, &random)
            history.withLock {
                $0.append("\(last): \(next.call)\(turn == .goes ? "" : ": \(turn)")")
            }
            busy.insert(last)
            next.answer.put(turn)
        }
        try threads.join()
        showRemovals()
    }

    /// Time passes between calls, and removals show.
    private func disturb(_ random: inout SeededNumbers) {
        switch random.next() % 64 {
        case 0: pass(seconds: 86_400 + 60)
        case 1: pass(seconds: 8 * 86_400)
        case 2, 3, 4: pass(seconds: Int64(random.number(1...3_000)))
        case 5, 6: showRemovals()
        default: break
        }
    }

    private func outcome(
        _ call: String, _ faults: inout Int, _ random: inout SeededNumbers
    ) -> Turn {
        let mayFail = ["create ", "put ", "publish ", "remove "].contains { call.hasPrefix($0) }
        guard mayFail, faults > 0, random.next() % 16 == 0 else { return .goes }
        faults -= 1
        return random.flag() ? .loses : .fails
    }
}

/// The storage as one actor sees it.
final class TurnStorage: Storage {
    private let conductor: Conductor
    private let actor: Int
    /// Names of packs that it has put.
    private let published = Mutex<Set<String>>([])

    init(_ conductor: Conductor, actor: Int) {
        self.conductor = conductor
        self.actor = actor
    }

    var location: String { "turns" }
    var packs: Set<String> { published.withLock { $0 } }

    private var base: MemoryStorage { conductor.storage }

    fileprivate func take<Answer>(
        _ call: String, _ body: () throws(StorageError) -> Answer
    ) throws(StorageError) -> Answer {
        let failure = StorageError(.failed, "a test", "no answer to \(call)", transient: true)
        switch conductor.turn(of: actor, call) {
        case .goes: return try body()
        case .fails: throw failure
        case .loses:
            _ = try body()
            throw failure
        }
    }

    func get(_ name: String, limit: Int, copy: Copy) throws(StorageError) -> [UInt8] {
        try take("get \(name)") { () throws(StorageError) in
            try base.get(name, limit: limit, copy: copy)
        }
    }

    func read(
        _ name: String, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StorageError) {
        try take("read \(name)") { () throws(StorageError) in
            try base.read(name, at: offset, into: buffer)
        }
    }

    func size(of name: String) throws(StorageError) -> Int {
        try take("size \(name)") { () throws(StorageError) in try base.size(of: name) }
    }

    func put(_ name: String, _ bytes: [UInt8], copies: Copies) throws(StorageError) {
        try take("put \(name)") { () throws(StorageError) in
            try base.put(name, bytes, copies: copies)
        }
    }

    func replace(_ copy: Copy, of name: String, by bytes: [UInt8]) throws(StorageError) {
        try take("replace \(name)") { () throws(StorageError) in
            try base.replace(copy, of: name, by: bytes)
        }
    }

    func create(
        _ name: String, _ bytes: [UInt8], copies: Copies
    ) throws(StorageError) -> Bool {
        try take("create \(name)") { () throws(StorageError) in
            try base.create(name, bytes, copies: copies)
        }
    }

    func list(_ prefix: String, after: String?) throws(StorageError) -> [StoredObject] {
        try take("list \(prefix)") { () throws(StorageError) in
            try base.list(prefix, after: after)
        }
    }

    func remove(_ name: String) throws(StorageError) {
        try take("remove \(name)") { () throws(StorageError) in conductor.remove(name) }
    }

    func stage() throws(StorageError) -> any StagedObject {
        TurnStaged(try base.stage(), in: self)
    }

    fileprivate func note(_ name: String) { published.withLock { _ = $0.insert(name) } }
}

/// A pack that grows unseen, and waits for its turn to get a name.
private final class TurnStaged: StagedObject {
    private let base: any StagedObject
    private let storage: TurnStorage

    init(_ base: any StagedObject, in storage: TurnStorage) {
        self.base = base
        self.storage = storage
    }

    var byteCount: Int { base.byteCount }

    func append(_ bytes: UnsafeRawBufferPointer) throws(StorageError) { try base.append(bytes) }

    func read(
        at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StorageError) {
        try base.read(at: offset, into: buffer)
    }

    func publish(as name: String) throws(StorageError) {
        do throws(StorageError) {
            storage.note(name)
            try storage.take("publish \(name)") { () throws(StorageError) in
                try base.publish(as: name)
            }
        } catch {
            base.discard()
            throw error
        }
    }

    func discard() { base.discard() }
}
