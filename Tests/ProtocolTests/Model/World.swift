/// What does not change while a schedule runs.
final class Setting: Sendable {
    /// The chunks that each snapshot consists of.
    let contents: [Few]
    /// The chunk that each resembles, itself for none.
    let resembles: [Int]
    /// The rule that is broken on purpose.
    let broken: Rule?
    /// How many objects one record names.
    let recordObjectsMax: Int
    /// Of objects that do not fit one record the newest come first.
    let newestFirst: Bool

    init(
        contents: [Few], resembles: [Int], broken: Rule? = nil, recordObjectsMax: Int = 32,
        newestFirst: Bool = false
    ) {
        self.contents = contents
        self.resembles = resembles
        self.broken = broken
        self.recordObjectsMax = recordObjectsMax
        self.newestFirst = newestFirst
    }

    var chunks: Int { resembles.count }

    func base(of chunk: Int) -> Int? { resembles[chunk] == chunk ? nil : resembles[chunk] }
}

/// What somebody does, one call of the storage in each step.
struct Actor: Hashable {
    enum Role: Hashable {
        case writer(Writer)
        case maintainer(Maintainer)
        case forgetter(Forgetter)
        case rotator(Rotator)
        case resealer(Resealer)
        case intruder(Intruder)
    }

    var role: Role
    var view = View()
    /// The keyring that it seals with.
    var keyring = 0
    /// How many records it made; makes a nonce of its own for each.
    var attempts = 0
    var append: Appending?
    var isDone = false

    init(_ role: Role) { self.role = role }
}

/// Everything at one moment; a step of an actor makes the next moment.
struct World {
    let setting: Setting
    var store = Store()
    var actors: [Actor]
    var budget: Budget
    /// What the whole log adds up to.
    var truth = View()
    /// Snapshots that a writer called committed, and those that somebody was allowed to forget.
    var reported = Few()
    var forgotten = Few()
    /// What must never happen and did.
    var violation: String?

    /// What may still go wrong, and how many days may still pass.
    struct Budget: Hashable {
        var faults = 0
        var days = 0
    }

    init(_ setting: Setting, _ actors: [Actor.Role], faults: Int, days: Int) {
        self.setting = setting
        self.actors = actors.map(Actor.init)
        budget = Budget(faults: faults, days: days)
        truth.apply(store.log[0], store)
    }

    func follows(_ rule: Rule) -> Bool { setting.broken != rule }

    mutating func fail(_ what: String) { if violation == nil { violation = what } }

    /// All that the future depends on.
    struct Key: Hashable {
        var store: Store
        var actors: [Actor]
        var budget: Budget
        var reported: Few
        var forgotten: Few
    }

    var key: Key {
        Key(
            store: store, actors: actors, budget: budget, reported: reported, forgotten: forgotten)
    }

    /// Reads the log to its head.
    mutating func refresh(_ index: Int) {
        var view = actors[index].view
        let isOpening = view.number == 0
        while view.number < store.log.count, !actors[index].isDone {
            let record = store.log[view.number]
            if record.previous != view.head { fail("the log is forked at \(view.number)") }
            if !store.keyringsThere.contains(view.keyring) {
                fail("the keyring in force is missing")
            }
            if record.epoch != store.keyrings[view.keyring].current {
                if follows(.oldEpochIsRefused) { actors[index].isDone = true }
                // Behind that nobody goes on.
                if follows(.oldEpochIsRefused) { break }
            }
            view.apply(record, store)
        }
        if isOpening { view.sweptEver = view.swept }
        actors[index].view = view
        if follows(.rotateIsMet) || actors[index].attempts == 0 {
            actors[index].keyring = view.keyring
        }
    }

    func epoch(of index: Int) -> Int { store.keyrings[actors[index].keyring].current }
}

/// A step that may be taken next, and which of its outcomes.
struct Step: Hashable {
    enum Kind: Hashable {
        case actor(Int)
        case day
        case packsGo, segmentsGo, manifestsGo
        case arrival
    }

    var kind: Kind
    var outcome = 0
}

extension World {
    var steps: [Step] {
        var steps: [Step] = []
        for index in actors.indices where !actors[index].isDone {
            for outcome in 0..<outcomes(index) {
                steps.append(Step(kind: .actor(index), outcome: outcome))
            }
        }
        // Nothing more comes of what passes behind the last actor.
        guard !steps.isEmpty else { return [] }
        if budget.days > 0 { steps.append(Step(kind: .day)) }
        if !store.going.packs.isEmpty { steps.append(Step(kind: .packsGo)) }
        if !store.going.segments.isEmpty { steps.append(Step(kind: .segmentsGo)) }
        if !store.going.manifests.isEmpty { steps.append(Step(kind: .manifestsGo)) }
        if !store.underWay.isEmpty { steps.append(Step(kind: .arrival)) }
        return steps
    }

    private func outcomes(_ index: Int) -> Int {
        let actor = actors[index]
        if let append = actor.append {
            return append.phase == .create && budget.faults > 0 ? 4 : 1
        }
        switch actor.role {
        case .writer(let writer): return writer.mayFail && budget.faults > 0 ? 2 : 1
        case .maintainer(let maintainer): return maintainer.mayFail && budget.faults > 0 ? 2 : 1
        case .forgetter, .rotator, .resealer, .intruder: return 1
        }
    }

    mutating func take(_ step: Step) {
        switch step.kind {
        case .actor(let index):
            if step.outcome > 0 { budget.faults -= 1 }
            act(index, step.outcome)
        case .day:
            budget.days -= 1
            store.clock += 1
        case .packsGo:
            store.there.packs -= store.going.packs
            store.going.packs = Few()
        case .segmentsGo:
            store.there.segments -= store.going.segments
            store.going.segments = Few()
        case .manifestsGo:
            store.there.manifests -= store.going.manifests
            store.going.manifests = Few()
        case .arrival:
            let sent = store.underWay.removeFirst()
            land(sent.record, at: sent.number)
        }
        checkNow()
    }

    private mutating func act(_ index: Int, _ outcome: Int) {
        if actors[index].append != nil { return appendStep(index, outcome) }
        switch actors[index].role {
        case .writer(let writer): writerStep(index, writer, fails: outcome > 0)
        case .maintainer(let maintainer): maintainerStep(index, maintainer, fails: outcome > 0)
        case .forgetter(let forgetter): forgetterStep(index, forgetter)
        case .rotator(let rotator): rotatorStep(index, rotator)
        case .resealer(let resealer): resealerStep(index, resealer)
        case .intruder(let intruder): intruderStep(index, intruder)
        }
    }
}
