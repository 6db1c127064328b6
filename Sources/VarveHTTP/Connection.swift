import CCurl
import Glibc

/// A libcurl handle, which keeps its connection open between requests.
///
/// Used by one thread at a time.
final class Connection: @unchecked Sendable {
    private let curl: CurlLibrary
    private let handle: UnsafeMutableRawPointer

    init() throws(HTTPError) {
        curl = try CurlLibrary.loaded.get()
        guard let handle = curl.makeHandle() else {
            throw HTTPError(.library, "libcurl gives no handle")
        }
        self.handle = handle
    }

    deinit { curl.freeHandle(handle) }

    /// Sends a request and waits for all of the answer, whatever its status.
    func send(
        _ request: HTTPRequest, _ sink: Transfer.Sink, _ options: HTTPOptions
    ) throws(HTTPError) -> HTTPResponse {
        let transfer = Transfer(request.body, sink, options.limits)
        curl.reset(handle)
        var list: UnsafeMutablePointer<curl_slist>?
        defer { curl.freeList(list) }
        // libcurl would add headers of its own, which were not signed, or wait for permission.
        for header in request.headers.map({ "\($0.name): \($0.value)" }) + ["Expect:", "Accept:"] {
            guard let longer = curl.append(list, header) else {
                throw HTTPError(.library, "no memory for headers")
            }
            list = longer
        }
        try set(request, options)
        try check(
            varve_curl_set_pointer(curl.setOption, handle, CURLOPT_HTTPHEADER, list))
        var complaint = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))
        let code = try complaint.withUnsafeMutableBufferPointer { (complaint) throws(HTTPError) in
            try check(
                varve_curl_set_pointer(
                    curl.setOption, handle, CURLOPT_ERRORBUFFER, complaint.baseAddress))
            return try withExtendedLifetime(transfer) { () throws(HTTPError) in
                try setCallbacks(Unmanaged.passUnretained(transfer).toOpaque())
                return curl.perform(handle)
            }
        }
        if let failure = transfer.failure { throw failure }
        guard code == CURLE_OK else { throw error(code, complaint) }
        return transfer.response
    }

    private func set(_ request: HTTPRequest, _ options: HTTPOptions) throws(HTTPError) {
        try set(CURLOPT_URL, request.url)
        try set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        try set(CURLOPT_USERAGENT, options.userAgent)
        if let file = options.certificates { try set(CURLOPT_CAINFO, file) }
        if request.method == .head { try set(CURLOPT_NOBODY, 1) }
        if request.method == .put || request.method == .post {
            try set(CURLOPT_UPLOAD, 1)
            try check(
                varve_curl_set_size(
                    curl.setOption, handle, CURLOPT_INFILESIZE_LARGE,
                    curl_off_t(request.body.byteCount)))
        }
        // Signals belong to the program; redirects would carry a signature elsewhere.
        try set(CURLOPT_NOSIGNAL, 1)
        try set(CURLOPT_FOLLOWLOCATION, 0)
        try set(CURLOPT_PATH_AS_IS, 1)
        try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        try set(CURLOPT_TCP_KEEPALIVE, 1)
        try set(CURLOPT_CONNECTTIMEOUT_MS, options.connectMilliseconds)
        try set(CURLOPT_LOW_SPEED_LIMIT, 1)
        try set(CURLOPT_LOW_SPEED_TIME, options.stallSeconds)
        let piece = options.limits.download?.pieceBytes ?? Self.pieceBytesMax
        try set(CURLOPT_BUFFERSIZE, min(piece, Self.pieceBytesMax))
        try set(CURLOPT_UPLOAD_BUFFERSIZE, Self.pieceBytesMax)
    }

    /// What libcurl moves at a time; more takes no less time.
    private static let pieceBytesMax = 512 << 10

    private func setCallbacks(_ transfer: UnsafeMutableRawPointer) throws(HTTPError) {
        for option in [CURLOPT_HEADERDATA, CURLOPT_WRITEDATA, CURLOPT_READDATA] {
            try check(varve_curl_set_pointer(curl.setOption, handle, option, transfer))
        }
        try check(
            varve_curl_set_transfer(curl.setOption, handle, CURLOPT_HEADERFUNCTION) {
                Connection.transfer($3).header(UnsafeRawBufferPointer(start: $0, count: $1 * $2))
                return $1 * $2
            })
        try check(
            varve_curl_set_transfer(curl.setOption, handle, CURLOPT_WRITEFUNCTION) {
                let piece = UnsafeRawBufferPointer(start: $0, count: $1 * $2)
                return Connection.transfer($3).receive(piece) ? piece.count : 0
            })
        try check(
            varve_curl_set_transfer(curl.setOption, handle, CURLOPT_READFUNCTION) {
                let room = UnsafeMutableRawBufferPointer(start: $0, count: $1 * $2)
                return Connection.transfer($3).send(room) ?? Int(CURL_READFUNC_ABORT)
            })
        // There is no callback that begins the body again: when a connection that was used before ends
        // without an answer, libcurl would send a second request, and nobody would know of the first,
        // which may have been done.
    }

    private static func transfer(_ pointer: UnsafeMutableRawPointer?) -> Transfer {
        guard let pointer else { preconditionFailure("libcurl has lost its transfer") }
        return Unmanaged<Transfer>.fromOpaque(pointer).takeUnretainedValue()
    }

    private func set(_ option: CURLoption, _ value: Int) throws(HTTPError) {
        try check(varve_curl_set_number(curl.setOption, handle, option, value))
    }

    /// libcurl copies the text.
    private func set(_ option: CURLoption, _ value: String) throws(HTTPError) {
        try check(
            value.withCString { varve_curl_set_pointer(curl.setOption, handle, option, $0) })
    }

    private func check(_ code: CURLcode) throws(HTTPError) {
        if code != CURLE_OK { throw error(code, []) }
    }

    private func error(_ code: CURLcode, _ complaint: [CChar]) -> HTTPError {
        if code == CURLE_SEND_FAIL_REWIND { return HTTPError(code, "it ended without an answer") }
        let said = String(
            decoding: complaint.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let general = curl.describe(code).map { String(cString: $0) } ?? "error \(code.rawValue)"
        return HTTPError(code, said.isEmpty ? general : said)
    }
}
