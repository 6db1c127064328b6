import VarveArchive

/// The large objects of a database, as a script that makes them: first what they are, then what is in them.
///
/// The server writes the statements; this takes the escapes of `COPY` out again. How long an object is, is never asked: each
/// is read until a part of it is short.
final class LargeObjectScript: ContentInput {
    /// What comes when the statements before are all written.
    private enum Step {
        case objects
        /// The first part of every object.
        case heads
        /// Some parts behind it of one object, and more while they are all there.
        case parts(of: String, from: Int)
    }

    private let connection: PostgresConnection
    private var steps: [Step] = [.heads, .objects]
    private var current: Step?
    private var rest = ByteLine()

    /// Bytes of an object in one statement.
    static let partBytes = 256 << 10
    private static let partsAtOnce = 64

    init(_ connection: PostgresConnection) {
        self.connection = connection
    }

    func read(into room: UnsafeMutableRawBufferPointer) throws -> Int {
        while rest.isEmpty {
            if current == nil {
                guard let step = steps.popLast() else { return 0 }
                try connection.beginCopyOut("COPY (\(Self.query(step))) TO STDOUT")
                current = step
            }
            let copied = try connection.nextRow { rest.append(unescaping: $0) }
            if case .end(let rows) = copied { try end(rows) }
        }
        return rest.take(into: room)
    }

    private func end(_ rows: Int) throws {
        switch current {
        case .heads?:
            let longer = try connection.run(
                """
                SELECT oid FROM pg_catalog.pg_largeobject_metadata
                WHERE pg_catalog.length(pg_catalog.lo_get(oid, \(Self.partBytes), 1)) > 0
                ORDER BY oid DESC
                """)
            steps = longer.compactMap { $0.first.flatMap { $0 } }.map { .parts(of: $0, from: 1) }
        case .parts(let object, let first)? where rows == Self.partsAtOnce:
            steps.append(.parts(of: object, from: first + rows))
        default: break
        }
        current = nil
    }

    private static func query(_ step: Step) -> String {
        switch step {
        case .objects: objects
        case .heads:
            put(
                "oid", "0",
                from: """
                    (SELECT oid, pg_catalog.lo_get(oid, 0, \(partBytes)) AS bytes FROM (
                        SELECT oid FROM pg_catalog.pg_largeobject_metadata ORDER BY oid) m OFFSET 0) p
                    """)
        case .parts(let object, let first):
            put(
                object, "part * \(partBytes)",
                from: """
                    (SELECT part, pg_catalog.lo_get(\(object), part * \(partBytes), \(partBytes)) AS bytes
                        FROM pg_catalog.generate_series(\(first)::bigint, \(first + partsAtOnce - 1)) AS part
                        OFFSET 0) p
                    """)
        }
    }

    /// One row for each part that is not empty. The bytes mean the same whether or not backslashes in texts do.
    private static func put(_ object: String, _ offset: String, from parts: String) -> String {
        #"""
        SELECT format('SELECT pg_catalog.lo_put(%s, %s, E''\%s'');', \#(object), \#(offset), bytes)
        FROM \#(parts) WHERE pg_catalog.length(bytes) > 0
        """#
    }

    /// One row for each statement that makes an object, gives it to its owner, grants rights on it, and
    /// says what it is.
    private static let objects = #"""
        SELECT s.line FROM (
            SELECT m.oid, m.lomowner, m.lomacl FROM pg_catalog.pg_largeobject_metadata m ORDER BY m.oid
        ) m CROSS JOIN LATERAL (
            SELECT 1 AS place, format('SELECT pg_catalog.lo_create(''%s'');', m.oid) AS line
            UNION ALL SELECT 2, format('ALTER LARGE OBJECT %s OWNER TO %I;', m.oid,
                pg_catalog.pg_get_userbyid(m.lomowner))
            UNION ALL SELECT 3, format('REVOKE ALL ON LARGE OBJECT %s FROM %I;', m.oid,
                pg_catalog.pg_get_userbyid(m.lomowner)) WHERE m.lomacl IS NOT NULL
            UNION ALL SELECT 4, format('GRANT %s ON LARGE OBJECT %s TO %s%s;', a.privilege_type, m.oid,
                CASE WHEN a.grantee = 0 THEN 'PUBLIC'
                    ELSE quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END,
                CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
                FROM pg_catalog.aclexplode(m.lomacl) a
            UNION ALL SELECT 5, format('COMMENT ON LARGE OBJECT %s IS E''%s'';', m.oid,
                replace(replace(replace(replace(d.description, '\', '\\'), '''', ''''''),
                    chr(10), '\n'), chr(13), '\r'))
                FROM pg_catalog.pg_description d WHERE d.objoid = m.oid
                AND d.classoid = 'pg_catalog.pg_largeobject'::pg_catalog.regclass
        ) s ORDER BY m.oid, s.place, s.line
        """#
}
