import CFuse
import Glibc

/// The functions of libfuse.
///
/// It is loaded when something is mounted, as libcurl is: the other commands must not need it.
struct FuseLibrary: @unchecked Sendable {
    typealias Request = fuse_req_t
    typealias Session = OpaquePointer
    typealias Text = UnsafePointer<CChar>

    let newSession:
        @convention(c) (
            UnsafeMutablePointer<fuse_args>?, UnsafePointer<fuse_lowlevel_ops>?, Int,
            UnsafeMutableRawPointer?
        ) -> Session?
    let mount: @convention(c) (Session?, Text?) -> Int32
    let unmount: @convention(c) (Session?) -> Void
    let destroy: @convention(c) (Session?) -> Void
    let exit: @convention(c) (Session?) -> Void
    let hasExited: @convention(c) (Session?) -> Int32
    let receive: @convention(c) (Session?, UnsafeMutablePointer<fuse_buf>?) -> Int32
    let process: @convention(c) (Session?, UnsafePointer<fuse_buf>?) -> Void
    let userData: @convention(c) (Request?) -> UnsafeMutableRawPointer?
    let replyError: @convention(c) (Request?, Int32) -> Int32
    let replyNone: @convention(c) (Request?) -> Void
    let replyEntry: @convention(c) (Request?, UnsafePointer<fuse_entry_param>?) -> Int32
    let replyStatus: @convention(c) (Request?, UnsafePointer<stat>?, Double) -> Int32
    let replyLink: @convention(c) (Request?, Text?) -> Int32
    let replyBytes: @convention(c) (Request?, Text?, Int) -> Int32
    let replyStatistics: @convention(c) (Request?, UnsafePointer<statvfs>?) -> Int32
    let replySeek: @convention(c) (Request?, off_t) -> Int32
    let replyAttributeLength: @convention(c) (Request?, Int) -> Int32
    let addEntry:
        @convention(c) (
            Request?, UnsafeMutablePointer<CChar>?, Int, Text?, UnsafePointer<stat>?, off_t
        ) -> Int
    let addEntryPlus:
        @convention(c) (
            Request?, UnsafeMutablePointer<CChar>?, Int, Text?, UnsafePointer<fuse_entry_param>?,
            off_t
        ) -> Int
    /// `fuse_lowlevel_notify_store`, for the shim.
    let store: UnsafeMutableRawPointer
    /// `fuse_set_log_func`, for the shim.
    let setLog: UnsafeMutableRawPointer

    private static let library: Result<FuseLibrary, MountError> = load()

    /// Throws when libfuse is not there.
    static var loaded: FuseLibrary { get throws(MountError) { try library.get() } }

    private static func load() -> Result<FuseLibrary, MountError> {
        // Version 3.17 changed its name; what is used here is the same in both.
        let names = ["libfuse3.so.4", "libfuse3.so.3"]
        let found = names.lazy.compactMap { dlopen($0, RTLD_NOW | RTLD_LOCAL) }.first
        guard let found else {
            return .failure(missing(dlerror().map { String(cString: $0) } ?? "it is not there"))
        }
        return Result { () throws(MountError) in try FuseLibrary(Symbols(library: found)) }
    }

    /// Looks functions up by their names; the wanted type says how they are called.
    private struct Symbols {
        let library: UnsafeMutableRawPointer

        func callAsFunction<Function>(_ name: String) throws(MountError) -> Function {
            guard let symbol = dlsym(library, name) else {
                throw FuseLibrary.missing("it has no \(name)")
            }
            return unsafeBitCast(symbol, to: Function.self)
        }
    }

    private init(_ symbol: Symbols) throws(MountError) {
        newSession = try symbol("fuse_session_new")
        mount = try symbol("fuse_session_mount")
        unmount = try symbol("fuse_session_unmount")
        destroy = try symbol("fuse_session_destroy")
        exit = try symbol("fuse_session_exit")
        hasExited = try symbol("fuse_session_exited")
        receive = try symbol("fuse_session_receive_buf")
        process = try symbol("fuse_session_process_buf")
        userData = try symbol("fuse_req_userdata")
        replyError = try symbol("fuse_reply_err")
        replyNone = try symbol("fuse_reply_none")
        replyEntry = try symbol("fuse_reply_entry")
        replyStatus = try symbol("fuse_reply_attr")
        replyLink = try symbol("fuse_reply_readlink")
        replyBytes = try symbol("fuse_reply_buf")
        replyStatistics = try symbol("fuse_reply_statfs")
        replySeek = try symbol("fuse_reply_lseek")
        replyAttributeLength = try symbol("fuse_reply_xattr")
        addEntry = try symbol("fuse_add_direntry")
        addEntryPlus = try symbol("fuse_add_direntry_plus")
        store = try symbol("fuse_lowlevel_notify_store")
        setLog = try symbol("fuse_set_log_func")
    }

    private static func missing(_ reason: String) -> MountError {
        MountError("libfuse3 cannot be used (\(reason)); install libfuse3-3")
    }
}
