import Yams

/// Reads the YAML that a file of settings needs: one document without tags, anchors and aliases, within
/// bounds of size and depth.
enum YAMLReading {
    static let bytesMax = 256 << 10
    /// Levels of lists and mappings.
    static let depthMax = 32
    /// More than a string holds without memory of its own.
    private static let inlineBytes = 64

    /// Nil for a document without content.
    static func node(of bytes: [UInt8]) throws(Mistake) -> YAMLNode? {
        let start = FilePlace(line: 1, column: 1)
        guard bytes.count <= bytesMax else {
            throw Mistake(start, "the file is over \(bytesMax >> 10) KiB")
        }
        guard var text = String(validating: bytes, as: UTF8.self) else {
            throw Mistake(start, "the file is not UTF-8")
        }
        // Before anything is composed: what aliases stand for may be without bounds.
        if let place = anchor(in: text) { throw refusedAnchor(place) }
        // The parser keeps a pointer into the text, which only a longer one keeps in a place of its own.
        if bytes.count < inlineBytes { text += "\n#" + String(repeating: "-", count: inlineBytes) }
        let root: Node?
        do {
            root = try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
        } catch let error as YamlError {
            var found = mistake(error)
            // Not behind what is in the file.
            found.place = min(found.place, end(of: bytes))
            throw found
        } catch {
            throw Mistake(start, "the file is no YAML")
        }
        guard let root else { return nil }
        let node = try self.node(root, depth: 0)
        return node.content == .empty ? nil : node
    }

    private static func node(_ node: Node, depth: Int) throws(Mistake) -> YAMLNode {
        let place = place(node.mark)
        guard depth < depthMax else {
            throw Mistake(place, "this is more than \(depthMax) levels deep")
        }
        guard node.anchor == nil else { throw refusedAnchor(place) }
        switch node {
        case .alias: throw refusedAnchor(place)
        case .scalar(let scalar):
            let isPlain = scalar.style == .plain
            try check(scalar.tag, is: .str, at: place)
            let isEmpty = isPlain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
            return YAMLNode(
                content: isEmpty ? .empty : .text(scalar.string, isPlain: isPlain), place: place)
        case .sequence(let sequence):
            try check(sequence.tag, is: .seq, at: place)
            var items: [YAMLNode] = []
            for item in sequence { items.append(try self.node(item, depth: depth + 1)) }
            return YAMLNode(content: .list(items), place: place)
        case .mapping(let mapping):
            try check(mapping.tag, is: .map, at: place)
            var entries: [YAMLEntry] = []
            for (key, value) in mapping {
                entries.append(try entry(key, value, depth: depth + 1))
            }
            return YAMLNode(content: .mapping(entries), place: place)
        }
    }

    private static func entry(
        _ key: Node, _ value: Node, depth: Int
    ) throws(Mistake) -> YAMLEntry {
        let name = try node(key, depth: depth)
        guard case .text(let text, _) = name.content else {
            throw Mistake(name.place, "a key is a text")
        }
        var value = try node(value, depth: depth)
        // A value that is not there has no place of its own.
        if value.content == .empty { value.place = max(value.place, name.place) }
        return YAMLEntry(key: text, keyPlace: name.place, value: value)
    }

    /// What a value is its reader decides; a tag may only say what is so anyway.
    private static func check(
        _ tag: Tag, is plain: Tag.Name, at place: FilePlace
    ) throws(Mistake) {
        let names = [.implicit, .nonSpecific, plain].map(\.rawValue)
        guard names.contains(tag.rawValue) else {
            throw Mistake(place, "a tag such as !!int has no meaning here; leave it out")
        }
    }

    private static func place(_ mark: Mark?) -> FilePlace {
        FilePlace(line: max(1, mark?.line ?? 1), column: max(1, mark?.column ?? 1))
    }

    private static func refusedAnchor(_ place: FilePlace) -> Mistake {
        Mistake(
            place,
            "anchors and aliases (&name, *name) are not read; write it out, or put a text in quotes"
        )
    }

    /// Where an anchor stands, or what looks like one: an ampersand before a name, where a value begins.
    private static func anchor(in text: String) -> FilePlace? {
        let (space, ampersand) = (UInt8(ascii: " "), UInt8(ascii: "&"))
        for (number, line) in text.utf8.split(
            omittingEmptySubsequences: false, whereSeparator: { $0 == 10 || $0 == 13 }
        ).enumerated() {
            guard line.contains(ampersand) else { continue }
            let line = Array(line)
            for (column, byte) in line.enumerated() where byte == ampersand {
                guard column + 1 < line.count, line[column + 1] > space,
                    line[column + 1] != ampersand
                else { continue }
                let before = line[..<column]
                let word = before.split { $0 == space || $0 == 9 }.last
                let isBehindTag = word?.first == UInt8(ascii: "!")
                let isStart = word?.last.map { "-:?,[{".utf8.contains($0) } ?? true
                if isStart || isBehindTag {
                    return FilePlace(line: number + 1, column: column + 1)
                }
            }
        }
        return nil
    }

    private static func end(of bytes: [UInt8]) -> FilePlace {
        let last = bytes.split(separator: 10, omittingEmptySubsequences: false).last ?? []
        let lines = bytes.count { $0 == 10 }
        let column = String(decoding: last, as: UTF8.self).unicodeScalars.count
        return FilePlace(line: lines + 1, column: column + 1)
    }

    /// Without the text around the place, which may be a secret.
    private static func mistake(_ error: YamlError) -> Mistake {
        let start = FilePlace(line: 1, column: 1)
        switch error {
        case .scanner(let context, let problem, let mark, _),
            .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            if problem.contains("another document") {
                return Mistake(place(mark), "a second document begins here; there may be one only")
            }
            if problem.contains("alias") { return refusedAnchor(place(mark)) }
            let around = context.map { " (\($0.text) from line \($0.mark.line))" } ?? ""
            return Mistake(place(mark), "this is no YAML: \(problem)\(around)")
        case .duplicatedKeysInMapping(let keys, let context):
            let key = Shown.short(keys.first ?? "")
            return Mistake(place(context.mark), "the key '\(key)' stands twice in one mapping")
        case .reader(let problem, _, _, _):
            return Mistake(start, "the file is no YAML: \(problem)")
        default: return Mistake(start, "the file is no YAML")
        }
    }
}
