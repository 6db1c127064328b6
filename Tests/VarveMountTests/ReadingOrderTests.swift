import TestSupport
import Testing
import VarveFormat

@testable import VarveMount

@Suite("What is handed to the kernel before it asks")
struct ReadingOrderTests {
    private var order = ReadingOrder()

    private func place(_ directory: Int, _ index: Int, piece: Int = 0) -> EntryPlace {
        EntryPlace(directory: directory, piece: piece, index: index)
    }

    @Test("is nothing for files that are not read in order")
    mutating func random() {
        for index in [5, 3, 200, 100, 99] { #expect(order.asked(for: place(1, index)) == 0) }
        for directory in 2..<40 { #expect(order.asked(for: place(directory, 0)) == 0) }
    }

    @Test(
        "is more and more of a directory that is read in order, and the next one from its first file on"
    )
    mutating func inOrder() {
        #expect((0..<8).map { order.asked(for: place(1, $0)) } == [0, 4, 8, 16, 32, 64, 128, 128])
        order.handedOver(to: place(1, 100))
        #expect(order.asked(for: place(1, 103)) == 128)
        #expect(order.asked(for: place(2, 0)) == 32)
        #expect(order.asked(for: place(1, 0, piece: 1)) == 128)
        // Somebody jumps.
        #expect(order.asked(for: place(1, 3)) == 0)
        #expect(order.asked(for: place(3, 0)) == 0)
    }

    @Test("is files of one name without holes, whole, in order, and no others")
    func files() throws {
        let depot = try Depot()
        for number in 10..<30 { try depot.write("f\(number)", noise(number, seed: 1)) }
        try depot.write("empty", [])
        try depot.write("f15long", noise(MountLimits.handedFileBytes + 1, seed: 1))
        try depot.write("f16below/x", [1])
        try depot.snapshot()
        let files = try depot.files()
        guard case .entry(let first) = try files.newest(depot.source + "/f11").number.place else {
            throw Refusal.missing
        }
        var handed: [(number: FileNumber, bytes: [UInt8])] = []
        let last = files.filesBehind(first, count: 10) { number, bytes in
            handed.append((number, Array(bytes)))
            return true
        }
        #expect(handed.map(\.bytes) == (12..<22).map { noise($0, seed: 1) })
        for file in handed { #expect(try files.bytes(file.number) == file.bytes) }
        let end = try files.newest(depot.source + "/f21").number
        #expect(last.map { FileNumber($0) } == end)
        // Whoever takes no more ends it.
        #expect(files.filesBehind(first, count: 10) { _, _ in false } == nil)
    }
}
