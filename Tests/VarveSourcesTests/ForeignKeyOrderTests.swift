import Testing

@testable import VarveSources

@Suite("The order that foreign keys want")
struct ForeignKeyOrderTests {
    @Test("begins with what others refer to, also by way of a table that is not filled")
    func order() {
        let order = ForeignKeyOrder([("a", "b"), ("b", "c"), ("a", "a"), ("d", "a")])
        #expect(order.sorted(["d", "a", "c"]) { $0 } == ["c", "a", "d"])
    }

    @Test("has each table once, even of a circle, and of a chain of any length")
    func circle() {
        let pairs = (0..<50_000).map { ("\($0)", "\(($0 + 1) % 50_000)") }
        let sorted = ForeignKeyOrder(pairs).sorted(pairs.map(\.0)) { $0 }
        #expect(Set(sorted).count == 50_000 && sorted.count == 50_000)
    }
}
