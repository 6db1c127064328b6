/// Makes the large objects of a dump.
struct LargeObjectLoading {
    let connection: PostgresConnection

    /// Statements are sent together up to so many bytes.
    private static let batchBytes = 1 << 20

    /// Each line of the script is a statement.
    func load(from dump: PostgresDump) throws {
        guard dump.has("large_objects.sql") else { return }
        var batch: [UInt8] = []
        try connection.run("BEGIN")
        try dump.read("large_objects.sql") { bytes in
            batch += bytes
            guard batch.count >= Self.batchBytes,
                let end = batch.lastIndex(of: UInt8(ascii: "\n"))
            else { return }
            try run(dump.ownership.wanted(batch[...end]))
            batch = Array(batch[(end + 1)...])
        }
        try run(dump.ownership.wanted(batch[...]))
        try connection.run("COMMIT")
    }

    private func run(_ lines: ArraySlice<UInt8>) throws {
        guard !lines.isEmpty else { return }
        guard let text = String(validating: lines, as: UTF8.self) else {
            throw SourceError("large_objects.sql has comments in an encoding that nobody knows")
        }
        do {
            try connection.run(text)
        } catch {
            throw SourceError.naming("large_objects.sql", error)
        }
    }
}
