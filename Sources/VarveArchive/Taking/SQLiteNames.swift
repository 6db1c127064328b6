import VarveSystem

/// Which names in a directory belong to databases beside them.
struct SQLiteNames {
    private var companions: Set<[UInt8]> = []
    private var logged: Set<[UInt8]> = []

    init() {}

    /// Looks at the files that have something beside them that may be theirs.
    init(_ names: EntryNames, in directory: SharedFile) {
        var known: [[UInt8]: Bool] = [:]
        for (position, ending) in SQLiteCompanion.all.enumerated() {
            for name in names.names(endingIn: ending) {
                let base = Array(name.dropLast(ending.count))
                guard names.contains(base) else { continue }
                let isDatabase = known[base] ?? Self.isDatabase(base, in: directory)
                known[base] = isDatabase
                guard isDatabase else { continue }
                companions.insert(name)
                guard position == 0, let status = try? directory.file.status(of: name) else {
                    continue
                }
                if status.size > 0 { logged.insert(base) }
            }
        }
    }

    /// Takes in what belongs to a virtual tree that stands for a path.
    mutating func add(_ name: [UInt8], _ endings: [[UInt8]]) {
        companions.formUnion(endings.map { name + $0 })
    }

    private static func isDatabase(_ name: [UInt8], in directory: SharedFile) -> Bool {
        guard (try? directory.file.status(of: name))?.kind == .regular,
            let file = try? directory.file.openFile(name)
        else { return false }
        return file.isDatabase
    }

    /// Whether it is a part of a database beside it.
    func isCompanion(_ name: [UInt8]) -> Bool { companions.contains(name) }

    /// Whether it is a database with more in its log than in its file.
    func hasLog(_ name: [UInt8]) -> Bool { logged.contains(name) }
}
