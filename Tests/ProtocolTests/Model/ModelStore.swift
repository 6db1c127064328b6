/// What a record of the log says; packs and their segments share their numbers.
enum Event: Hashable {
    case initial
    case commit(snapshot: Int, manifest: Int, segment: Int?)
    case hold(segment: Int)
    case forget(Few)
    /// The snapshot's manifest is this one from now on.
    case reseal(snapshot: Int, manifest: Int)
    case condemn(Objects, replacement: Int?)
    case revive(Objects)
    case sweep(Objects)
    case rotate(keyring: Int)
}

struct Record: Hashable {
    var event: Event
    /// Who made it, and at which attempt.
    var nonce: Int
    var previous: Int
    var epoch: Int
    var made = 0

    /// Those of each actor have numbers of their own.
    static let attemptsMax = 1_024
}

struct Pack: Hashable {
    /// The chunks in it, as full ones and as deltas.
    var full: Few
    var delta: Few
    var made: Int

    var chunks: Few { full + delta }
}

struct Manifest: Hashable {
    var snapshot: Int
    var epoch: Int
    var made: Int
}

struct KeyringObject: Hashable {
    var epochs: Few
    /// The one that seals.
    var current: Int
}

/// A storage: what lies there, what is about to go, and what has yet to arrive.
struct Store: Hashable {
    /// In units of a little more than a day; the grace period is two of them.
    var clock = 0
    var packs: [Pack] = []
    var manifests: [Manifest] = []
    var keyrings: [KeyringObject] = [KeyringObject(epochs: [0], current: 0)]
    var keyringsThere: Few = [0]
    var there = Objects()
    /// Of what is there, that whose removal was asked for and shows any time.
    var going = Objects()
    var log = [Record(event: .initial, nonce: 0, previous: -1, epoch: 0)]
    /// Creates that were sent, and arrive any time.
    var underWay: [Sent] = []

    static let grace = 2

    struct Sent: Hashable {
        var number: Int
        var record: Record
    }

    /// What can surely be read.
    var standing: Objects { there - going }

    mutating func putPack(full: Few, delta: Few) -> Int {
        packs.append(Pack(full: full, delta: delta, made: clock))
        there.packs.insert(packs.count - 1)
        return packs.count - 1
    }

    mutating func putManifest(_ snapshot: Int, epoch: Int) -> Int {
        manifests.append(Manifest(snapshot: snapshot, epoch: epoch, made: clock))
        there.manifests.insert(manifests.count - 1)
        return manifests.count - 1
    }

    /// How a call ends for who made it.
    enum Answer: Int {
        case given
        /// It took effect, and the answer is lost.
        case lost
        case failed
        /// It fails, and takes effect later.
        case late
    }
}
