import VarveFormat

/// Where the bytes of a content lie in a file with holes.
struct DataRuns: Sendable {
    struct Run: Sendable, Equatable {
        /// Where the run begins in the content.
        var content: Int
        /// Where it begins in the file.
        var file: Int
        var count: Int
    }

    private let runs: [Run]
    let holes: [Range<Int>]

    init(_ node: Node) {
        var runs: [Run] = []
        var holes: [Range<Int>] = []
        var (content, file) = (0, 0)
        for hole in node.holes {
            if hole.dataBytes > 0 {
                runs.append(Run(content: content, file: file, count: hole.dataBytes))
            }
            content += hole.dataBytes
            file += hole.dataBytes
            holes.append(file..<file + hole.holeBytes)
            file += hole.holeBytes
        }
        let rest = (node.content?.size ?? 0) - content
        if rest > 0 { runs.append(Run(content: content, file: file, count: rest)) }
        self.runs = runs
        self.holes = holes
    }

    /// The pieces of the file that hold these bytes of the content, in order.
    func pieces(of range: Range<Int>) -> [Run] {
        guard runs.count > 1 else {
            let shift = (runs.first?.file ?? 0) - (runs.first?.content ?? 0)
            return [
                Run(content: range.lowerBound, file: range.lowerBound + shift, count: range.count)
            ]
        }
        var pieces: [Run] = []
        var index = first(endingAfter: range.lowerBound)
        while index < runs.count, runs[index].content < range.upperBound {
            let run = runs[index]
            let start = max(run.content, range.lowerBound)
            let end = min(run.content + run.count, range.upperBound)
            pieces.append(
                Run(content: start, file: run.file + start - run.content, count: end - start))
            index += 1
        }
        return pieces
    }

    private func first(endingAfter position: Int) -> Int {
        var (low, high) = (0, runs.count)
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].content + runs[middle].count <= position {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}
