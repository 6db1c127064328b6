extension KeySlot {
    public func encoded() -> [UInt8] {
        let kdf = """
            {"name":"\(kdf.name.rawValue)","n":\(kdf.n),"r":\(kdf.r),"p":\(kdf.p),\
            "salt":"\(Hex.encode(kdf.salt))"}
            """
        let text = """
            {"version":1,"kind":"\(kind.rawValue)","id":"\(id.hex)",\
            "repository":"\(repository.hex)","created":\(JSONText.quoted(created)),\
            "label":\(JSONText.quoted(label)),"kdf":\(kdf),"key_check":"\(Hex.encode(keyCheck))",\
            "sealed_key":"\(Hex.encode(sealedKey))","checksum":"\(Hex.encode(checksum))"}
            """
        return Array(text.utf8)
    }

    /// Decodes a slot and holds its numbers to their bounds; the checksum is left to the caller.
    ///
    /// Nil when it is of a kind that came after this version, which is passed over.
    public init?(json: [UInt8]) throws(FormatError) {
        let limit = FormatLimit.clearObjectBytes
        let head = try JSONText.decode(Head.self, from: json, atMost: limit)
        guard head.version == 1 else { throw .invalid("its format version is unknown") }
        guard let kind = Kind(rawValue: head.kind) else { return nil }
        let fields = try JSONText.decode(Fields.self, from: json, atMost: limit)
        guard let id = SlotID(hex: fields.id) else {
            throw .invalid("an id is not 32 hexadecimal digits")
        }
        guard let name = KDF.Name(rawValue: fields.kdf.name) else {
            throw .invalid("its key derivation is unknown")
        }
        let kdf = KDF(
            name: name, n: fields.kdf.n, r: fields.kdf.r, p: fields.kdf.p,
            salt: try JSONText.bytes(fields.kdf.salt, count: 32))
        guard kdf.isValid, name == (kind == .passphrase ? .scrypt : .none) else {
            throw .invalid("its key derivation is out of bounds")
        }
        // A newline would let two slots have one checksum.
        guard !fields.created.utf8.contains(0x0a), !fields.label.utf8.contains(0x0a) else {
            throw .invalid("a text has more than one line")
        }
        self.init(
            kind: kind, id: id, repository: try JSONText.identifier(fields.repository),
            created: fields.created, label: fields.label, kdf: kdf,
            keyCheck: try JSONText.bytes(fields.keyCheck, count: 32),
            sealedKey: try JSONText.bytes(fields.sealedKey, count: 48),
            checksum: try JSONText.bytes(fields.checksum, count: 32))
    }
}

private struct Head: Decodable {
    var version: Int
    var kind: String
}

private struct Fields: Decodable {
    struct KDF: Decodable {
        var name: String
        var n: Int
        var r: Int
        var p: Int
        var salt: String
    }

    enum CodingKeys: String, CodingKey {
        case id, repository, created, label, kdf
        case keyCheck = "key_check"
        case sealedKey = "sealed_key"
        case checksum
    }

    var id: String
    var repository: String
    var created: String
    var label: String
    var kdf: KDF
    var keyCheck: String
    var sealedKey: String
    var checksum: String
}
