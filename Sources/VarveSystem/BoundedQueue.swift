import Glibc

/// Passes elements between threads in order, holding at most `capacity` of them; blocks.
public final class BoundedQueue<Element: Sendable>: @unchecked Sendable {
    // All below are touched only with `mutex` held.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let hasElement = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let hasRoom = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var ring: [Element?]
    private var first = 0
    private var count = 0
    private var isClosed = false

    public init(capacity: Int) {
        precondition(capacity > 0, "a queue holds at least one element")
        ring = Array(repeating: nil, count: capacity)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(hasElement, nil)
        pthread_cond_init(hasRoom, nil)
    }

    deinit {
        pthread_cond_destroy(hasRoom)
        pthread_cond_destroy(hasElement)
        pthread_mutex_destroy(mutex)
        hasRoom.deallocate()
        hasElement.deallocate()
        mutex.deallocate()
    }

    /// Waits for room; false, and the element is dropped, once the queue is closed.
    @discardableResult
    public func put(_ element: Element) -> Bool {
        locked {
            while count == ring.count && !isClosed { pthread_cond_wait(hasRoom, mutex) }
            if isClosed { return false }
            ring[(first + count) % ring.count] = element
            count += 1
            pthread_cond_signal(hasElement)
            return true
        }
    }

    /// Puts an element if there is room right now.
    public func putIfRoom(_ element: Element) {
        locked {
            guard count < ring.count, !isClosed else { return }
            ring[(first + count) % ring.count] = element
            count += 1
            pthread_cond_signal(hasElement)
        }
    }

    /// Waits for an element; nil once the queue is closed and empty.
    public func take() -> Element? {
        locked {
            while count == 0 && !isClosed { pthread_cond_wait(hasElement, mutex) }
            if count == 0 { return nil }
            let element = ring[first].take()
            first = (first + 1) % ring.count
            count -= 1
            pthread_cond_signal(hasRoom)
            return element
        }
    }

    /// An element if there is one right now.
    public func takeIfAny() -> Element? {
        locked {
            if count == 0 { return nil }
            let element = ring[first].take()
            first = (first + 1) % ring.count
            count -= 1
            pthread_cond_signal(hasRoom)
            return element
        }
    }

    /// No more elements come; those inside are still handed out.
    public func close() {
        locked {
            isClosed = true
            wakeAll()
        }
    }

    /// No more elements come, and those inside are dropped.
    public func fail() {
        let dropped = locked {
            isClosed = true
            count = 0
            wakeAll()
            let dropped = ring
            ring = Array(repeating: nil, count: ring.count)
            return dropped
        }
        // Released outside the lock: an element's deinit may use the queue.
        _ = consume dropped
    }

    private func wakeAll() {
        pthread_cond_broadcast(hasElement)
        pthread_cond_broadcast(hasRoom)
    }

    private func locked<Answer>(_ body: () -> Answer) -> Answer {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }
}
