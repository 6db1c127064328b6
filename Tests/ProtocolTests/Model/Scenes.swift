extension World {
    /// A snapshot that was committed before anybody begins.
    mutating func commitBefore(_ snapshot: Int, full: Few = [], delta: Few = []) {
        var segment: Int?
        if !full.isEmpty || !delta.isEmpty {
            let pack = store.putPack(full: full, delta: delta)
            store.there.segments.insert(pack)
            segment = pack
        }
        let manifest = store.putManifest(snapshot, epoch: 0)
        appendBefore(.commit(snapshot: snapshot, manifest: manifest, segment: segment))
        reported.insert(snapshot)
    }

    mutating func appendBefore(_ event: Event) {
        let record = Record(
            event: event, nonce: store.log.count, previous: truth.head,
            epoch: store.keyrings[truth.keyring].current)
        land(record, at: store.log.count)
    }

    /// An epoch that began before anybody begins.
    mutating func rotateBefore() {
        let epoch = 31
        var epochs = store.keyrings[truth.keyring].epochs
        epochs.insert(epoch)
        store.keyrings.append(KeyringObject(epochs: epochs, current: epoch))
        store.keyringsThere.insert(store.keyrings.count - 1)
        appendBefore(.rotate(keyring: store.keyrings.count - 1))
    }
}

/// A few actors beside each other, small enough to go through every schedule.
struct Scene: Sendable {
    let name: String
    /// The chunks of each snapshot; chunk 1 resembles chunk 0.
    let contents: [Few]
    let actors: [Actor.Role]
    var faults = 0
    var days = 0
    var recordObjectsMax = 32
    /// Whether also a quick run must come to the end of every schedule.
    var isShort = false
    /// What was there before anybody begins.
    let before: @Sendable (inout World) -> Void

    func world(without rule: Rule? = nil) -> World {
        let setting = Setting(
            contents: contents, resembles: [0, 0, 2, 3], broken: rule,
            recordObjectsMax: recordObjectsMax)
        var world = World(setting, actors, faults: faults, days: days)
        before(&world)
        return world
    }

    private static let prune = Actor.Role.maintainer(Maintainer(runs: 1, isImmediate: true))

