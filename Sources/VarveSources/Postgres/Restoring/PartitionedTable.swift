/// A table of a dump whose rows are in its partitions.
struct PartitionedTable {
    private let name: String
    /// Those that have rows, as `SCHEMA.TABLE`.
    private let partitions: [String]

    /// How many partitions a sentence names.
    private static let namesMax = 10

    /// Nil when the dump has no partitioned table of the name, which may have its schema in front.
    init?(_ name: String, _ script: DumpScript) {
        let found = script.entries.first { entry in
            guard entry.type == "TABLE", let schema = entry.schema else { return false }
            return entry.name == name || "\(schema).\(entry.name)" == name
        }
        guard let found, let table = found.table, Self.isPartitioned(found) else { return nil }
        self.name = name
        var children: [String: [DumpScript.Entry]] = [:]
        for entry in script.entries where entry.type == "TABLE ATTACH" {
            children[Self.parent(of: entry) ?? "", default: []].append(entry)
        }
        var partitions: [String] = []
        var parents = [table]
        while let parent = parents.popLast() {
            // Each is taken once, whatever the script says.
            for entry in children.removeValue(forKey: parent) ?? [] {
                guard let child = entry.table else { continue }
                if children[child] != nil {
                    parents.append(child)
                } else {
                    partitions.append("\(entry.schema ?? "").\(entry.name)")
                }
            }
        }
        self.partitions = partitions
    }

    var refusal: SourceError {
        let more = partitions.count > Self.namesMax ? ", ..." : ""
        let names = partitions.prefix(Self.namesMax).joined(separator: ", ") + more
        return SourceError(
            "\(name) is a partitioned table, whose rows are in its partitions\(names.isEmpty ? "" : ": \(names)"); "
                + "give --table for each of these, or restore into a new database")
    }

    private static func isPartitioned(_ entry: DumpScript.Entry) -> Bool {
        entry.text.contains("\nPARTITION BY ")
    }

    /// `ALTER TABLE ONLY parent ATTACH PARTITION child`
    private static func parent(of entry: DumpScript.Entry) -> String? {
        var words = SQLWords(entry.statement)
        guard words.take("ALTER"), words.take("TABLE") else { return nil }
        _ = words.take("ONLY")
        return words.qualifiedName()
    }
}
