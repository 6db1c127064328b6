import Glibc
import Synchronization

/// User and group names by number, and numbers by name; answers are remembered.
public enum Accounts {
    private struct Memory {
        var userNames: [UInt32: String?] = [:]
        var groupNames: [UInt32: String?] = [:]
        var userNumbers: [String: UInt32?] = [:]
        var groupNumbers: [String: UInt32?] = [:]
    }

    private static let memory = Mutex(Memory())

    /// Nil when the machine knows no such user.
    public static func userName(_ number: UInt32) -> String? {
        if let known = memory.withLock({ $0.userNames[number] }) { return known }
        let name = user { getpwuid_r(number, $0, $1, $2, $3) }?.name
        memory.withLock { $0.userNames[number] = .some(name) }
        return name
    }

    /// Nil when the machine knows no such group.
    public static func groupName(_ number: UInt32) -> String? {
        if let known = memory.withLock({ $0.groupNames[number] }) { return known }
        let name = group { getgrgid_r(number, $0, $1, $2, $3) }?.name
        memory.withLock { $0.groupNames[number] = .some(name) }
        return name
    }

    public static func userNumber(named name: String) -> UInt32? {
        if let known = memory.withLock({ $0.userNumbers[name] }) { return known }
        let number = user { getpwnam_r(name, $0, $1, $2, $3) }?.number
        memory.withLock { $0.userNumbers[name] = .some(number) }
        return number
    }

    public static func groupNumber(named name: String) -> UInt32? {
        if let known = memory.withLock({ $0.groupNumbers[name] }) { return known }
        let number = group { getgrnam_r(name, $0, $1, $2, $3) }?.number
        memory.withLock { $0.groupNumbers[name] = .some(number) }
        return number
    }

    /// The home directory of the user that this process runs as.
    public static func homeDirectory() -> String? {
        user { getpwuid_r(getuid(), $0, $1, $2, $3) }?.home
    }

    /// The user that this process acts as, by number.
    public static var currentUser: UInt32 { geteuid() }

    /// The group that this process acts as, by number.
    public static var currentGroup: UInt32 { getegid() }

    /// The groups that this process is a member of, by number.
    public static var currentGroups: Set<UInt32> {
        var groups = [gid_t](repeating: 0, count: max(0, Int(getgroups(0, nil))))
        let count = getgroups(Int32(groups.count), &groups)
        return Set(groups.prefix(max(0, Int(count)))).union([currentGroup])
    }

    private typealias Lookup<Record> = (
        UnsafeMutablePointer<Record>, UnsafeMutablePointer<CChar>, Int,
        UnsafeMutablePointer<UnsafeMutablePointer<Record>?>
    ) -> Int32

    private static func user(
        _ lookup: Lookup<passwd>
    ) -> (number: UInt32, name: String, home: String)? {
        find(passwd(), lookup) {
            ($0.pw_uid, String(cString: $0.pw_name), String(cString: $0.pw_dir))
        }
    }

    private static func group(_ lookup: Lookup<Glibc.group>) -> (number: UInt32, name: String)? {
        find(Glibc.group(), lookup) { ($0.gr_gid, String(cString: $0.gr_name)) }
    }

    /// Looks up with a growing buffer for the record's texts, up to 1 MiB.
    private static func find<Record, Answer>(
        _ empty: Record, _ lookup: Lookup<Record>, _ read: (Record) -> Answer
    ) -> Answer? {
        var size = 4096
        while size <= 1 << 20 {
            let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: size)
            defer { buffer.deallocate() }
            var record = empty
            var found: UnsafeMutablePointer<Record>?
            let code = lookup(&record, buffer, size, &found)
            if code == 0 { return found == nil ? nil : read(record) }
            if code != ERANGE && code != EINTR { return nil }
            if code == ERANGE { size *= 4 }
        }
        return nil
    }
}
