extension PostgresCatalog {
    /// What belongs to the connection's database itself.
    func properties() throws -> PostgresManifest.Database {
        let version = connection.serverVersion
        let provider = version >= 150_000 ? "d.datlocprovider" : "'c'"
        let locale =
            version >= 170_000 ? "d.datlocale" : version >= 150_000 ? "d.daticulocale" : "NULL"
        let rows = try connection.run(
            """
            SELECT d.datname, pg_catalog.pg_get_userbyid(d.datdba),
                pg_catalog.pg_encoding_to_char(d.encoding), d.datcollate, d.datctype, \(provider),
                \(locale), t.spcname, d.datconnlimit, pg_catalog.shobj_description(d.oid, 'pg_database'),
                d.datacl IS NOT NULL
            FROM pg_catalog.pg_database d JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace
            WHERE d.datname = pg_catalog.current_database()
            """)
        guard let row = rows.first else {
            throw SourceError("the database is not in its catalog")
        }
        return PostgresManifest.Database(
            name: row[0] ?? "", owner: row[1] ?? "", encoding: row[2] ?? "", collate: row[3] ?? "",
            ctype: row[4] ?? "", provider: row[5], locale: row[6], tablespace: row[7] ?? "",
            connectionLimit: row[8].flatMap { Int($0) } ?? -1, comment: row[9],
            settings: try settings(), rights: row[10] == "t" ? try rights() : nil)
    }

    private func settings() throws -> [PostgresManifest.Setting] {
        let rows = try connection.run(
            """
            SELECT r.rolname, split_part(c.line, '=', 1), substr(c.line, strpos(c.line, '=') + 1)
            FROM pg_catalog.pg_db_role_setting s
            JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
            LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
            CROSS JOIN LATERAL unnest(s.setconfig) WITH ORDINALITY AS c(line, place)
            WHERE d.datname = pg_catalog.current_database()
            AND (s.setrole = 0 OR r.oid IS NOT NULL) ORDER BY 1 NULLS FIRST, c.place
            """)
        return rows.map {
            PostgresManifest.Setting(role: $0[0], name: $0[1] ?? "", value: $0[2] ?? "")
        }
    }

    private func rights() throws -> [PostgresManifest.Right] {
        let rows = try connection.run(
            """
            SELECT r.rolname, a.privilege_type, a.is_grantable
            FROM pg_catalog.pg_database d, pg_catalog.aclexplode(d.datacl) a
            LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
            WHERE d.datname = pg_catalog.current_database()
            AND (a.grantee = 0 OR r.oid IS NOT NULL) ORDER BY 1 NULLS FIRST, 2
            """)
        return rows.map {
            PostgresManifest.Right(grantee: $0[0], privilege: $0[1] ?? "", grantable: $0[2] == "t")
        }
    }
}
