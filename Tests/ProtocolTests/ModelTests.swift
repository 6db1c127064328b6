import TestSupport
import Testing

/// The protocol as a model: every interleaving of a few actors, and many of more.
@Suite("The protocol, modelled")
struct ModelTests {
    /// So many different moments of one scene.
    private static let momentsMax = TestRun.isLong ? 2_000_000 : 20_000
    private static let schedules = TestRun.isLong ? 1_000_000 : 10_000

    @Test("no schedule of a small scene breaks a promise", arguments: Scene.all.indices)
    func small(_ index: Int) {
        let scene = Scene.all[index]
        let findings = scene.world().explore(momentsMax: Self.momentsMax)
        if TestRun.isLong {
            let part = findings.isComplete ? "all" : "some"
            print("\(scene.name): \(part) moments, \(findings.count)")
        }
        #expect(findings.violation == nil, "\(scene.name)")
        #expect(findings.count > 500, "\(scene.name)")
        #expect(findings.isComplete || !scene.isShort, "\(scene.name)")
    }

    @Test("nor does any of many schedules of larger ones")
    func large() {
        for seed in 0..<UInt64(Self.schedules) {
            let violation = Self.violation(seed)
            #expect(violation == nil, "seed \(seed)")
            guard violation == nil else { return }
        }
    }

    @Test("each rule is needed: without it a promise is broken", arguments: Rule.allCases)
    func rules(_ rule: Rule) {
        #expect(Self.violation(without: rule) != nil, "\(rule.sentence)")
    }

    private static func violation(_ seed: UInt64, without rule: Rule? = nil) -> String? {
        var random = SeededNumbers(seed)
        var world = World.random(&random, broken: rule)
        world.walk(&random)
        return world.violation
    }

    /// Looks a little everywhere before it looks far anywhere.
    private static func violation(without rule: Rule) -> String? {
        for effort in [500, 5_000, 50_000] {
            for scene in Scene.all {
                let findings = scene.world(without: rule).explore(momentsMax: effort)
                if let found = findings.violation { return found }
            }
            for seed in 0..<UInt64(effort / 10) {
                if let found = violation(seed, without: rule) { return found }
            }
        }
        return nil
    }
}
