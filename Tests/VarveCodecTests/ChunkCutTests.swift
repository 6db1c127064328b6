import TestSupport
import Testing
import VarveCodec
import VarveCrypto

@Suite struct ChunkCutTests {
    private let smallest: ChunkerParameters

    init() throws { smallest = try #require(ChunkerParameters(average: 16 << 10)) }

    @Test("averages are powers of two from 16 KiB to 4 MiB")
    func averages() {
        #expect(ChunkerParameters(average: 64 << 10)?.min == 16 << 10)
        #expect(ChunkerParameters(average: 64 << 10)?.normal == 48 << 10)
        #expect(ChunkerParameters(average: 64 << 10)?.max == 256 << 10)
        #expect(ChunkerParameters(average: 4 << 20) != nil)
        for average in [0, -1, 1, 8 << 10, 48 << 10, 65_537, 8 << 20, .max, .min] {
            #expect(ChunkerParameters(average: average) == nil)
        }
    }

    @Test(
        "the cuts are those of the definition, in any input and in any steps",
        arguments: InputKind.allCases)
    func definition(kind: InputKind) throws {
        var generator = SeededNumbers.fresh()
        let gear = try Gear(secret: chunkerSecret(5))
        for count in [0, 1, 4095, 4096, 65_536, 65_537, 700_000] {
            let bytes = kind.make(count, &generator)
            let oracle = try ChunkOracle(secret: chunkerSecret(5), bytes)
            let expected = oracle.cuts(smallest)
            #expect(cuts(gear, bytes, smallest) == expected, "\(count), seed \(generator.seed)")
            #expect(
                inSteps(oracle.samples, count, &generator) == expected,
                "\(count), seed \(generator.seed)")
        }
    }

    /// Cuts of a stream that arrives in steps, each scanned in a buffer of its own.
    private func inSteps(
        _ samples: [Sample], _ count: Int, _ generator: inout SeededNumbers
    ) -> [Int64] {
        var selector = CutSelector(smallest)
        var cuts: [Int64] = []
        var start = 0
        while start < count {
            let end = min(count, start + Int(generator.next() % 50_000))
            let step = samples.filter { $0.position >= start && $0.position < end }
                .map { Sample(position: $0.position - UInt32(start), hash: $0.hash) }
            step.withUnsafeBufferPointer {
                selector.feed($0, base: Int64(start), scannedEnd: Int64(end), into: &cuts)
            }
            start = end
        }
        if let last = selector.finish() { cuts.append(last) }
        return cuts
    }

    /// Where a first chunk is cut when the byte before `length` has `hash`, in a stream of 200,000
    /// bytes without other candidates.
    private func firstCut(length: Int, hash: UInt64) -> Int {
        var selector = CutSelector(smallest)
        var cuts: [Int64] = []
        withUnsafePointer(to: Sample(position: UInt32(length - 1), hash: hash)) {
            selector.feed(
                UnsafeBufferPointer(start: $0, count: 1), base: 0, scannedEnd: 200_000, into: &cuts)
        }
        return Int(cuts[0])
    }

    @Test("a candidate counts from the first byte of its range to the last")
    func borders() {
        let (strong, loose) = (smallest.strongBound - 1, smallest.looseBound - 1)
        let (least, normal, most) = (smallest.min, smallest.normal, smallest.max)
        #expect(firstCut(length: least - 1, hash: strong) == most)
        #expect(firstCut(length: least, hash: strong) == least)
        #expect(firstCut(length: least, hash: strong + 1) == most)
        #expect(firstCut(length: normal - 1, hash: strong) == normal - 1)
        #expect(firstCut(length: normal - 1, hash: loose) == most)
        #expect(firstCut(length: normal, hash: loose) == normal)
        #expect(firstCut(length: normal, hash: loose + 1) == most)
        #expect(firstCut(length: most - 1, hash: loose) == most - 1)
        #expect(firstCut(length: most, hash: loose) == most)
        #expect(firstCut(length: most + 1, hash: 0) == most)
        #expect(firstCut(length: 2 * most, hash: 0) == most)
    }

    @Test("random data is cut within the bounds and near the average")
    func average() throws {
        var generator = SeededNumbers(1)
        let bytes = generator.bytes(8 << 20)
        let found = cuts(try Gear(secret: chunkerSecret(6)), bytes, smallest)
        let lengths = zip([0] + found, found).map { $1 - $0 }
        #expect(lengths.dropLast().allSatisfy { $0 >= smallest.min })
        #expect(lengths.allSatisfy { $0 <= smallest.max })
        let mean = Double(bytes.count) / Double(lengths.count) / Double(smallest.average)
        #expect((0.85...1.15).contains(mean), "\(mean)")
    }

    @Test("an insertion changes only the cuts beside it")
    func locality() throws {
        var generator = SeededNumbers(1)
        let gear = try Gear(secret: chunkerSecret(7))
        let before = generator.bytes(2 << 20)
        let place = 1 << 20
        let after = before[..<place] + generator.bytes(100) + before[place...]
        let old = cuts(gear, before, smallest)
        let new = cuts(gear, Array(after), smallest)
        #expect(old.prefix { $0 <= place } == new.prefix { $0 <= place })
        let (oldTail, newTail) = (Set(old.filter { $0 > place }), new.filter { $0 > place })
        let met = newTail.filter { oldTail.contains($0 - 100) }
        // Measured: the lists meet again after one or two chunks, seldom after more.
        #expect(newTail.count - met.count <= 12)
        #expect(newTail.count > 30)
    }

    @Test("after a skip the cuts go on as if all had been scanned")
    func skip() throws {
        var generator = SeededNumbers.fresh()
        let bytes = generator.bytes(500_000)
        let gear = try Gear(secret: chunkerSecret(8))
        let all = cuts(gear, bytes, smallest)
        var selector = CutSelector(smallest)
        selector.skip(to: all[4])
        var rest: [Int64] = []
        scanned(gear, bytes).filter { $0.position >= all[4] }.withUnsafeBufferPointer {
            selector.feed($0, base: 0, scannedEnd: Int64(bytes.count), into: &rest)
        }
        if let last = selector.finish() { rest.append(last) }
        #expect(rest == Array(all[5...]), "seed \(generator.seed)")
    }

    @Test("the cuts of a known input never change")
    func golden() throws {
        var generator = SeededNumbers(1)
        let bytes = InputKind.mixed.make(600_000, &generator)
        let found = cuts(try Gear(secret: chunkerSecret(9)), bytes, smallest)
        #expect(found == Self.goldenCuts)
    }

    private static let goldenCuts: [Int64] = [
        29518, 40819, 55070, 70726, 104011, 165474, 194318, 207000, 221806, 246445, 259224, 276137,
        291436, 319819, 340552, 361456, 422104, 437693, 460974, 483567, 496359, 512710, 535293,
        567630, 573143, 583585, 600000,
    ]
}
