/// Forgets some snapshots, the oldest first.
struct Forgetter: Hashable {
    var count: Int
    var isReading = true
}

/// Puts the keyring of a new epoch in force.
struct Rotator: Hashable {
    enum Phase: Hashable { case read, putKeyring, append }

    var count: Int
    var phase = Phase.read
    /// The epoch that is its own, drawn once.
    var epoch = -1
    var made = -1
}

/// Has the keys of the first epoch, and would have every snapshot forgotten.
struct Intruder: Hashable {
    /// How often it looks whether the keys were rotated.
    var looks = 3
}

extension World {
    mutating func forgetterStep(_ index: Int, _ forgetter: Forgetter) {
        refresh(index)
        let live = actors[index].view.live.prefix(1, greatest: false)
        guard forgetter.count > 0, !live.isEmpty else {
            actors[index].isDone = true
            return
        }
        begin(.forget(live), by: index)
    }

    mutating func forgetterAppended(
        _ index: Int, _ forgetter: Forgetter, _ outcome: Appending.Outcome
    ) {
        var forgetter = forgetter
        if outcome != .overtaken { forgetter.count -= 1 }
        actors[index].role = .forgetter(forgetter)
    }

    mutating func rotatorStep(_ index: Int, _ rotator: Rotator) {
        var rotator = rotator
        switch rotator.phase {
        case .read:
            guard rotator.count > 0 else {
                actors[index].isDone = true
                return
            }
            refresh(index)
            if rotator.epoch < 0 || follows(.epochsAreKept) { drawKeyring(index, &rotator) }
            rotator.phase = .putKeyring
            if !follows(.keyringComesFirst) { begin(.rotate(keyring: rotator.made), by: index) }
        case .putKeyring:
            store.keyringsThere.insert(rotator.made)
            rotator.phase = .append
            if follows(.keyringComesFirst) {
                begin(.rotate(keyring: rotator.made), by: index)
            } else {
                rotator.phase = .read
            }
        case .append: rotator.phase = .read
        }
        actors[index].role = .rotator(rotator)
    }

    /// All epochs of the keyring in force, and a new one that seals.
    private mutating func drawKeyring(_ index: Int, _ rotator: inout Rotator) {
        if rotator.epoch < 0 { rotator.epoch = index * 4 + rotator.count }
        var epochs = store.keyrings[actors[index].view.keyring].epochs
        epochs.insert(rotator.epoch)
        store.keyrings.append(KeyringObject(epochs: epochs, current: rotator.epoch))
        rotator.made = store.keyrings.count - 1
    }

    mutating func rotatorAppended(
        _ index: Int, _ rotator: Rotator, _ outcome: Appending.Outcome
    ) {
        var rotator = rotator
        if outcome != .overtaken {
            rotator.count -= 1
            rotator.epoch = -1
        }
        if follows(.keyringComesFirst) || outcome == .overtaken { rotator.phase = .read }
        actors[index].role = .rotator(rotator)
    }

    mutating func intruderStep(_ index: Int, _ intruder: Intruder) {
        var intruder = intruder
        intruder.looks -= 1
        refresh(index)
        actors[index].role = .intruder(intruder)
        if actors[index].view.keyring != 0 {
            actors[index].keyring = 0
            begin(.forget(actors[index].view.live), by: index)
        } else if intruder.looks == 0 {
            actors[index].isDone = true
        }
    }
}
