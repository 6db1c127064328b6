import TestSupport
import VarveSystem

/// A directory whose files change from hour to hour and whose size stays about the same, with a model
/// of what is in it.
struct ChangingTree {
    let path: String
    private(set) var files: [String: [UInt8]] = [:]
    private var names: [String] = []
    private var random: SeededNumbers

    /// So many files of each kind: notes, uploads, and a database whose pages change.
    private static let notes = 60
    private static let uploads = 20
    private static let databaseBytes = 1 << 20
    private static let pageBytes = 4 << 10

    init(_ path: String, seed: UInt64) throws {
        self.path = path
        random = SeededNumbers(seed)
        try File.makeDirectories(path)
        for number in 0..<Self.notes { try write("notes/\(number % 7)/\(number).txt", note()) }
        for number in 0..<Self.uploads { try write("uploads/\(number).bin", upload()) }
        try write("app.db", random.bytes(Self.databaseBytes))
    }

    /// One hour passes.
    mutating func change() throws {
        let name = "notes/\(random.below(7))/\(random.below(Self.notes)).txt"
        if files[name] != nil { try write(name, note()) }
        let edited = random.element(names)
        var bytes = files[edited] ?? []
        if !bytes.isEmpty { bytes[random.below(bytes.count)] ^= 1 }
        try write(edited, bytes)
        var database = files["app.db"] ?? []
        for _ in 0..<4 {
            let page = random.below(database.count / Self.pageBytes) * Self.pageBytes
            database.replaceSubrange(page..<page + 64, with: random.bytes(64))
        }
        try write("app.db", database)
        if random.below(24) == 0 {
            try write("uploads/\(random.below(Self.uploads)).bin", upload())
        }
    }

    private mutating func note() -> [UInt8] {
        let words = (0..<random.number(20...400)).map { _ in String(random.below(5_000)) }
        return Array(words.joined(separator: " ").utf8)
    }

    private mutating func upload() -> [UInt8] { random.bytes(random.number(10_000...60_000)) }

    private mutating func write(_ name: String, _ bytes: [UInt8]) throws {
        let file = path + "/" + name
        if files[name] == nil {
            names.append(name)
            try File.makeDirectories(File.parent(of: file))
        }
        files[name] = bytes
        try File.createOrTruncate(file).write(bytes)
    }
}
