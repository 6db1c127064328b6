import TestSupport

extension World {
    /// A scene at random, larger than what can be gone through.
    static func random(_ random: inout SeededNumbers, broken: Rule?) -> World {
        let chunks = random.number(2...5)
        let resembles = (0..<chunks).map { random.next() % 2 == 0 ? random.number(0...$0) : $0 }
        let contents = (0..<10).map { _ in
            Few(bits: UInt32(random.number(1...(1 << chunks) - 1)))
        }
        let setting = Setting(
            contents: contents, resembles: resembles, broken: broken,
            recordObjectsMax: random.flag() ? 32 : random.number(1...2),
            newestFirst: random.flag())
        let mayRotate = random.next() % 4 == 0
        var roles: [Actor.Role] = [
            .writer(Writer([6, 4], holds: random.flag(), hasParent: random.flag())),
            .writer(Writer([7, 5], holds: random.flag())),
            .forgetter(Forgetter(count: random.number(1...4))),
            .maintainer(maintainer(&random)),
        ]
        if random.flag() { roles.append(.maintainer(maintainer(&random))) }
        if mayRotate { roles.append(.rotator(Rotator(count: random.number(1...2)))) }
        if mayRotate, random.flag() { roles.append(.rotator(Rotator(count: 1))) }
        if mayRotate, random.flag() {
            roles.append(.resealer(Resealer(looks: random.number(1...4))))
        }
        var world = World(
            setting, roles, faults: random.number(0...3), days: random.number(0...9))
        world.commitRandomly(&random)
        return world
    }

    private static func maintainer(_ random: inout SeededNumbers) -> Maintainer {
        Maintainer(
            runs: random.number(1...4), isImmediate: random.next() % 3 == 0,
            rewrites: random.flag(), hasWrongClock: random.flag())
    }

    /// Snapshots that were taken one after the other.
    private mutating func commitRandomly(_ random: inout SeededNumbers) {
        for snapshot in 0..<random.number(1...3) {
            var (full, delta) = (Few(), Few())
            let stored = indexed(truth)
            setting.contents[snapshot].visit { chunk in
                guard !resolves(chunk, in: stored) else { return }
                if let base = setting.base(of: chunk),
                    full.contains(base) || hasFull(base, in: stored)
                {
                    delta.insert(chunk)
                } else {
                    full.insert(chunk)
                }
            }
            commitBefore(snapshot, full: full, delta: delta)
        }
    }
}
