import VarveFormat

/// Which stretches of a file with holes an archive holds, in GNU's sparse format 1.0.
///
/// Each stretch but the last is a number of whole blocks long: GNU tar pads what is not, other programs
/// do not.
struct SparseMap: Equatable {
    /// A stretch: zeros and data that follow each other in it.
    struct Region: Equatable {
        struct Run: Equatable {
            var zeroBytes: Int
            var dataBytes: Int
        }

        var offset: Int
        var count: Int
        var runs: [Run]
    }

    private(set) var regions: [Region] = []
    /// The file's whole length.
    let size: Int

    init(of node: Node) {
        size = node.size
        var offset = 0
        var rest = node.content?.size ?? 0
        for hole in node.holes {
            add(offset, hole.dataBytes)
            offset += hole.dataBytes + hole.holeBytes
            rest -= hole.dataBytes
        }
        add(offset, rest)
        // An end without data is said by an empty stretch.
        let end = regions.last.map { $0.offset + $0.count } ?? 0
        if end < size { regions.append(Region(offset: size, count: 0, runs: [])) }
    }

    /// Adds data at `offset`, with zeros around it up to the blocks' borders.
    private mutating func add(_ offset: Int, _ count: Int) {
        guard count > 0 else { return }
        let block = TarHeader.blockBytes
        let stop = offset + count
        let end = min(stop + TarHeader.padding(after: stop), size)
        guard let last = regions.indices.last,
            offset & -block <= regions[last].offset + regions[last].count
        else {
            let start = offset & -block
            regions.append(
                Region(
                    offset: start, count: end - start,
                    runs: [.init(zeroBytes: offset - start, dataBytes: count)]))
            return
        }
        let filled = regions[last].runs.reduce(regions[last].offset) {
            $0 + $1.zeroBytes + $1.dataBytes
        }
        regions[last].runs.append(.init(zeroBytes: offset - filled, dataBytes: count))
        regions[last].count = end - regions[last].offset
    }

    /// The map as it stands before the data, padded to whole blocks.
    var encoded: [UInt8] {
        var text = Array("\(regions.count)\n".utf8)
        for region in regions { text += "\(region.offset)\n\(region.count)\n".utf8 }
        text.append(contentsOf: repeatElement(0, count: TarHeader.padding(after: text.count)))
        return text
    }

    /// Bytes of all stretches.
    var dataBytes: Int { regions.reduce(0) { $0 + $1.count } }
}
