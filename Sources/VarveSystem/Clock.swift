import Glibc

/// The machine's clocks, in nanoseconds.
public enum Clock {
    /// Since 1970, as the machine believes; may jump.
    public static func wallNanoseconds() -> Int64 { read(CLOCK_REALTIME) }

    /// Since an arbitrary moment; never goes back.
    public static func monotonicNanoseconds() -> Int64 { read(CLOCK_MONOTONIC) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Blocks this thread; a signal may end it early.
    public static func sleep(nanoseconds: Int64) {
        var time = timespec(
            tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        nanosleep(&time, nil)
    }
}
