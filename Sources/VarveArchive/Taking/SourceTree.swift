/// The paths of a snapshot's sources, as a tree of names from the root of the file system.
struct SourceTree {
    /// What is below, by name; empty and irrelevant for a source itself.
    var children: [[UInt8]: SourceTree] = [:]
    /// Everything here belongs to the snapshot.
    var isSource = false

    /// The tree of absolute paths; one inside another adds nothing.
    init(_ paths: [[UInt8]]) {
        for path in paths { insert(path.split(separator: UInt8(ascii: "/")).map(Array.init)[...]) }
    }

    private init() {}

    private mutating func insert(_ names: ArraySlice<[UInt8]>) {
        guard !isSource else { return }
        guard let first = names.first else {
            isSource = true
            children = [:]
            return
        }
        children[first, default: SourceTree()].insert(names.dropFirst())
    }
}
