import CCurl
import Glibc

/// The functions of libcurl.
///
/// It is loaded when the first request is made: its thirty libraries would double the time that
/// every command takes to start.
struct CurlLibrary: @unchecked Sendable {
    let makeHandle: @convention(c) () -> UnsafeMutableRawPointer?
    let freeHandle: @convention(c) (UnsafeMutableRawPointer?) -> Void
    let reset: @convention(c) (UnsafeMutableRawPointer?) -> Void
    let perform: @convention(c) (UnsafeMutableRawPointer?) -> CURLcode
    let describe: @convention(c) (CURLcode) -> UnsafePointer<CChar>?
    let append:
        @convention(c) (UnsafeMutablePointer<curl_slist>?, UnsafePointer<CChar>?)
            -> UnsafeMutablePointer<curl_slist>?
    let freeList: @convention(c) (UnsafeMutablePointer<curl_slist>?) -> Void
    let setOption: UnsafeMutableRawPointer

    static let loaded: Result<CurlLibrary, HTTPError> = load()

    private static func load() -> Result<CurlLibrary, HTTPError> {
        guard let library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL) else {
            return .failure(missing(dlerror().map { String(cString: $0) } ?? "it is not there"))
        }
        func symbol(_ name: String) -> Result<UnsafeMutableRawPointer, HTTPError> {
            dlsym(library, name).map { .success($0) } ?? .failure(missing("it has no \(name)"))
        }
        return Result { () throws(HTTPError) in
            typealias Initialise = @convention(c) (Int) -> CURLcode
            let initialise = unsafeBitCast(
                try symbol("curl_global_init").get(), to: Initialise.self)
            guard initialise(Int(CURL_GLOBAL_ALL)) == CURLE_OK else {
                throw missing("it does not start")
            }
            return try CurlLibrary(symbol)
        }
    }

    private init(
        _ symbol: (String) -> Result<UnsafeMutableRawPointer, HTTPError>
    ) throws(HTTPError) {
        func function<Function>(_ name: String, _ type: Function.Type) throws(HTTPError) -> Function
        {
            unsafeBitCast(try symbol(name).get(), to: type)
        }
        makeHandle = try function(
            "curl_easy_init", (@convention(c) () -> UnsafeMutableRawPointer?).self)
        freeHandle = try function(
            "curl_easy_cleanup", (@convention(c) (UnsafeMutableRawPointer?) -> Void).self)
        reset = try function(
            "curl_easy_reset", (@convention(c) (UnsafeMutableRawPointer?) -> Void).self)
        perform = try function(
            "curl_easy_perform", (@convention(c) (UnsafeMutableRawPointer?) -> CURLcode).self)
        describe = try function(
            "curl_easy_strerror", (@convention(c) (CURLcode) -> UnsafePointer<CChar>?).self)
        append = try function(
            "curl_slist_append",
            (@convention(c) (UnsafeMutablePointer<curl_slist>?, UnsafePointer<CChar>?)
                -> UnsafeMutablePointer<curl_slist>?).self)
        freeList = try function(
            "curl_slist_free_all",
            (@convention(c) (UnsafeMutablePointer<curl_slist>?) -> Void).self)
        setOption = try symbol("curl_easy_setopt").get()
    }

    private static func missing(_ reason: String) -> HTTPError {
        HTTPError(.library, "libcurl.so.4 cannot be used (\(reason)); install libcurl4")
    }
}
