public import VarveFormat

extension SeededNumbers {
    public mutating func slot() -> KeySlot {
        let isPassphrase = flag()
        let salt = bytes(32)
        return KeySlot(
            kind: isPassphrase ? .passphrase : .keyFile, id: short(), repository: id(),
            created: line(), label: line(),
            kdf: isPassphrase
                ? .init(name: .scrypt, n: 1 << number(10...18), r: 8, p: number(1...16), salt: salt)
                : .init(name: .none, n: 0, r: 0, p: 0, salt: salt),
            keyCheck: bytes(32), sealedKey: bytes(48), checksum: bytes(32))
    }

    private mutating func line() -> String {
        String(text().unicodeScalars.filter { $0 != "\n" }.map(Character.init))
    }

    public mutating func manifest() -> SnapshotManifest {
        var manifest = SnapshotManifest(
            id: id(), time: time(), host: text(), user: text(), sources: list { $0.source() },
            root: .init(content: content(), entries: count()), program: text())
        if flag() { manifest.statList = content() }
        if flag() { manifest.parent = id() }
        if flag() { manifest.origin = .init(repository: id(), number: word(), commitTime: time()) }
        manifest.tags = list { $0.text() }
        manifest.description = text()
        manifest.isIncomplete = flag()
        manifest.counts.files = count()
        manifest.counts.others = count()
        manifest.counts.bytesStored = count()
        manifest.counts.errors = count()
        manifest.durationSeconds = Double.random(in: 0...1e6, using: &self)
        return manifest
    }

    private mutating func source() -> SnapshotManifest.Source {
        let kind = element([SnapshotManifest.Source.Kind.path, .stdin, .command])
        let name = flag() ? bytes(number(0...20)) : Array(text().utf8)
        var anchors: [String: String] = [:]
        for _ in 0..<number(0...3) { anchors[text()] = text() }
        return SnapshotManifest.Source(kind: kind, name: name, anchors: anchors)
    }
}
