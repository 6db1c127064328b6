/// Rows of text in columns that are as wide as they need to be.
struct Table {
    enum Side { case left, right }

    private var rows: [[String]]
    private let sides: [Side]

    /// A table with a row of headings.
    init(_ columns: [(heading: String, side: Side)]) {
        rows = [columns.map(\.heading)]
        sides = columns.map(\.side)
    }

    mutating func add(_ row: [String]) { rows.append(row) }

    /// The rows, without the columns that are empty below their heading.
    var lines: [String] {
        let columns = sides.indices.filter { column in
            rows.dropFirst().contains { !$0[column].isEmpty }
        }
        let widths = sides.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            var line = columns.map { column in
                sides[column] == .left
                    ? row[column].padded(to: widths[column])
                    : row[column].aligned(to: widths[column])
            }.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
