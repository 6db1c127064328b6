/// The paths of a snapshot's sources, as a tree of names from the root of the file system.
struct SourceTree {
    /// What leads to sources below, or is one, by name; also inside a source.
    private(set) var children: [[UInt8]: SourceTree] = [:]
    /// Everything here belongs to the snapshot, but for what is left out.
    var isSource = false

    /// The tree of absolute paths.
    init(_ paths: [[UInt8]]) {
        for path in paths { insert(path.split(separator: UInt8(ascii: "/")).map(Array.init)[...]) }
    }

    /// Of a source with everything in it, and with no other source.
    static let whole = SourceTree([[]])

    /// The same with everything in it.
    var asSource: SourceTree {
        var tree = self
        tree.isSource = true
        return tree
    }

    private mutating func insert(_ names: ArraySlice<[UInt8]>) {
        guard let first = names.first else {
            isSource = true
            return
        }
        children[first, default: SourceTree([])].insert(names.dropFirst())
    }
}
