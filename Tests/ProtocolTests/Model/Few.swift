/// A set of numbers below 32, cheap to copy and to hash.
struct Few: Hashable, ExpressibleByArrayLiteral {
    var bits: UInt32 = 0

    init() {}
    init(bits: UInt32) { self.bits = bits }
    init(arrayLiteral elements: Int...) {
        for element in elements { insert(element) }
    }

    var isEmpty: Bool { bits == 0 }
    var first: Int? { isEmpty ? nil : bits.trailingZeroBitCount }
    var count: Int { bits.nonzeroBitCount }

    func contains(_ number: Int) -> Bool { bits >> UInt32(number) & 1 == 1 }
    func isDisjoint(with other: Few) -> Bool { bits & other.bits == 0 }
    func isSubset(of other: Few) -> Bool { bits & ~other.bits == 0 }

    mutating func insert(_ number: Int) { bits |= 1 << UInt32(number) }
    mutating func remove(_ number: Int) { bits &= ~(1 << UInt32(number)) }

    static func + (a: Few, b: Few) -> Few { Few(bits: a.bits | b.bits) }
    static func - (a: Few, b: Few) -> Few { Few(bits: a.bits & ~b.bits) }
    static func & (a: Few, b: Few) -> Few { Few(bits: a.bits & b.bits) }
    static func += (a: inout Few, b: Few) { a.bits |= b.bits }
    static func -= (a: inout Few, b: Few) { a.bits &= ~b.bits }

    /// Calls `body` with each number, the least first.
    func visit(_ body: (Int) -> Void) {
        var rest = bits
        while rest != 0 {
            body(rest.trailingZeroBitCount)
            rest &= rest - 1
        }
    }

    func allSatisfy(_ test: (Int) -> Bool) -> Bool {
        var isTrue = true
        visit { if isTrue { isTrue = test($0) } }
        return isTrue
    }

    func filter(_ test: (Int) -> Bool) -> Few {
        var found = Few()
        visit { if test($0) { found.insert($0) } }
        return found
    }

    /// The `count` least numbers, or greatest.
    func prefix(_ count: Int, greatest: Bool) -> Few {
        var (found, rest) = (Few(), self)
        while found.count < count, !rest.isEmpty {
            let next = greatest ? 31 - rest.bits.leadingZeroBitCount : rest.first ?? 0
            found.insert(next)
            rest.remove(next)
        }
        return found
    }
}

/// Packs, segments and manifests by their numbers.
struct Objects: Hashable {
    var packs = Few()
    var segments = Few()
    var manifests = Few()

    var isEmpty: Bool { packs.isEmpty && segments.isEmpty && manifests.isEmpty }

    static func += (a: inout Objects, b: Objects) {
        a.packs += b.packs
        a.segments += b.segments
        a.manifests += b.manifests
    }

    static func -= (a: inout Objects, b: Objects) {
        a.packs -= b.packs
        a.segments -= b.segments
        a.manifests -= b.manifests
    }

    static func - (a: Objects, b: Objects) -> Objects {
        var rest = a
        rest -= b
        return rest
    }

    /// What one record takes: packs before the segments that name them.
    func prefix(_ count: Int, greatest: Bool) -> Objects {
        var some = Objects()
        some.packs = packs.prefix(count, greatest: greatest)
        let left = count - some.packs.count
        some.segments = segments.prefix(left, greatest: greatest)
        some.manifests = manifests.prefix(left - some.segments.count, greatest: greatest)
        return some
    }
}
