/// A script of `pg_dump`'s, taken apart where its comments say that the next object begins.
///
/// Such a comment counts only outside quotes, for a text in the database may look like one.
struct DumpScript {
    /// One object, or one property of an object.
    struct Entry: Equatable {
        /// As `users`, `users users_pkey`, or `TABLE users` for comments and rights.
        var name: String
        /// As `TABLE` or `FK CONSTRAINT`.
        var type: String
        /// Nil for what lies in no schema.
        var schema: String?
        /// Its statements, with the comment.
        var text: String
        /// What sets the tablespace and the access method in force here.
        var settings: String
    }

    /// What comes before the first object: the session's settings.
    private(set) var preamble = ""
    private(set) var entries: [Entry] = []

    init(_ bytes: [UInt8]) {
        var settings: [String: String] = [:]
        var current: Entry?
        var text: [UInt8] = []
        func close(_ script: inout DumpScript) {
            let part = String(decoding: text, as: UTF8.self)
            text = []
            guard var entry = current else {
                script.preamble += part
                return
            }
            entry.text += part
            script.entries.append(entry)
            current = nil
        }
        for line in SQLLines(bytes) {
            if line.startsStatement, Self.isForPsql(line.bytes) { continue }
            if line.startsStatement, let name = Self.sessionSetting(line.bytes) {
                // It stands behind one object, and is meant for the next.
                settings[name] = String(decoding: line.bytes, as: UTF8.self)
                if current == nil { text += line.bytes }
                continue
            }
            if line.startsStatement, var entry = Self.header(line.bytes) {
                close(&self)
                entry.settings = settings.sorted { $0.key < $1.key }.map(\.value).joined()
                current = entry
            }
            text += line.bytes
        }
        close(&self)
    }

    /// The same settings, and some of the objects.
    func filtered(_ isWanted: (Entry) -> Bool) -> DumpScript {
        var script = self
        script.entries = entries.filter(isWanted)
        return script
    }

    /// The same with other objects.
    func mapped(_ change: (Entry) -> Entry) -> DumpScript {
        var script = self
        script.entries = entries.map(change)
        return script
    }

    /// Whether the line is a command to psql that guards what stands between.
    static func isForPsql(_ line: ArraySlice<UInt8>) -> Bool {
        line.starts(with: Array("\\restrict ".utf8))
            || line.starts(with: Array("\\unrestrict ".utf8))
    }

    private static func sessionSetting(_ line: ArraySlice<UInt8>) -> String? {
        ["default_tablespace", "default_table_access_method"].first {
            line.starts(with: Array("SET \($0) ".utf8))
        }
    }

    /// `-- Name: users; Type: TABLE; Schema: public; Owner: me`
    private static func header(_ line: ArraySlice<UInt8>) -> Entry? {
        guard line.starts(with: Array("-- Name: ".utf8)) else { return nil }
        var rest = Substring(String(decoding: line, as: UTF8.self).dropLast().dropFirst(9))
        // From the right, for a name may hold anything.
        func field(_ label: String) -> String? {
            guard let found = rest.ranges(of: label).last else { return nil }
            defer { rest = rest[..<found.lowerBound] }
            return String(rest[found.upperBound...])
        }
        _ = field("; Tablespace: ")
        _ = field("; Owner: ")
        guard let schema = field("; Schema: "), let type = field("; Type: ") else { return nil }
        return Entry(
            name: String(rest), type: type, schema: schema == "-" ? nil : schema, text: "",
            settings: "")
    }
}

/// The lines of a script, each with its newline, and whether it begins outside every quote and comment.
struct SQLLines: Sequence, IteratorProtocol {
    struct Line {
        var bytes: ArraySlice<UInt8>
        var startsStatement: Bool
    }

    /// What the end of the last line was in.
    private enum State: Equatable {
        case plain
        case quoted(UInt8, escapes: Bool)
        case dollar([UInt8])
        case comment(depth: Int)
    }

    private let bytes: [UInt8]
    private var position = 0
    private var state = State.plain

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func next() -> Line? {
        guard position < bytes.count else { return nil }
        let start = position
        let startsStatement = state == .plain
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\n") { break }
            step(byte, start)
        }
        return Line(bytes: bytes[start..<position], startsStatement: startsStatement)
    }

    /// Whether a script ends outside every quote and comment.
    static func endsPlain(_ script: [UInt8]) -> Bool {
        var lines = SQLLines(script)
        while lines.next() != nil {}
        return lines.state == .plain
    }

    private mutating func step(_ byte: UInt8, _ lineStart: Int) {
        switch state {
        case .plain: stepPlain(byte, lineStart)
        case .quoted(let quote, let escapes):
            if escapes, byte == UInt8(ascii: "\\"), position < bytes.count {
                position += 1
            } else if byte == quote {
                // A doubled quote opens again at once.
                state = .plain
            }
        case .dollar(let tag):
            if byte == UInt8(ascii: "$"), bytes[(position - 1)...].starts(with: tag) {
                position += tag.count - 1
                state = .plain
            }
        case .comment(let depth):
            if byte == UInt8(ascii: "*"), peek == UInt8(ascii: "/") {
                position += 1
                state = depth == 1 ? .plain : .comment(depth: depth - 1)
            } else if byte == UInt8(ascii: "/"), peek == UInt8(ascii: "*") {
                position += 1
                state = .comment(depth: depth + 1)
            }
        }
    }

    private mutating func stepPlain(_ byte: UInt8, _ lineStart: Int) {
        switch byte {
        case UInt8(ascii: "'"):
            let before = position - 2 >= lineStart ? bytes[position - 2] : 0
            let escapes =
                (before == UInt8(ascii: "E") || before == UInt8(ascii: "e"))
                && !(position - 3 >= lineStart && Self.isWord(bytes[position - 3]))
            state = .quoted(byte, escapes: escapes || reopensEscaped(lineStart))
        case UInt8(ascii: "\""): state = .quoted(byte, escapes: false)
        case UInt8(ascii: "-") where peek == UInt8(ascii: "-"):
            while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
        case UInt8(ascii: "/") where peek == UInt8(ascii: "*"):
            position += 1
            state = .comment(depth: 1)
        case UInt8(ascii: "$"):
            let before = position - 2 >= lineStart ? bytes[position - 2] : 0
            if !Self.isWord(before), let tag = dollarTag() {
                position += tag.count - 1
                state = .dollar(tag)
            }
        default: break
        }
        lastQuoteEscaped =
            if case .quoted(_, true) = state { true } else { false }
    }

    /// Whether the quote opened last takes backslashes, for a doubled quote closes and opens it.
    private var lastQuoteEscaped = false

    private func reopensEscaped(_ lineStart: Int) -> Bool {
        position - 2 >= lineStart && bytes[position - 2] == UInt8(ascii: "'") && lastQuoteEscaped
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// `$tag$` at the position before this one.
    private func dollarTag() -> [UInt8]? {
        var end = position
        while end < bytes.count, Self.isWord(bytes[end]) { end += 1 }
        guard end < bytes.count, bytes[end] == UInt8(ascii: "$") else { return nil }
        let tag = Array(bytes[(position - 1)...end])
        // A tag begins with no digit.
        if tag.count > 2, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(tag[1]) { return nil }
        return tag
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        byte >= 0x80 || byte == UInt8(ascii: "_")
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
