import Glibc

/// Waiting for descriptors that belong to a library.
public enum DescriptorWaiting {
    /// Waits until there is something to read, or, when asked for, room to write; false when the time is over.
    public static func wait(
        for descriptor: Int32, orRoom writes: Bool = false, milliseconds: Int32
    ) throws(SystemError) -> Bool {
        let events = Int16(POLLIN) | (writes ? Int16(POLLOUT) : 0)
        var wanted = pollfd(fd: descriptor, events: events, revents: 0)
        return try attempt(.read, "a connection") { Int(poll(&wanted, 1, milliseconds)) } > 0
    }

    /// Waits until there is room to write; false when the time is over.
    public static func waitForRoom(
        of descriptor: Int32, milliseconds: Int32
    ) throws(SystemError) -> Bool {
        var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return try attempt(.write, "a connection") { Int(poll(&wanted, 1, milliseconds)) } > 0
    }
}
