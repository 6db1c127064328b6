import TestSupport

/// What an exploration found.
struct Findings {
    /// Different moments that were met, or schedules that were run.
    var count = 0
    var violation: String?
    /// It ended because there was nothing more to explore.
    var isComplete = true
}

extension World {
    /// Goes through every schedule, each different moment once.
    func explore(momentsMax: Int = .max) -> Findings {
        var findings = Findings()
        var seen: Set<Key> = [key]
        var waiting = [self]
        while let world = waiting.popLast() {
            findings.count += 1
            let steps = world.steps
            if steps.isEmpty {
                var end = world
                end.checkEnd()
                if let violation = end.violation {
                    findings.violation = violation
                    return findings
                }
            }
            for step in steps {
                var next = world
                next.take(step)
                if let violation = next.violation {
                    findings.violation = violation
                    return findings
                }
                if seen.insert(next.key).inserted { waiting.append(next) }
            }
            if findings.count >= momentsMax {
                findings.isComplete = false
                return findings
            }
        }
        return findings
    }

    /// Steps of one schedule, within which everybody must have ended.
    private static let stepsMax = 2_000

    /// Follows one schedule to its end.
    mutating func walk(_ random: inout SeededNumbers) {
        var steps = 0
        var last: Step.Kind?
        while violation == nil {
            let possible = self.steps
            guard !possible.isEmpty else { return checkEnd() }
            steps += 1
            if steps > Self.stepsMax { return fail("somebody does not come to an end") }
            let step = choose(among: possible, after: last, &random)
            take(step)
            last = step.kind
        }
    }

    /// Somebody often goes on; faults are rare.
    private func choose(
        among steps: [Step], after last: Step.Kind?, _ random: inout SeededNumbers
    ) -> Step {
        var step = steps[Int(random.next() % UInt64(steps.count))]
        if let last, random.next() % 2 == 0 {
            step = steps.first { $0.kind == last } ?? step
        }
        if step.outcome > 0, random.next() % 2 == 0 { step.outcome = 0 }
        return step
    }
}
