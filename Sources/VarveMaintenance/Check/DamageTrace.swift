import VarveFormat
import VarveRepository

/// Finds the files of snapshots that damaged chunks belong to; what leads to none is not walked
/// twice, however many snapshots share it.
struct DamageTrace: ~Copyable {
    private var broken: Set<ChunkID>
    private var reader: ChunkReader
    /// Whether a branch leads to a damaged chunk.
    private var known: [Reference: Bool] = [:]

    /// A branch that is being looked at, with what of it is still to be asked.
    private struct Visit {
        var reference: Reference
        var rest: [Reference]
        var leads = false
    }

    init(_ repository: Repository, _ broken: Set<ChunkID>) throws {
        let reader = try ChunkReader(repository)
        self.reader = reader
        self.broken = broken
    }

    /// Calls `tell` for each part of a snapshot that cannot be restored, in order of the tree.
    mutating func run(
        _ manifest: SnapshotManifest, _ tell: (DamagedPart) -> Void
    ) throws {
        var waiting: [(path: [UInt8], content: Content)] = [([], manifest.root.content)]
        while let (path, content) = waiting.popLast() {
            guard try leads(content, as: .directory) else { continue }
            var below: [(path: [UInt8], content: Content)] = []
            do {
                var nodes = DirectoryCursor(content)
                while let node = try nodes.next(&reader) {
                    guard let content = node.content else { continue }
                    let path = path + [UInt8(ascii: "/")] + node.name
                    if node.kind == .directory {
                        below.append((path, content))
                    } else if try leads(content, as: .file) {
                        tell(.file(path))
                    }
                }
            } catch {
                _ = try CheckFinding(error)
                tell(.directory(path.isEmpty ? [UInt8(ascii: "/")] : path))
            }
            waiting += below.reversed()
        }
        if let list = manifest.statList, try leads(list, as: .statList) { tell(.statList) }
    }

    private mutating func leads(_ content: Content, as stream: Reference.Stream) throws -> Bool {
        let references: [Reference]
        do throws(FormatError) {
            references = try content.references(as: stream)
        } catch {
            return true
        }
        for reference in references where try leads(reference) { return true }
        return false
    }

    /// In place of recursion, for trees may be deep.
    private mutating func leads(_ root: Reference) throws -> Bool {
        if let answer = answer(root) { return answer }
        var visits = [try visit(root)]
        while var top = visits.popLast() {
            if !top.leads, let next = top.rest.popLast() {
                top.leads = answer(next) ?? false
                let isOpen = answer(next) == nil
                visits.append(top)
                if isOpen { visits.append(try visit(next)) }
                continue
            }
            known[top.reference] = top.leads
            if top.leads, !visits.isEmpty { visits[visits.count - 1].leads = true }
        }
        return known[root] ?? false
    }

    /// Nil when the branch has to be looked at.
    private func answer(_ reference: Reference) -> Bool? {
        if broken.contains(reference.id) { return true }
        return reference.isBranch ? known[reference] : false
    }

    private mutating func visit(_ reference: Reference) throws -> Visit {
        do {
            let below = try reader.load(reference.id) { bytes in
                do throws(FormatError) {
                    return try reference.references(in: bytes)
                } catch {
                    throw RepositoryError.damaged("chunk \(reference.id)", error.description)
                }
            }
            return Visit(reference: reference, rest: below)
        } catch {
            _ = try CheckFinding(error)
            broken.insert(reference.id)
            return Visit(reference: reference, rest: [], leads: true)
        }
    }
}
