/// Where the bytes of a content lie in a file with holes.
public struct DataRuns: Sendable {
    public struct Run: Sendable, Equatable {
        /// Where the run begins in the content.
        public var content: Int
        /// Where it begins in the file.
        public var file: Int
        public var count: Int

        public init(content: Int, file: Int, count: Int) {
            (self.content, self.file, self.count) = (content, file, count)
        }
    }

    private let runs: [Run]
    public let holes: [Range<Int>]

    public init(_ node: Node) {
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
    public func pieces(of range: Range<Int>) -> [Run] {
        guard runs.count > 1 else {
            let shift = (runs.first?.file ?? 0) - (runs.first?.content ?? 0)
            return [
                Run(content: range.lowerBound, file: range.lowerBound + shift, count: range.count)
            ]
        }
        return parts(of: range, \.content)
    }

    /// The pieces of the content that lie in this range of the file, in order; the rest is holes.
    public func pieces(inFile range: Range<Int>) -> [Run] { parts(of: range, \.file) }

    /// Where data are, at or behind a place in the file; nil when nothing but holes follows.
    public func data(from position: Int) -> Int? {
        let index = first(endingAfter: position, \.file)
        return index < runs.count ? max(runs[index].file, position) : nil
    }

    /// Where a hole is, at or behind a place in the file; its end counts as one.
    public func hole(from position: Int) -> Int {
        let index = first(endingAfter: position, \.file)
        guard index < runs.count, runs[index].file <= position else { return position }
        return runs[index].file + runs[index].count
    }

    /// What of the runs lies in a range of the content, or of the file.
    private func parts(of range: Range<Int>, _ place: KeyPath<Run, Int>) -> [Run] {
        var pieces: [Run] = []
        var index = first(endingAfter: range.lowerBound, place)
        while index < runs.count, runs[index][keyPath: place] < range.upperBound {
            let run = runs[index]
            let start = max(run[keyPath: place], range.lowerBound) - run[keyPath: place]
            let end = min(run[keyPath: place] + run.count, range.upperBound) - run[keyPath: place]
            pieces.append(
                Run(content: run.content + start, file: run.file + start, count: end - start))
            index += 1
        }
        return pieces
    }

    private func first(endingAfter position: Int, _ place: KeyPath<Run, Int>) -> Int {
        var (low, high) = (0, runs.count)
        while low < high {
            let middle = (low + high) / 2
            if runs[middle][keyPath: place] + runs[middle].count <= position {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}
