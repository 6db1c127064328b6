import VarveCatalog
import VarveFormat
import VarveStorage

/// From the start of an id to the whole of it.
extension Repository {
    /// The only object below `prefix` whose own name starts with `start`.
    func onlyName(below prefix: String, startingWith start: String) throws -> String {
        let names = try self.names(below: prefix, startingWith: start)
        guard let name = names.first else {
            throw RepositoryError.notFound("there is no \(prefix)\(start)")
        }
        guard names.count == 1 else {
            throw RepositoryError.notFound(
                "'\(start)' is the start of \(names.count) names below \(prefix); write more of it")
        }
        return name
    }

    func names(below prefix: String, startingWith start: String) throws -> [String] {
        do {
            return try storage.list(prefix).map(\.name).filter {
                $0.split(separator: "/").last?.hasPrefix(start) ?? false
            }
        } catch {
            throw RepositoryError.storage(error)
        }
    }

    /// What digits alone stand for: a log record if the log is as long, else a snapshot, else any
    /// object whose name starts so.
    func meaning(of digits: String) throws -> ObjectChoice {
        if let number = UInt64(digits), number < state.number { return .record(number) }
        if state.snapshots.contains(where: { $0.id.hex.hasPrefix(digits) }) {
            return .snapshot(digits)
        }
        let places: [(String, (String) -> ObjectChoice)] = [
            (ObjectName.packs, ObjectChoice.pack), (ObjectName.segments, ObjectChoice.segment),
            (ObjectName.snapshots, ObjectChoice.manifest),
            (ObjectName.slots, ObjectChoice.slot), (ObjectName.keyrings, ObjectChoice.keyring),
            (ObjectName.states, ObjectChoice.state),
        ]
        for (prefix, choice) in places
        where try !names(below: prefix, startingWith: digits).isEmpty {
            return choice(digits)
        }
        throw RepositoryError.notFound(
            "the log has no record \(digits), and no object a name that starts so; a chunk is meant "
                + "by `chunk \(digits)`")
    }

    /// The id at the end of an object's name.
    func identifier<Kind>(in name: String) throws -> Identifier<Kind> {
        guard let last = name.split(separator: "/").last,
            let id = Identifier<Kind>(hex: String(last))
        else { throw RepositoryError.notFound("\(name) is not the name of an object") }
        return id
    }

    /// The only chunk in the index whose id starts with `start`.
    func chunk(startingWith start: String) throws -> ChunkID {
        if let id = ChunkID(hex: start) {
            var reader = try ChunkReader(self)
            guard try reader.places(id).isEmpty else { return id }
            throw RepositoryError.notFound("there is no chunk \(start)")
        }
        var found: Set<ChunkID> = []
        try loadIndex().catalog.forEachChunkWithCopies { id, _ in
            if id.hex.hasPrefix(start) { found.insert(id) }
        }
        guard let id = found.first else {
            throw RepositoryError.notFound("there is no chunk \(start)")
        }
        guard found.count == 1 else {
            throw RepositoryError.notFound(
                "'\(start)' is the start of \(found.count) chunks; write more of it")
        }
        return id
    }
}
