import VarveCatalog
import VarveFormat
import VarveRepository
import VarveSystem

/// Finds whom each chunk belongs to, snapshot by snapshot.
///
/// What one snapshot needs and a second one meets is gone through once more; what belongs to several already
/// is not entered. So each chunk that names others is read twice at most.
struct OwnerWalk: ~Copyable {
    private(set) var owners: OwnerTable
    /// Of chunks that name others, by what they are read as.
    private var branches: [Reference: Owner] = [:]
    private var walk: ReferenceWalk

    init(_ repository: Repository, expecting chunks: Int) throws {
        let walk = try ReferenceWalk(repository)
        self.walk = walk
        owners = OwnerTable(expecting: chunks)
    }

    /// All that snapshot `number` refers to belongs to it as well.
    mutating func add(_ number: Int, _ references: [Reference]) throws {
        let owner = Owner.one(number)
        var (owners, branches) = (self.owners, self.branches)
        // So that they are not copied.
        (self.owners, self.branches) = (OwnerTable(expecting: 0), [:])
        defer { (self.owners, self.branches) = (owners, branches) }
        try walk.run(references) { reference in
            if Interrupts.isRequested { throw RepositoryError.interrupted }
            owners.join(reference.id.prefix, owner)
            guard reference.isBranch else { return false }
            let before = branches[reference] ?? .nobody
            let after = before.joined(owner)
            guard after != before else { return false }
            branches[reference] = after
            return true
        } damaged: { _, error in
            throw error
        }
    }
}