    static let all = [
        Scene(
            name: "a writer, a forget, and a prune that does not wait", contents: [[0, 2], [0]],
            actors: [.writer(Writer([1])), .forgetter(Forgetter(count: 1)), prune]
        ) { $0.commitBefore(0, full: [0, 2]) },
        Scene(
            name: "a writer whose answers are lost", contents: [[0], [2]],
            actors: [.writer(Writer([1])), .forgetter(Forgetter(count: 1))], faults: 3,
            isShort: true
        ) { $0.commitBefore(0, full: [0]) },
        Scene(
            name: "a prune whose answers are lost, and a writer", contents: [[0], [0]],
            actors: [.writer(Writer([1])), prune], faults: 1
        ) {
            $0.commitBefore(0, full: [0])
            $0.appendBefore(.forget([0]))
        },
        Scene(
            name: "a writer of a delta, and prunes that wait", contents: [[0], [1]],
            actors: [.writer(Writer([1])), .maintainer(Maintainer(runs: 2))], days: 2
        ) {
            $0.commitBefore(0, full: [0])
            $0.appendBefore(.forget([0]))
        },
        Scene(
            name: "a writer that holds, and a prune with a wrong clock", contents: [[0], [1]],
            actors: [
                .writer(Writer([1], holds: true)),
                .maintainer(Maintainer(runs: 2, hasWrongClock: true)),
            ], days: 2
        ) { _ in },
        Scene(
            name: "a writer that sleeps for days, and prunes that do", contents: [[0], [1]],
            actors: [.writer(Writer([1])), .maintainer(Maintainer(runs: 2))], days: 3
        ) { _ in },
        Scene(
            name: "two writers of the same chunks, and a rotation",
            contents: [[0], [0, 1], [0, 1]],
            actors: [
                .writer(Writer([1])), .writer(Writer([2])), .rotator(Rotator(count: 1)),
            ]
        ) { $0.commitBefore(0, full: [0]) },
        Scene(
            name: "two rotations, and a writer", contents: [[0], [1]],
            actors: [
                .writer(Writer([1])), .rotator(Rotator(count: 1)), .rotator(Rotator(count: 1)),
            ]
        ) { $0.commitBefore(0, full: [0]) },
        Scene(
            name: "a rotation, and somebody with a key of before", contents: [[0]],
            actors: [.rotator(Rotator(count: 1)), .intruder(Intruder()), prune], isShort: true
        ) { $0.commitBefore(0, full: [0]) },
        Scene(
            name: "a resealing, a forget, and a rotation", contents: [[0], [0]],
            actors: [
                .resealer(Resealer(looks: 3)), .forgetter(Forgetter(count: 1)),
                .rotator(Rotator(count: 1)),
            ]
        ) {
            $0.commitBefore(0, full: [0])
            $0.commitBefore(1)
            $0.rotateBefore()
        },
        Scene(
            name: "two resealings, and prunes that wait", contents: [[0]],
            actors: [
                .resealer(Resealer(looks: 2)), .resealer(Resealer(looks: 2)),
                .maintainer(Maintainer(runs: 2)),
            ], days: 3
        ) {
            $0.commitBefore(0, full: [0])
            $0.rotateBefore()
        },
        Scene(
            name: "a resealing that has slept before its record, a prune, and a writer",
            contents: [[0], [0]],
            actors: [.resealer(Resealer(looks: 2)), prune, .writer(Writer([1]))]
        ) {
            $0.commitBefore(0, full: [0])
            $0.rotateBefore()
            $0.actBefore(0, steps: 2)
            $0.sleepBefore(condemned: Objects(manifests: [1]))
        },
        Scene(
            name: "two prunes that write packs anew, and a forget",
            contents: [[0, 2], [1, 3], [1]],
            actors: [
                .maintainer(Maintainer(runs: 1, rewrites: true)),
                .maintainer(Maintainer(runs: 1, isImmediate: true, rewrites: true)),
                .forgetter(Forgetter(count: 1)),
            ]
        ) {
            $0.commitBefore(0, full: [0, 2])
            $0.commitBefore(1, full: [3], delta: [1])
            $0.commitBefore(2)
            $0.appendBefore(.forget([1]))
        },
        Scene(
            name: "a base and its delta that go one after the other", contents: [[0], [1], [1]],
            actors: [.writer(Writer([2])), prune], recordObjectsMax: 1, isShort: true
        ) {
            $0.commitBefore(0, full: [0])
            $0.commitBefore(1, delta: [1])
            $0.appendBefore(.forget([0, 1]))
            $0.actBefore(0, steps: 1)
            $0.appendBefore(.condemn(Objects(packs: [0, 1]), replacement: nil))
        },
        Scene(
            name: "a writer that has slept, and one of the same chunk", contents: [[0], [0]],
            actors: [.writer(Writer([0])), .writer(Writer([1])), prune]
        ) {
            $0.actBefore(0, steps: 3)
            $0.sleepBefore(condemned: Objects(packs: [0], segments: [0]))
        },
        Scene(
            name: "a writer that has slept before its commit", contents: [[0], [0]],
            actors: [.writer(Writer([1])), prune], isShort: true
        ) {
            $0.commitBefore(0, full: [0])
            $0.actBefore(0, steps: 2)
            $0.sleepBefore(condemned: Objects(manifests: [1]))
        },
        Scene(
            name: "a prune that has slept after it wrote packs anew", contents: [[0, 2], [0]],
            actors: [
                .maintainer(Maintainer(runs: 1, rewrites: true)),
                .maintainer(Maintainer(runs: 1)), .writer(Writer([1])),
            ]
        ) {
            $0.commitBefore(0, full: [0, 2])
            $0.commitBefore(1)
            $0.appendBefore(.forget([0]))
            $0.actBefore(0, steps: 5)
            $0.sleepBefore(condemned: Objects(packs: [1], segments: [1]))
        },
        Scene(
            name: "a prune that condemns what has been swept while it slept", contents: [[0]],
            actors: [
                .maintainer(Maintainer(runs: 1)), .maintainer(Maintainer(runs: 2)),
            ], days: 2, recordObjectsMax: 1, isShort: true
        ) {
            $0.commitBefore(0, full: [0])
            $0.appendBefore(.forget([0]))
            $0.actBefore(0, steps: 3)
            $0.sleepBefore(condemned: Objects(packs: [0]))
            $0.appendBefore(.sweep(Objects(packs: [0])))
            $0.store.there.packs.remove(0)
        },
        Scene(
            name: "a writer that has slept while its pack was swept and forgotten",
            contents: [[0], [0]], actors: [.writer(Writer([0])), prune]
        ) {
            $0.actBefore(0, steps: 4)
            $0.sleepBefore(condemned: Objects(packs: [0], segments: [0]))
            $0.appendBefore(.sweep(Objects(packs: [0], segments: [0])))
            $0.store.going = Objects(packs: [0], segments: [0])
        },
    ]
}

extension World {
    /// Somebody does so much before the others begin.
    mutating func actBefore(_ index: Int, steps: Int) {
        for _ in 0..<steps { take(Step(kind: .actor(index))) }
    }

    /// A day passes, somebody condemns, and the grace period passes.
    mutating func sleepBefore(condemned objects: Objects) {
        store.clock += 1
        var objects = objects
        objects -= objects - store.there
        appendBefore(.condemn(objects, replacement: nil))
        store.clock += Store.grace
    }
}
