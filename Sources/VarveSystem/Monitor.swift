import Glibc

/// State that threads share, one at a time, and whose changes they wait for.
public final class Monitor<State>: @unchecked Sendable {
    // Unchecked: the state is touched with the lock held only.
    private var state: State
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    public init(_ state: sending State) {
        self.state = state
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// Changes the state, and wakes all who wait.
    public func change(_ body: (inout State) -> Void) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        body(&state)
        pthread_cond_broadcast(changed)
    }

    /// Waits until `body`, which is asked again after each change, has an answer.
    public func wait<Answer>(for body: (inout State) -> Answer?) -> Answer {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let answer = body(&state) { return answer }
            pthread_cond_wait(changed, mutex)
        }
    }
}
