import VarveArchive
import VarveFormat
import VarveRepository

/// A snapshot, and a path in it, as a person names them.
struct ReferenceWords {
    private let text: String
    private let reference: SnapshotReference
    private let path: [[UInt8]]

    /// Reads REF[:PATH], or REF and PATH.
    init(_ text: String, path separate: String? = nil) throws {
        guard let reference = SnapshotReference(text, time: { TimeText($0)?.last }) else {
            throw Failure.usage(
                "'\(text)' names no snapshot; write latest, latest~2, the start of an id, or @TIME")
        }
        guard separate == nil || reference.path.isEmpty else {
            throw Failure.usage("the path is given twice: in '\(text)' and as '\(separate ?? "")'")
        }
        self.text = text
        self.reference = reference
        path = try Target.components(separate ?? reference.path)
    }

    /// Opens the repository and finds the snapshot that is meant.
    func open(
        _ common: GlobalOptions, _ filters: FilterOptions, fromStorageAlone: Bool = false
    ) throws -> (repository: Repository, target: Target) {
        let access = try RepositoryAccess(common.repository)
        let repository = try access.open(fromStorageAlone: fromStorageAlone)
        return (repository, try target(in: repository, filters))
    }

    /// Finds the snapshot that is meant.
    func target(
        in repository: Repository, _ filters: FilterOptions? = nil
    ) throws -> Target {
        let snapshots = repository.state.snapshots
        do throws(SnapshotReference.Failure) {
            let entry = try reference.resolve(snapshots, filters?.filter ?? .init())
            return Target(entry: entry, path: path)
        } catch {
            switch error {
            case .none: throw RepositoryError.notFound(missing(among: snapshots.count, filters))
            case .ambiguous(let ids):
                let names = ids.prefix(5).map { $0.hex.prefix(16) }.joined(separator: ", ")
                throw RepositoryError.notFound(
                    "'\(text)' is the start of \(ids.count) snapshots (\(names)); write more of it")
            }
        }
    }

    private func missing(among count: Int, _ filters: FilterOptions?) -> String {
        guard count > 0 else {
            return "there is no snapshot yet; take one with `varve snapshot create`"
        }
        var narrowed = filters?.words ?? ""
        // An id is looked for among all.
        if case .prefix = reference.choice { narrowed = "" }
        let rest = narrowed.isEmpty ? "" : " with \(narrowed)"
        return "there is no snapshot '\(text)'\(rest); `varve snapshot list` shows them"
    }
}

/// A snapshot and a path in it.
struct Target {
    let entry: RepositoryState.SnapshotEntry
    /// The components of the path; none for the whole snapshot.
    let path: [[UInt8]]

    static func components(_ path: String) throws -> [[UInt8]] {
        let parts = path.utf8.split(separator: UInt8(ascii: "/")).map(Array.init)
            .filter { $0 != [UInt8(ascii: ".")] }
        guard !parts.contains([UInt8(ascii: "."), UInt8(ascii: ".")]) else {
            throw Failure.usage("'..' has no meaning in a path of a snapshot")
        }
        return parts
    }

    /// The path with a slash in front, as bytes; empty for the whole snapshot.
    var pathBytes: [UInt8] { path.flatMap { [UInt8(ascii: "/")] + $0 } }
}
