import Glibc

/// Lets a thread sleep until a time comes or another thread cancels.
public final class Alarm: @unchecked Sendable {
    // All below are touched only with `mutex` held.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let cancelled = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var isCancelled = false

    public init() {
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(cancelled, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(cancelled)
        pthread_mutex_destroy(mutex)
        cancelled.deallocate()
        mutex.deallocate()
    }

    /// Sleeps for so many nanoseconds; false, at once, when it is cancelled.
    public func sleep(nanoseconds: Int64) -> Bool {
        var until = timespec()
        clock_gettime(CLOCK_MONOTONIC, &until)
        let (seconds, rest) = max(nanoseconds, 0).quotientAndRemainder(dividingBy: 1_000_000_000)
        until.tv_sec += Int(seconds)
        until.tv_nsec += Int(rest)
        if until.tv_nsec >= 1_000_000_000 {
            until.tv_sec += 1
            until.tv_nsec -= 1_000_000_000
        }
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while !isCancelled {
            if pthread_cond_timedwait(cancelled, mutex, &until) == ETIMEDOUT { return !isCancelled }
        }
        return false
    }

    /// Wakes every thread that sleeps; nobody sleeps any more from now on.
    public func cancel() {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        isCancelled = true
        pthread_cond_broadcast(cancelled)
    }
}
