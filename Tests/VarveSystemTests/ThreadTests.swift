import Glibc
import Synchronization
import Testing
import VarveSystem

@Suite("Worker threads")
struct WorkerThreadsTests {
    @Test("run the body once for each index and end before the call does")
    func run() throws {
        let seen = Mutex<Set<Int>>([])
        try WorkerThreads.run(count: 12) { index in seen.withLock { _ = $0.insert(index) } }
        #expect(seen.withLock { $0 } == Set(0..<12))
        try WorkerThreads.run(count: 0) { _ in Issue.record("there is no thread to run this") }
    }

    @Test("rethrow the first error after all have ended")
    func errors() throws {
        struct Failure: Error {}
        let ended = Mutex(0)
        #expect(throws: Failure.self) {
            try WorkerThreads.run(count: 4) { index in
                defer { ended.withLock { $0 += 1 } }
                if index == 2 { throw Failure() }
            }
        }
        #expect(ended.withLock { $0 } == 4)
    }

    @Test("carry a name that the system shows")
    func names() throws {
        let name = Mutex("")
        try WorkerThreads.run(count: 1, name: "reader") { _ in
            let bytes = try File.contents(of: "/proc/thread-self/comm", limit: 64)
            name.withLock { $0 = String(decoding: bytes, as: UTF8.self) }
        }
        #expect(name.withLock { $0 } == "reader-0\n")
    }
}

@Suite("A bounded queue")
struct BoundedQueueTests {
    @Test("hands every element to one taker, in order for each putter")
    func transfer() throws {
        let queue = BoundedQueue<(Int, Int)>(capacity: 3)
        let taken = Mutex<[[Int]]>([[], []])
        let putters = Mutex(2)
        try WorkerThreads.run(count: 5) { index in
            if index < 2 {
                for value in 0..<5000 { #expect(queue.put((index, value))) }
                if putters.withLock({
                    $0 -= 1
                    return $0
                }) == 0 {
                    queue.close()
                }
            } else if index == 2 {
                while let (putter, value) = queue.take() {
                    taken.withLock { $0[putter].append(value) }
                }
            }
        }
        #expect(taken.withLock { $0 } == [Array(0..<5000), Array(0..<5000)])
    }

    @Test("hands out what is inside after it is closed, then nil")
    func close() {
        let queue = BoundedQueue<Int>(capacity: 4)
        queue.put(1)
        queue.put(2)
        queue.close()
        #expect(!queue.put(3))
        #expect(queue.take() == 1)
        #expect(queue.take() == 2)
        #expect(queue.take() == nil)
    }

    @Test("drops what is inside when it fails, and wakes everyone who waits")
    func fail() throws {
        let full = BoundedQueue<Int>(capacity: 1)
        let empty = BoundedQueue<Int>(capacity: 1)
        full.put(1)
        try WorkerThreads.run(count: 5) { index in
            switch index {
            case 0, 1: #expect(!full.put(2))
            case 2, 3: #expect(empty.take() == nil)
            default:
                Clock.sleep(nanoseconds: 20_000_000)
                full.fail()
                empty.fail()
            }
        }
        #expect(full.take() == nil)
    }
}
