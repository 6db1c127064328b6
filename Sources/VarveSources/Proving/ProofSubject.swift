import VarveFormat
import VarveSystem

/// A database in a snapshot.
enum ProofSubject: Equatable {
    /// The directory of a PostgreSQL dump, by its components.
    case dump([[UInt8]])
    /// An SQLite file, by its path from the root.
    case file([UInt8])

    var kind: SnapshotManifest.Source.Kind {
        switch self {
        case .dump: .postgres
        case .file: .sqlite
        }
    }

    /// What people call it: as the source that it is of, when that is clear.
    func name(_ sources: [SnapshotManifest.Source]) -> String {
        switch self {
        case .dump(let place):
            let named = sources.filter { $0.kind == .postgres }
            guard named.count == 1, let only = named.first else {
                return "/" + place.map(RawText.text).joined(separator: "/")
            }
            return RawText.text(only.name)
        case .file(let path): return SQLiteTree.prefix + RawText.text(path)
        }
    }

    /// What `--database` says.
    var shortName: String {
        switch self {
        case .dump(let place): place.last.map(RawText.text) ?? ""
        case .file(let path): RawText.text(path)
        }
    }

    /// A PostgreSQL database has its own name, a file its path or the last part of that.
    func isNamed(_ name: String) -> Bool {
        switch self {
        case .dump: shortName == ObjectFileName.encoded(name)
        case .file: shortName == name || shortName.hasSuffix("/" + name)
        }
    }
}
