import Synchronization
import TestSupport
import Testing
import VarveSystem

@Suite("A loading cache")
struct LoadingCacheTests {
    private struct Failure: Error {}

    @Test("never takes more than it may, and keeps what is used")
    func bound() throws {
        let cache = LoadingCache<Int, Int>(bytesMax: 100, size: { _ in 10 })
        var loads = 0
        for round in 0..<1_000 {
            for key in [0, round] {
                let value = try cache.value(key) {
                    loads += 1
                    return key * 3
                }
                #expect(value == key * 3)
            }
            #expect(cache.byteCount <= 100)
        }
        #expect(loads == 1_000)
    }

    @Test("gives up no more than it must, and what was used longest ago")
    func oldest() throws {
        let cache = LoadingCache<Int, Int>(bytesMax: 100, size: { _ in 10 })
        var loads: [Int] = []
        func ask(_ key: Int) throws {
            _ = try cache.value(key) {
                loads.append(key)
                return key
            }
        }
        for key in 0..<10 { try ask(key) }
        // So often that uses which count no more have to be thrown away in between.
        for _ in 0..<100 { for key in [3, 1, 4] { try ask(key) } }
        for key in 10..<17 {
            try ask(key)
            #expect(cache.byteCount == 100)
        }
        loads = []
        for key in [3, 1, 4, 10, 16] { try ask(key) }
        #expect(loads.isEmpty)
        try ask(17)
        for key in [3, 1, 4, 10, 12] { try ask(key) }
        #expect(loads == [17])
        try ask(11)
        #expect(loads == [17, 11])
    }

    @Test("gives out what is larger than all it may take")
    func large() throws {
        let cache = LoadingCache<Int, Int>(bytesMax: 10, size: { $0 })
        #expect(try cache.value(1) { 50 } == 50)
        #expect(try cache.value(2) { 5 } == 5)
        #expect(cache.byteCount == 5)
    }

    @Test("loads a value once, however many threads want it")
    func once() throws {
        let cache = LoadingCache<Int, Int>(bytesMax: 1_000, size: { _ in 1 })
        let loads = Mutex(0)
        try WorkerThreads.run(count: 8) { _ in
            for key in 0..<200 {
                let value = try cache.value(key) {
                    loads.withLock { $0 += 1 }
                    return key
                }
                #expect(value == key)
            }
        }
        #expect(loads.withLock { $0 } == 200)
    }

    @Test("asks again after a load that failed")
    func failure() throws {
        let cache = LoadingCache<Int, Int>(bytesMax: 10, size: { _ in 1 })
        #expect(throws: Failure.self) { try cache.value(1) { throw Failure() } }
        #expect(cache.byteCount == 0)
        #expect(try cache.value(1) { 7 } == 7)
        #expect(try cache.value(1) { throw Failure() } == 7)
        #expect(cache.byteCount == 1)
    }

    @Test("counts what threads load again that waited for a load that failed")
    func failureAmongThreads() throws {
        let cache = LoadingCache<Int, Int>(bytesMax: 1 << 20, size: { _ in 1 })
        let tries = Mutex(0)
        try WorkerThreads.run(count: 8) { _ in
            for key in 0..<200 {
                _ = try? cache.value(key) {
                    let number = tries.withLock { number in
                        number += 1
                        return number
                    }
                    if number % 2 == 0 { throw Failure() }
                    return key
                }
            }
        }
        for key in 0..<200 { #expect(try cache.value(key) { key } == key) }
        #expect(cache.byteCount == 200)
    }
}
