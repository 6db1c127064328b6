// What a restore of one schema takes of a dump.

extension PostgresRestore {
    /// Refuses one that the dump has not.
    func checkSchema(_ schema: String) throws {
        let scripts = try ["schema-pre.sql", "schema-post.sql"].map {
            try dump.parsedScript($0)
        }
        var schemas = Set(scripts.flatMap(\.schemas))
        schemas.formUnion(dump.manifest.tables.map(\.schema))
        guard !schemas.contains(schema) else { return }
        let names = schemas.isEmpty ? "none" : schemas.sorted().joined(separator: ", ")
        throw SourceError("the dump has no schema \(schema); it has \(names)")
    }

    /// What one schema comes back without.
    func schemaNotes(_ after: DumpScript) -> [String] {
        guard let schema = options.schema else { return [] }
        var notes: [String] = []
        let isPublished = after.entries.contains {
            $0.schema == schema && $0.type.hasPrefix("PUBLICATION ")
        }
        if isPublished {
            notes.append("the publications that schema \(schema) was part of are left out")
        }
        if dump.manifest.largeObjects, options.parts == .everything {
            notes.append("large objects are left out, for they are in no schema")
        }
        return notes
    }
}

extension DumpScript {
    /// What belongs to one schema, and what belongs to none but is needed; all of it when it is nil.
    func only(_ schema: String?) -> DumpScript {
        guard let schema else { return self }
        let schemas = schemasOfExtensions.union([schema])
        let quoted = Set(schemas.map(SQLText.identifier))
        return filtered { entry in
            switch entry.type {
            case "EXTENSION", "PROCEDURAL LANGUAGE": true
            case "SCHEMA": schemas.contains(entry.name)
            case "COMMENT" where entry.schema == nil, "ACL" where entry.schema == nil:
                entry.subject.map { $0.kind == "SCHEMA" && quoted.contains($0.name) } ?? false
            // A publication is in no schema, so it is not there.
            case "PUBLICATION TABLE", "PUBLICATION TABLES IN SCHEMA": false
            default: entry.schema == schema
            }
        }
    }

    /// Those that something is in, or that it makes.
    var schemas: Set<String> {
        Set(entries.compactMap { $0.type == "SCHEMA" ? $0.name : $0.schema })
    }

    /// Those that extensions want to be there.
    private var schemasOfExtensions: Set<String> {
        let names = entries.filter { $0.type == "EXTENSION" }.compactMap { entry in
            var words = SQLWords(entry.statement)
            return words.skip(past: "SCHEMA") ? words.name() : nil
        }
        let made = entries.filter { $0.type == "SCHEMA" }.map(\.name)
        return Set(made.filter { names.contains(SQLText.identifier($0)) })
    }
}
