import CFuse
import Glibc

/// The table of functions that libfuse calls.
enum FuseCalls {
    static func table() -> fuse_lowlevel_ops {
        var calls = fuse_lowlevel_ops()
        calls.`init` = { _, connection in FuseCalls.prepare(connection) }
        calls.lookup = { request, parent, name in
            with(request) { $0.lookup(request, FileNumber(rawValue: parent), bytes(name)) }
        }
        calls.forget = { request, number, count in
            with(request) {
                $0.files.forget(FileNumber(rawValue: number), count)
                $0.library.replyNone(request)
            }
        }
        calls.forget_multi = { request, count, forgets in
            with(request) {
                for index in 0..<count {
                    guard let forget = forgets?[index] else { break }
                    $0.files.forget(FileNumber(rawValue: forget.ino), forget.nlookup)
                }
                $0.library.replyNone(request)
            }
        }
        calls.getattr = { request, number, _ in
            with(request) { $0.status(request, FileNumber(rawValue: number)) }
        }
        calls.readlink = { request, number in
            with(request) { $0.link(request, FileNumber(rawValue: number)) }
        }
        addReading(&calls)
        addAttributes(&calls)
        calls.statfs = { request, _ in with(request) { $0.statistics(request) } }
        return calls
    }

    private static func addReading(_ calls: inout fuse_lowlevel_ops) {
        // The kernel takes this for success, and never asks again: nothing depends on what is open.
        calls.open = { request, _, _ in with(request) { _ = $0.library.replyError(request, ENOSYS) }
        }
        calls.opendir = { request, _, _ in
            with(request) { _ = $0.library.replyError(request, ENOSYS) }
        }
        calls.read = { request, number, size, offset, _ in
            with(request) { $0.read(request, FileNumber(rawValue: number), size, at: offset) }
        }
        calls.lseek = { request, number, offset, what, _ in
            with(request) {
                let stretch = what == seekHole ? FileBytes.Stretch.hole : .data
                $0.seek(request, FileNumber(rawValue: number), stretch, from: offset)
            }
        }
        calls.readdir = { request, number, size, offset, _ in
            with(request) {
                $0.list(
                    request, FileNumber(rawValue: number), room: size, from: offset, isPlus: false)
            }
        }
        calls.readdirplus = { request, number, size, offset, _ in
            with(request) {
                $0.list(
                    request, FileNumber(rawValue: number), room: size, from: offset, isPlus: true)
            }
        }
    }

    private static func addAttributes(_ calls: inout fuse_lowlevel_ops) {
        calls.getxattr = { request, number, name, size in
            with(request) {
                $0.attribute(request, FileNumber(rawValue: number), bytes(name), room: size)
            }
        }
        calls.listxattr = { request, number, size in
            with(request) {
                $0.attributeNames(request, FileNumber(rawValue: number), room: size)
            }
        }
    }

    /// Asks the kernel for what saves requests.
    private static func prepare(_ connection: UnsafeMutablePointer<fuse_conn_info>?) {
        guard let connection else { return }
        let wanted = [
            FUSE_CAP_PARALLEL_DIROPS, FUSE_CAP_CACHE_SYMLINKS, FUSE_CAP_NO_OPEN_SUPPORT,
            FUSE_CAP_NO_OPENDIR_SUPPORT, FUSE_CAP_READDIRPLUS, FUSE_CAP_READDIRPLUS_AUTO,
        ].reduce(0) { $0 | UInt32($1) }
        connection.pointee.want |= wanted & connection.pointee.capable
    }

}

/// SEEK_HOLE, which the header shows only to those who ask; besides SEEK_DATA nothing else arrives.
private let seekHole: Int32 = 4

// Functions of no type, for what C calls may hold on to nothing.

/// Runs `body` with what the session of a request was made with.
private func with(_ request: fuse_req_t?, _ body: (FuseOperations) -> Void) {
    guard let data = (try? FuseLibrary.loaded)?.userData(request) else { return }
    body(Unmanaged<FuseOperations>.fromOpaque(data).takeUnretainedValue())
}

private func bytes(_ text: UnsafePointer<CChar>?) -> [UInt8] {
    guard let text else { return [] }
    return Array(UnsafeRawBufferPointer(start: text, count: strlen(text)))
}
