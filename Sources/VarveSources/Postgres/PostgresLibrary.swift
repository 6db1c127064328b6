import CPostgres
import VarveSystem

/// The functions of libpq.
///
/// It is loaded when the first database is named, as libcurl is, for it brings TLS and Kerberos, which
/// every command would else wait for.
struct PostgresLibrary: @unchecked Sendable {
    typealias Connection = OpaquePointer
    typealias ResultSet = OpaquePointer
    typealias Text = UnsafePointer<CChar>
    typealias Options = UnsafeMutablePointer<PQconninfoOption>

    let parse:
        @convention(c) (Text?, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> Options?
    let defaults: @convention(c) () -> Options?
    let freeOptions: @convention(c) (Options?) -> Void
    let freeMemory: @convention(c) (UnsafeMutableRawPointer?) -> Void
    let connectStart:
        @convention(c) (UnsafePointer<Text?>?, UnsafePointer<Text?>?, Int32) -> Connection?
    let connectPoll: @convention(c) (Connection?) -> PostgresPollingStatusType
    let finish: @convention(c) (Connection?) -> Void
    let status: @convention(c) (Connection?) -> ConnStatusType
    let errorMessage: @convention(c) (Connection?) -> Text?
    let socket: @convention(c) (Connection?) -> Int32
    let serverVersion: @convention(c) (Connection?) -> Int32
    let parameterStatus: @convention(c) (Connection?, Text?) -> Text?
    let database: @convention(c) (Connection?) -> Text?
    let host: @convention(c) (Connection?) -> Text?
    let port: @convention(c) (Connection?) -> Text?
    let user: @convention(c) (Connection?) -> Text?
    let ignoreNotices:
        @convention(c) (
            Connection?, (@convention(c) (UnsafeMutableRawPointer?, Text?) -> Void)?,
            UnsafeMutableRawPointer?
        ) -> UnsafeMutableRawPointer?
    let setNonblocking: @convention(c) (Connection?, Int32) -> Int32
    let sendQuery: @convention(c) (Connection?, Text?) -> Int32
    let flush: @convention(c) (Connection?) -> Int32
    let consumeInput: @convention(c) (Connection?) -> Int32
    let isBusy: @convention(c) (Connection?) -> Int32
    let nextResult: @convention(c) (Connection?) -> ResultSet?
    let resultStatus: @convention(c) (ResultSet?) -> ExecStatusType
    let errorField: @convention(c) (ResultSet?, Int32) -> Text?
    let resultError: @convention(c) (ResultSet?) -> Text?
    let clear: @convention(c) (ResultSet?) -> Void
    let rowCount: @convention(c) (ResultSet?) -> Int32
    let columnCount: @convention(c) (ResultSet?) -> Int32
    let value: @convention(c) (ResultSet?, Int32, Int32) -> Text?
    let isNull: @convention(c) (ResultSet?, Int32, Int32) -> Int32
    let affectedRows: @convention(c) (ResultSet?) -> Text?
    let getCopyData:
        @convention(c) (Connection?, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, Int32) ->
            Int32
    let putCopyData: @convention(c) (Connection?, Text?, Int32) -> Int32
    let putCopyEnd: @convention(c) (Connection?, Text?) -> Int32
    let makeCancel: @convention(c) (Connection?) -> OpaquePointer?
    let cancel: @convention(c) (OpaquePointer?, UnsafeMutablePointer<CChar>?, Int32) -> Int32
    let freeCancel: @convention(c) (OpaquePointer?) -> Void

    private static let library: Result<PostgresLibrary, SourceError> = load()

    /// Throws when libpq is not there.
    static var loaded: PostgresLibrary { get throws { try library.get() } }

    private static func load() -> Result<PostgresLibrary, SourceError> {
        Result { () throws(LoadedLibrary.Failure) in
            try PostgresLibrary(LoadedLibrary("libpq.so.5"))
        }.mapError { missing($0.reason) }
    }

    private init(_ symbol: LoadedLibrary) throws(LoadedLibrary.Failure) {
        parse = try symbol("PQconninfoParse")
        defaults = try symbol("PQconndefaults")
        freeOptions = try symbol("PQconninfoFree")
        freeMemory = try symbol("PQfreemem")
        connectStart = try symbol("PQconnectStartParams")
        connectPoll = try symbol("PQconnectPoll")
        finish = try symbol("PQfinish")
        status = try symbol("PQstatus")
        errorMessage = try symbol("PQerrorMessage")
        socket = try symbol("PQsocket")
        serverVersion = try symbol("PQserverVersion")
        parameterStatus = try symbol("PQparameterStatus")
        database = try symbol("PQdb")
        host = try symbol("PQhost")
        port = try symbol("PQport")
        user = try symbol("PQuser")
        ignoreNotices = try symbol("PQsetNoticeProcessor")
        setNonblocking = try symbol("PQsetnonblocking")
        sendQuery = try symbol("PQsendQuery")
        flush = try symbol("PQflush")
        consumeInput = try symbol("PQconsumeInput")
        isBusy = try symbol("PQisBusy")
        nextResult = try symbol("PQgetResult")
        resultStatus = try symbol("PQresultStatus")
        errorField = try symbol("PQresultErrorField")
        resultError = try symbol("PQresultErrorMessage")
        clear = try symbol("PQclear")
        rowCount = try symbol("PQntuples")
        columnCount = try symbol("PQnfields")
        value = try symbol("PQgetvalue")
        isNull = try symbol("PQgetisnull")
        affectedRows = try symbol("PQcmdTuples")
        getCopyData = try symbol("PQgetCopyData")
        putCopyData = try symbol("PQputCopyData")
        putCopyEnd = try symbol("PQputCopyEnd")
        makeCancel = try symbol("PQgetCancel")
        cancel = try symbol("PQcancel")
        freeCancel = try symbol("PQfreeCancel")
    }

    private static func missing(_ reason: String) -> SourceError {
        SourceError("libpq.so.5 cannot be used (\(reason)); install libpq5")
    }
}
