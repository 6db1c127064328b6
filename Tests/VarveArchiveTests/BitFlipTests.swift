import Synchronization
import TestSupport
import Testing
import VarveSystem

@Suite("Of a repository with one flipped bit")
struct BitFlipTests {
    let repository: DamagedRepository

    init() throws { repository = try DamagedRepository() }

    /// How many bits apart the flips of a quick run are; a prime, so that all bits of a byte come.
    private var stride: Int { TestRun.isLong ? 1 : 31 }

    @Test("every snapshot comes back whole or an error is told, and a second copy hides the damage")
    func flips() throws {
        #expect(repository.byteCount < 16 << 10)
        let names = repository.names
        let wrong = Mutex<[String]>([])
        let counts = Mutex((tried: 0, told: 0))
        try WorkerThreads.run(count: Environment.processorCount()) { thread in
            var number = 0
            for name in names {
                for bit in 0..<(repository.contents[name] ?? []).count * 8 {
                    number += 1
                    guard number % stride == 0 else { continue }
                    guard number / stride % Environment.processorCount() == thread else { continue }
                    let outcome = outcome(name, bit, thread)
                    counts.withLock {
                        $0.tried += 1
                        if case .told = outcome { $0.told += 1 }
                    }
                    if let reason = reason(outcome, name) {
                        wrong.withLock { $0.append("\(name) bit \(bit): \(reason)") }
                    }
                }
            }
        }
        #expect(wrong.withLock { $0 } == [])
        let (tried, told) = counts.withLock { $0 }
        #expect(tried >= repository.byteCount * 8 / stride - 1)
        #expect(told > tried / 8)
    }

    private func outcome(_ name: String, _ bit: Int, _ thread: Int) -> DamagedRepository.Outcome {
        var contents = repository.contents
        contents[name]?[bit / 8] ^= 1 << UInt8(bit % 8)
        // A cache that knows a segment does not read it.
        let place = name.hasPrefix("index/") ? "\(thread)-\(bit)" : "\(thread)"
        defer { if name.hasPrefix("index/") { repository.box.removeCache(place) } }
        return repository.outcome(of: contents, place: place)
    }

    /// Why an outcome is not what it should be, or nil.
    private func reason(_ outcome: DamagedRepository.Outcome, _ name: String) -> String? {
        switch outcome {
        case .wrong(let reason): reason
        case .told(let reason) where repository.hasCopy(name):
            "a second copy is there, and still: \(reason)"
        case .told, .whole: nil
        }
    }
}

extension Sandbox {
    func removeCache(_ place: String) { removeTree(path + "/cache-" + place) }
}
