import TestSupport
import Testing
import VarveFormat

@Suite("A count of items")
struct ReservingTests {
    @Test("makes room for no more than the bytes that are there, however small an item may be")
    func texts() async {
        await #expect(processExitsWith: .success) {
            let byteCount = 64 << 20
            // A text takes a byte or more here, and 16 in memory; the first is not UTF-8.
            let bytes =
                written { $0.write(count: byteCount) }
                + [UInt8](repeating: 0xff, count: byteCount)
            useOneArena()
            let before = try addressSpaceMax()
            #expect(throws: FormatError.self) {
                try ByteReader.decode(bytes) { reader throws(FormatError) in try reader.texts() }
            }
            #expect(try addressSpaceMax() - before <= 4 * byteCount)
        }
    }
}
