/// What a snapshot is taken of, as a tree of names from the root on.
struct SourceTree {
    /// What leads to sources below, or is one, by name; also inside a source.
    private(set) var children: [[UInt8]: SourceTree] = [:]
    /// Everything here belongs to the snapshot, but for what is left out.
    var isSource = false
    /// The source that lies here and is no path of this machine, by its number.
    private(set) var virtual: Int?
    /// Whether a path of this machine is here or below.
    private(set) var hasPaths = false

    /// The tree of absolute paths.
    init(_ paths: [[UInt8]]) {
        for path in paths {
            _ = insert(
                path.split(separator: UInt8(ascii: "/")).map(Array.init)[...], virtual: nil,
                isPath: true)
        }
    }

    /// Of a source with everything in it, and with no other source.
    static let whole = SourceTree([[]])

    /// The same with everything in it.
    var asSource: SourceTree {
        var tree = self
        tree.isSource = true
        return tree
    }

    /// Adds the virtual tree with this number; false when another source lies at its place, below or above.
    ///
    /// What leads to it counts as a path of this machine when `isPath`.
    mutating func insert(virtual number: Int, at place: [[UInt8]], isPath: Bool = false) -> Bool {
        insert(place[...], virtual: number, isPath: isPath)
    }

    /// Names in it that are no paths of this machine, and lead to none.
    var virtualNames: [[UInt8]] { children.filter { !$0.value.hasPaths }.map(\.key) }

    private mutating func insert(
        _ names: ArraySlice<[UInt8]>, virtual number: Int?, isPath: Bool
    ) -> Bool {
        if isPath, number == nil || !names.isEmpty { hasPaths = true }
        guard virtual == nil else { return false }
        guard let first = names.first else {
            guard let number else {
                isSource = true
                return true
            }
            guard children.isEmpty, !isSource else { return false }
            virtual = number
            return true
        }
        return children[first, default: SourceTree([])].insert(
            names.dropFirst(), virtual: number, isPath: isPath)
    }
}
