/// What changes between two texts, line by line: the shortest script of insertions and deletions, found by the
/// greedy algorithm of E. W. Myers, "An O(ND) Difference Algorithm and Its Variations" (1986).
public struct LineDiff: Sendable {
    public enum Change: Sendable, Equatable {
        case same(String)
        case removed(String)
        case added(String)
    }

    /// Of both texts, in order.
    public let changes: [Change]

    /// Insertions and deletions beyond which no shorter script is looked for; the memory is its square.
    private static let editsMax = 2_000

    /// Lines are equal when their bytes are: a letter and its accent may be one character or two.
    public init(_ old: [String], _ new: [String]) {
        var numbering = Numbering()
        let numbers = (old.map { numbering.number(of: $0) }, new.map { numbering.number(of: $0) })
        let start = zip(numbers.0, numbers.1).prefix { $0 == $1 }.count
        let rest = zip(numbers.0[start...].reversed(), numbers.1[start...].reversed())
        let end = rest.prefix { $0 == $1 }.count
        let (oldEnd, newEnd) = (old.count - end, new.count - end)
        let trace = Self.trace(
            Array(numbers.0[start..<oldEnd]), Array(numbers.1[start..<newEnd]))
        let middle = Self.script(trace, Array(old[start..<oldEnd]), Array(new[start..<newEnd]))
        changes = old[..<start].map(Change.same) + middle + old[oldEnd...].map(Change.same)
    }

    /// A number for each line, the same for the same bytes.
    private struct Numbering {
        private var numbers: [[UInt8]: Int] = [:]

        mutating func number(of line: String) -> Int {
            let bytes = Array(line.utf8)
            if let known = numbers[bytes] { return known }
            numbers[bytes] = numbers.count
            return numbers.count - 1
        }
    }

    private static func script(_ trace: [[Int]]?, _ old: [String], _ new: [String]) -> [Change] {
        guard let trace else {
            return old.map(Change.removed) + new.map(Change.added)
        }
        // Back from the ends of both texts.
        var (x, y) = (old.count, new.count)
        var script: [Change] = []
        for (edits, furthest) in trace.enumerated().reversed() where edits > 0 {
            let diagonal = x - y
            let isInsertion =
                diagonal == -edits
                || diagonal != edits
                    && furthest[diagonal - 1 + edits] < furthest[diagonal + 1 + edits]
            let before = isInsertion ? diagonal + 1 : diagonal - 1
            let startX = furthest[before + edits]
            let startY = startX - before
            while x > startX + (isInsertion ? 0 : 1), y > startY + (isInsertion ? 1 : 0) {
                (x, y) = (x - 1, y - 1)
                script.append(.same(old[x]))
            }
            script.append(isInsertion ? .added(new[startY]) : .removed(old[startX]))
            (x, y) = (startX, startY)
        }
        script += old[..<x].reversed().map(Change.same)
        return script.reversed()
    }

    /// For each number of edits how far each diagonal came with one edit less, by diagonal + edits; nil when
    /// there are too many.
    private static func trace(_ old: [Int], _ new: [Int]) -> [[Int]]? {
        var trace: [[Int]] = []
        // By diagonal; both ends are never reached.
        let limit = min(old.count + new.count, editsMax)
        var furthest = [Int](repeating: 0, count: 2 * limit + 3)
        let middle = limit + 1
        for edits in 0...limit {
            trace.append(Array(furthest[(middle - edits)...(middle + edits)]))
            for diagonal in stride(from: -edits, through: edits, by: 2) {
                let isInsertion =
                    diagonal == -edits
                    || diagonal != edits
                        && furthest[middle + diagonal - 1] < furthest[middle + diagonal + 1]
                var x =
                    isInsertion
                    ? furthest[middle + diagonal + 1] : furthest[middle + diagonal - 1] + 1
                if edits == 0 { x = 0 }
                var y = x - diagonal
                while x < old.count, y < new.count, old[x] == new[y] { (x, y) = (x + 1, y + 1) }
                furthest[middle + diagonal] = x
                if x >= old.count, y >= new.count { return trace }
            }
        }
        return nil
    }

    /// The lines of a unified diff: ` `, `-` or `+` in front, each group below a line that says where it is;
    /// nothing when nothing changes.
    public func unified(context: Int) -> [String] {
        let changed = changes.indices.filter { index in
            if case .same = changes[index] { false } else { true }
        }
        guard var first = changed.first, var last = changed.first else { return [] }
        var lines: [String] = []
        for index in changed.dropFirst() + [Int.max] {
            if index != .max, index - last <= 2 * context {
                last = index
                continue
            }
            let group = max(0, first - context)..<min(changes.count, last + context + 1)
            lines.append(header(group))
            lines += changes[group].map(\.line)
            (first, last) = (index, index)
        }
        return lines
    }

    private func header(_ group: Range<Int>) -> String {
        func place(_ isCounted: (Change) -> Bool) -> String {
            let before = changes[..<group.lowerBound].count(where: isCounted)
            let count = changes[group].count(where: isCounted)
            return "\(count == 0 ? before : before + 1),\(count)"
        }
        return "@@ -\(place { !$0.isAdded }) +\(place { !$0.isRemoved }) @@"
    }
}

extension LineDiff.Change {
    fileprivate var isAdded: Bool { if case .added = self { true } else { false } }
    fileprivate var isRemoved: Bool { if case .removed = self { true } else { false } }

    fileprivate var line: String {
        switch self {
        case .same(let text): " " + text
        case .removed(let text): "-" + text
        case .added(let text): "+" + text
        }
    }
}
