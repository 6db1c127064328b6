/// Chooses the cuts of one content-defined stream among its samples.
///
/// From the last cut c the next one is c + L with the smallest L in min..<normal whose byte before
/// the cut is strong; else the smallest L in normal..<max where it is loose; else c + max. The end
/// of the stream ends the last chunk. Samples go in, in order; cuts come out; nothing else is kept.
public struct CutSelector: Sendable {
    public let parameters: ChunkerParameters
    /// Where the chunk under way starts, in bytes from the start of the stream.
    public private(set) var lastCut: Int64
    /// All samples before this position have been seen.
    public private(set) var scannedEnd: Int64

    private let (strongBound, looseBound): (UInt64, UInt64)
    private let (minimum, normal, maximum): (Int64, Int64, Int64)

    /// Starts at a place known to be a cut, such as 0.
    public init(_ parameters: ChunkerParameters, from cut: Int64 = 0) {
        self.parameters = parameters
        lastCut = cut
        scannedEnd = cut
        (strongBound, looseBound) = (parameters.strongBound, parameters.looseBound)
        minimum = Int64(parameters.min)
        normal = Int64(parameters.normal)
        maximum = Int64(parameters.max)
    }

    /// Takes the samples from the end of the last call up to `scannedEnd` and appends the cuts that
    /// follow to `cuts`. Position 0 of a sample is `base` in the stream; what lies before the last
    /// cut is ignored.
    public mutating func feed(
        _ samples: UnsafeBufferPointer<Sample>, base: Int64, scannedEnd: Int64,
        into cuts: inout [Int64]
    ) {
        for sample in samples where sample.hash < looseBound {
            let place = base + Int64(sample.position) + 1
            advance(to: place - 1, &cuts)
            let length = place - lastCut
            if length >= normal || length >= minimum && sample.hash < strongBound {
                cut(at: place, &cuts)
            }
        }
        advance(to: scannedEnd, &cuts)
        self.scannedEnd = scannedEnd
    }

    /// The end of the last chunk, or nil when the stream ends at a cut; call it after the last
    /// `feed`, whose `scannedEnd` is the end of the stream.
    public mutating func finish() -> Int64? {
        guard scannedEnd > lastCut else { return nil }
        lastCut = scannedEnd
        return lastCut
    }

    /// Goes on from a later cut that is known without a scan.
    public mutating func skip(to cut: Int64) {
        lastCut = max(lastCut, cut)
        scannedEnd = max(scannedEnd, cut)
    }

    /// Cuts what has reached the maximum when no sample up to `end` has cut it.
    private mutating func advance(to end: Int64, _ cuts: inout [Int64]) {
        while end - lastCut >= maximum { cut(at: lastCut + maximum, &cuts) }
    }

    private mutating func cut(at place: Int64, _ cuts: inout [Int64]) {
        cuts.append(place)
        lastCut = place
    }
}
