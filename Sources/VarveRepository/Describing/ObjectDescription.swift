import VarveCodec
import VarveFormat
import VarveStorage

extension Repository {
    /// What a stored object says, for people; with `details`, index segments and packs list every
    /// chunk. No key material is in it.
    public func describe(_ choice: ObjectChoice, details: Bool = false) throws -> JSONValue {
        switch choice {
        case .descriptor: try descriptor()
        case .record(let number): try record(number)
        case .currentState: ["state": state.json(details)]
        case .state(let start): try storedState(start, details)
        case .manifest(let start):
            try manifest(named: onlyName(below: ObjectName.snapshots, startingWith: start))
        case .snapshot(let start): try manifest(ofSnapshot: start)
        case .segment(let start): try segment(start, details)
        case .slot(let start): try slot(start)
        case .keyring(let start): try keyring(start)
        case .pack(let start): try pack(start, details)
        case .chunk(let start): try chunk(start)
        case .anything(let digits): try describe(meaning(of: digits), details: details)
        }
    }

    /// The plain bytes of a chunk, by the start of its id.
    public func chunkBytes(_ start: String) throws -> [UInt8] {
        let id = try chunk(startingWith: start)
        var reader = try ChunkReader(self)
        return try reader.load(id)
    }

    private func descriptor() throws -> JSONValue {
        guard let descriptor = try RepositoryDescriptor.load(from: storage),
            let value = JSONValue(json: descriptor.encoded())
        else { throw RepositoryError.absent(location: storage.location) }
        return value
    }

    private func manifest(ofSnapshot start: String) throws -> JSONValue {
        let found = state.snapshots.filter { $0.id.hex.hasPrefix(start) }
        guard let entry = found.first, found.count == 1 else {
            throw RepositoryError.notFound(
                found.isEmpty
                    ? "there is no snapshot \(start)"
                    : "'\(start)' is the start of \(found.count) snapshots; write more of it")
        }
        return try manifest(named: ObjectName.manifest(entry.manifest))
    }

    private func manifest(named name: String) throws -> JSONValue {
        let body = try body(of: .manifest, name)
        guard let value = JSONValue(json: body) else {
            throw RepositoryError.damaged(name, "it is sealed, but no JSON")
        }
        return value
    }

    private func segment(_ start: String, _ details: Bool) throws -> JSONValue {
        let name = try onlyName(below: ObjectName.segments, startingWith: start)
        let body = try body(of: .segment, name)
        let segment = try decoding(name) { () throws(FormatError) in try Segment(body) }
        return [
            "object": .text(name),
            "packs": .list(
                segment.packs.map { pack in
                    pack.table.json(details).named(
                        ObjectName.pack(pack.id, pack.table.contents), bytes: pack.bytes)
                }),
        ]
    }

    private func pack(_ start: String, _ details: Bool) throws -> JSONValue {
        let name = try onlyName(below: ObjectName.packs, startingWith: start)
        let (bytes, table) = try tableOfContents(of: name)
        return table.json(details).named(name, bytes: bytes)
    }

    /// The body of an object that is one sealed unit.
    func body(of kind: UnitKind, _ name: String) throws -> [UInt8] {
        let bytes: [UInt8]
        do {
            bytes = try storage.get(name, limit: kind.bodyLimit + UnitHeader.overhead)
        } catch {
            throw RepositoryError.reading(error)
        }
        return try open(kind, bytes, name)
    }

    private func open(_ kind: UnitKind, _ unit: [UInt8], _ name: String) throws -> [UInt8] {
        var sealer = try UnitSealer(keys)
        do throws(SealError) {
            return try sealer.open(kind, unit)
        } catch {
            throw RepositoryError.damaged(name, error.description)
        }
    }

    private func decoding<Value>(
        _ name: String, _ body: () throws(FormatError) -> Value
    ) throws -> Value {
        do throws(FormatError) {
            return try body()
        } catch {
            throw RepositoryError.damaged(name, error.description)
        }
    }
}

extension JSONValue {
    /// This object with its name and length in front.
    fileprivate func named(_ name: String, bytes: Int) -> JSONValue {
        guard case .object(let fields) = self else { return self }
        return .object(
            [Field("object", .text(name)), Field("bytes", .integer(bytes))] + fields)
    }
}
