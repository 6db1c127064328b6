import VarveSystem

/// The path of an entry, held as its name and the path above it, so that a chain of directories takes
/// memory with its depth and not with the square of it.
final class TreePath: Sendable {
    let name: [UInt8]
    // Written by `deinit` only, when nobody else has it.
    nonisolated(unsafe) private var above: TreePath?

    /// The root; its own path is empty.
    init() {
        name = []
        above = nil
    }

    init(_ name: [UInt8], below above: TreePath) {
        self.name = name
        self.above = above
    }

    deinit {
        // One after the other: released inside each other they would exhaust the stack.
        var next = above.take()
        while next != nil, isKnownUniquelyReferenced(&next) { next = next?.above.take() }
    }

    /// The names from the root down.
    var components: [[UInt8]] {
        var names: [[UInt8]] = []
        var path = self
        while let above = path.above {
            names.append(path.name)
            path = above
        }
        return names.reversed()
    }

    /// The path with a slash before each name; empty for the root.
    var bytes: [UInt8] { components.flatMap { [UInt8(ascii: "/")] + $0 } }

    /// The path for people; only its end when it is longer than any path of the kernel.
    var text: String {
        var names: [[UInt8]] = []
        var path = self
        var count = 0
        while let above = path.above, count < Self.shownBytesMax {
            names.append(path.name)
            count += path.name.count + 1
            path = above
        }
        let start = path.above == nil ? [] : Array("...".utf8)
        let shown = names.reversed().reduce(into: start) { $0 += [UInt8(ascii: "/")] + $1 }
        return RawText.text(shown)
    }

    /// The same for a path that is at hand as bytes; "/" for the root.
    static func text(_ bytes: [UInt8]) -> String {
        guard bytes.count > shownBytesMax else {
            return bytes.isEmpty ? "/" : RawText.text(bytes)
        }
        let end = bytes.suffix(shownBytesMax).drop { $0 != UInt8(ascii: "/") }
        return "..." + RawText.text(Array(end))
    }

    /// Whether one path comes before another in listings: a directory, then what is in it, then the names
    /// behind.
    static func areInOrder(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        for (left, right) in zip(a, b) where left != right {
            // A slash counts as less than any byte of a name.
            if left == UInt8(ascii: "/") { return true }
            return right == UInt8(ascii: "/") ? false : left < right
        }
        return a.count < b.count
    }

    private static let shownBytesMax = 4096
}

extension TreePath {
    /// The path of an entry of this directory.
    func bytes(of name: [UInt8]) -> [UInt8] { bytes + [UInt8(ascii: "/")] + name }

    /// The path with these bytes, names with slashes before them.
    static func of(_ bytes: [UInt8]) -> TreePath {
        bytes.split(separator: UInt8(ascii: "/")).reduce(TreePath()) {
            TreePath(Array($1), below: $0)
        }
    }
}
