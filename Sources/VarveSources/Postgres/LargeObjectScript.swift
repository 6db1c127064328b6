import VarveArchive

/// The large objects of a database, as a script that makes them: first what they are, then what is in them.
///
/// The server writes the statements; this takes the escapes of `COPY` out again.
final class LargeObjectScript: ContentInput {
    private let connection: PostgresConnection
    private var queries: ArraySlice<String>
    private var isCopying = false
    private var rest = ByteLine()

    /// Bytes of an object in one statement.
    static let partBytes = 256 << 10

    init(_ connection: PostgresConnection) {
        self.connection = connection
        queries = [Self.objects, Self.contents]
    }

    func read(into room: UnsafeMutableRawBufferPointer) throws -> Int {
        while rest.isEmpty {
            if !isCopying {
                guard let query = queries.popFirst() else { return 0 }
                try connection.beginCopyOut("COPY (\(query)) TO STDOUT")
                isCopying = true
            }
            let copied = try connection.nextRow { rest.append(unescaping: $0) }
            if case .end = copied { isCopying = false }
        }
        return rest.take(into: room)
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

    /// One row for each part of each object; its size is found by opening it, which is closed at once.
    private static let contents = """
        SELECT format('SELECT pg_catalog.lo_put(%s, %s, ''%s'');', m.oid, g.part * \(partBytes),
            pg_catalog.lo_get(m.oid, g.part * \(partBytes), \(partBytes)))
        FROM (SELECT oid FROM pg_catalog.pg_largeobject_metadata ORDER BY oid) m
        CROSS JOIN LATERAL (SELECT pg_catalog.lo_open(m.oid, 262144) AS fd OFFSET 0) o
        CROSS JOIN LATERAL (SELECT pg_catalog.lo_lseek64(o.fd, 0, 2) AS size OFFSET 0) z
        CROSS JOIN LATERAL (
            SELECT pg_catalog.lo_close(o.fd + 0 * sign(z.size)::int) AS closed OFFSET 0) c
        CROSS JOIN LATERAL generate_series(0, (z.size - 1) / \(partBytes)) AS g(part)
        WHERE c.closed = 0 AND z.size > 0
        """
}
