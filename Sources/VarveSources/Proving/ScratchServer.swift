import VarveArchive
import VarveSystem

/// A PostgreSQL server of our own: on a socket in its scratch place and nowhere else, and gone with it.
final class ScratchServer: Sendable {
    let version: PostgresVersion
    private let place: ScratchPlace
    private let process: ChildProcess

    static let superuser = "varve_proof"
    private static let port = 5432
    /// What the kernel takes as the path of a socket.
    private static let socketPathBytesMax = 107
    private static let startSeconds: Int64 = 60
    private static let pauseNanoseconds: Int64 = 20_000_000

    private static let settings = [
        "listen_addresses=", "archive_mode=off", "fsync=off", "full_page_writes=off",
        "synchronous_commit=off", "wal_level=minimal", "max_wal_senders=0", "autovacuum=off",
        "shared_buffers=64MB", "max_wal_size=4GB", "logging_collector=off",
        "log_min_messages=fatal",
    ]

    /// Lends a server of this version, which is gone when `body` is done.
    static func run<Answer>(
        _ programs: ServerPrograms, _ body: (ScratchServer) throws -> Answer
    ) throws -> Answer {
        let server = try ScratchServer(programs)
        return try withExtendedLifetime(server) { try body(server) }
    }

    /// Makes a cluster and starts it; returns when it answers.
    private init(_ programs: ServerPrograms) throws {
        let owner = try ScratchOwner()
        place = try ScratchPlace(owner: owner)
        version = programs.version
        guard place.path.utf8.count + "/.s.PGSQL.\(Self.port)".utf8.count <= Self.socketPathBytesMax
        else {
            throw SourceError(
                "the path of TMPDIR is too long for a server's socket; set it to a shorter one")
        }
        let data = place.path + "/data"
        let making = try owner.start(
            programs.path("initdb"),
            [
                "--pgdata=\(data)", "--username=\(Self.superuser)", "--no-sync", "--auth=trust",
                "--encoding=UTF8", "--locale=C",
            ], in: place.path)
        _ = try making.output.contents(limit: 1 << 20)
        guard try making.wait().isSuccess else {
            if Interrupts.isRequested { throw ArchiveError.interrupted }
            throw SourceError("the scratch server cannot be made: \(Self.line(making.errorText))")
        }
        process = try owner.start(
            programs.path("postgres"),
            ["-D", data, "-k", place.path, "-p", "\(Self.port)"]
                + Self.settings.flatMap { ["-c", $0] }, in: place.path)
        do {
            try waitForAnswer()
        } catch {
            stop()
            throw error
        }
    }

    deinit { stop() }

    /// Of one of its databases.
    func url(_ database: String) throws -> PostgresURL {
        let host = place.path.utf8.map { byte in
            let hex = String(byte, radix: 16)
            return "%" + (hex.utf8.count == 1 ? "0" : "") + hex
        }.joined()
        return try PostgresURL("postgres://\(Self.superuser)@\(host):\(Self.port)/postgres")
            .database(database)
    }

    /// Ends it at once: what it holds is thrown away.
    private func stop() {
        process.quit()
        _ = try? process.wait()
    }

    private func waitForAnswer() throws {
        let start = Clock.monotonicNanoseconds()
        while true {
            if Interrupts.isRequested { throw ArchiveError.interrupted }
            do {
                _ = try PostgresConnection(url("postgres"))
                return
            } catch let error as SourceError {
                guard process.isRunning else {
                    _ = try? process.wait()
                    throw SourceError(
                        "the scratch server does not start: \(Self.line(process.errorText))")
                }
                let age = Clock.monotonicNanoseconds() - start
                guard age < Self.startSeconds * 1_000_000_000 else {
                    throw SourceError(
                        "the scratch server did not answer within \(Self.startSeconds) s: \(error)")
                }
                Clock.sleep(nanoseconds: Self.pauseNanoseconds)
            }
        }
    }

    /// The lines of an error text as one sentence.
    private static func line(_ text: String) -> String {
        text.split(separator: "\n").suffix(4).joined(separator: "; ")
    }

    /// Ends a server that a killed run has left in its scratch place, and waits until it is gone.
    static func end(leftIn place: String) {
        let data = place + "/data"
        guard let bytes = try? File.contents(of: data + "/postmaster.pid", limit: 1 << 16),
            let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first,
            let number = Int(line), File.isWorkingDirectory(data, of: number)
        else { return }
        File.quit(process: number)
        for _ in 0..<250 where File.isWorkingDirectory(data, of: number) {
            Clock.sleep(nanoseconds: pauseNanoseconds)
        }
    }
}
