import Glibc
import VarveSystem

/// The directory that something is to be mounted on.
enum MountPoint {
    /// Throws, with a sentence, unless something can be mounted there.
    static func check(_ path: String) throws {
        let status: FileStatus
        do {
            status = try File.status(of: path)
        } catch {
            throw explanation(error, path)
        }
        guard status.kind == .directory else { throw MountError("\(path) is no directory") }
        let isEmpty: Bool
        do {
            isEmpty = try File.openDirectory(path).entries().isEmpty
        } catch {
            throw explanation(error, path)
        }
        guard isEmpty || !status.isMountRoot else {
            throw MountError(
                "something is mounted on \(path) already; `fusermount3 -u \(path)` ends a mount of "
                    + "Varve")
        }
        guard isEmpty else {
            throw MountError(
                "\(path) is not empty; name an empty directory, which is one again afterwards")
        }
        do {
            _ = try File.status(of: "/dev/fuse")
        } catch {
            throw MountError(
                "there is no /dev/fuse; run `modprobe fuse`, or give a container "
                    + "`--device /dev/fuse` and the right to mount")
        }
    }

    private static func explanation(_ error: SystemError, _ path: String) -> MountError {
        switch error.errno {
        case ENOENT: MountError("there is no \(path); make it with `mkdir`, and run this again")
        case ENOTCONN:
            MountError(
                "\(path) is left from a mount whose program was killed; run `fusermount3 -u`, or as "
                    + "root `umount`, on it, and this again")
        default: MountError(error.description)
        }
    }

    /// Why libfuse could not mount; `said` is what it had to say.
    static func refusal(_ path: String, said: String) -> MountError {
        let isRoot = geteuid() == 0
        let places = (Environment.value("PATH") ?? "/usr/bin:/bin").split(separator: ":")
        let hasProgram = places.contains { (try? File.status(of: "\($0)/fusermount3")) != nil }
        if !isRoot, !hasProgram {
            return MountError(
                "cannot mount on \(path): users other than root need fusermount3; install fuse3")
        }
        // What fusermount3 has to say it says itself.
        let silent = isRoot ? "the system refused" : "fusermount3 refused, for the reason above"
        let reason = said.isEmpty ? silent : said
        return MountError("cannot mount on \(path): \(reason)")
    }
}
