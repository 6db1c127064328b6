import Testing
import VarveSystem

@Suite("Sizes as people write them")
struct SizeTextTests {
    @Test("units are powers of 1024, whatever their spelling")
    func units() {
        #expect(SizeText.bytes("500") == 500)
        #expect(SizeText.bytes("64K") == 64 << 10)
        #expect(SizeText.bytes("64KiB") == 64 << 10)
        #expect(SizeText.bytes("64kb") == 64 << 10)
        #expect(SizeText.bytes("1.5G") == 3 << 29)
        #expect(SizeText.bytes("7b") == 7)
    }

    @Test(
        "what is no size is refused",
        arguments: ["", "K", "-1", "1X", "1.2.3", "1 K", "99999999P", "1KK", ".5"])
    func nonsense(_ text: String) {
        #expect(SizeText.bytes(text) == nil)
    }
}
