import CCurl
import VarveSystem

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
        do throws(LoadedLibrary.Failure) {
            let library = try LoadedLibrary("libcurl.so.4")
            let initialise: @convention(c) (Int) -> CURLcode = try library("curl_global_init")
            guard initialise(Int(CURL_GLOBAL_ALL)) == CURLE_OK else {
                return .failure(missing("it does not start"))
            }
            return .success(try CurlLibrary(library))
        } catch {
            return .failure(missing(error.reason))
        }
    }

    private init(_ symbol: LoadedLibrary) throws(LoadedLibrary.Failure) {
        makeHandle = try symbol("curl_easy_init")
        freeHandle = try symbol("curl_easy_cleanup")
        reset = try symbol("curl_easy_reset")
        perform = try symbol("curl_easy_perform")
        describe = try symbol("curl_easy_strerror")
        append = try symbol("curl_slist_append")
        freeList = try symbol("curl_slist_free_all")
        setOption = try symbol("curl_easy_setopt")
    }

    private static func missing(_ reason: String) -> HTTPError {
        HTTPError(.library, "libcurl.so.4 cannot be used (\(reason)); install libcurl4")
    }
}
