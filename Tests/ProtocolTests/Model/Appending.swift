/// One record on its way into the log.
struct Appending: Hashable {
    enum Phase: Hashable { case create, look, readBack }

    var record: Record
    var number: Int
    var phase = Phase.create
    var sends = 0
    /// The storage said that it was this one.
    var isMade = false

    static let sendsMax = 2

    /// How it ended for who appends.
    enum Outcome { case appended, overtaken, failed }
}

extension World {
    /// Begins to append behind what the actor has read.
    mutating func begin(_ event: Event, by index: Int) {
        actors[index].attempts += 1
        let actor = actors[index]
        let record = Record(
            event: event, nonce: (index + 1) * Record.attemptsMax + actor.attempts,
            previous: actor.view.head,
            epoch: epoch(of: index))
        actors[index].append = Appending(record: record, number: actor.view.number)
    }

    mutating func appendStep(_ index: Int, _ outcome: Int) {
        guard var append = actors[index].append else { return }
        switch append.phase {
        case .create:
            append.sends += 1
            send(&append, Store.Answer(rawValue: outcome) ?? .given)
        case .look:
            // While the number is empty the same bytes are sent again.
            if store.log.count > append.number {
                append.phase = .readBack
            } else if append.sends < Appending.sendsMax {
                append.phase = .create
            } else {
                return end(index, .failed)
            }
        case .readBack:
            let isOwn = store.log[append.number].nonce == append.record.nonce
            return end(index, isOwn ? .appended : .overtaken)
        }
        actors[index].append = append
        if append.phase == .readBack, !follows(.answerIsChecked) {
            end(index, append.isMade ? .appended : .overtaken)
        }
    }

    private mutating func send(_ append: inout Appending, _ answer: Store.Answer) {
        let before = store.log.count
        let isFree = append.number == before || !follows(.numberIsTakenOnce)
        if answer == .given || answer == .lost, isFree {
            land(append.record, at: append.number)
        } else if answer == .late {
            store.underWay.append(Store.Sent(number: append.number, record: append.record))
        }
        let isSure = answer == .given
        append.isMade = isSure ? isFree : !follows(.answerIsChecked)
        append.phase = isSure || !follows(.answerIsChecked) ? .readBack : .look
    }

    /// A record takes effect, if it does.
    mutating func land(_ record: Record, at number: Int) {
        let isFree = number == store.log.count
        guard isFree || !follows(.numberIsTakenOnce) else { return }
        if !isFree {
            store.log[number] = record
            return fail("record \(number) was replaced")
        }
        var record = record
        record.made = store.clock
        let isRefused = isForged(record) && follows(.oldEpochIsRefused)
        judge(record)
        store.log.append(record)
        if isRefused { truth.pass(record) } else { truth.apply(record, store) }
    }

    private mutating func end(_ index: Int, _ outcome: Appending.Outcome) {
        let event = actors[index].append?.record.event
        actors[index].append = nil
        if outcome == .appended { refresh(index) }
        switch actors[index].role {
        case .writer(let writer): writerAppended(index, writer, outcome, event)
        case .maintainer(let maintainer): maintainerAppended(index, maintainer, outcome, event)
        case .forgetter(let forgetter): forgetterAppended(index, forgetter, outcome)
        case .rotator(let rotator): rotatorAppended(index, rotator, outcome)
        case .resealer(let resealer): resealerAppended(index, resealer, outcome)
        case .intruder: actors[index].isDone = true
        }
    }
}
