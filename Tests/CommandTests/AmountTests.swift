import Testing

@testable import varve

@Suite("Numbers for people")
struct AmountTests {
    @Test("bytes have three digits and a binary unit")
    func bytes() {
        #expect(Amounts.bytes(0) == "0 B")
        #expect(Amounts.bytes(1023) == "1023 B")
        #expect(Amounts.bytes(1024) == "1.0 KiB")
        #expect(Amounts.bytes(1_395_864_371) == "1.3 GiB")
        #expect(Amounts.bytes(448 << 20) == "448 MiB")
        #expect(Amounts.bytes((1 << 20) - 1) == "1.0 MiB")
        #expect(Amounts.bytes(.max) == "8.0 EiB")
    }

    @Test("counts are grouped by thousands")
    func counts() {
        #expect(Amounts.count(0) == "0")
        #expect(Amounts.count(999) == "999")
        #expect(Amounts.count(78541) == "78 541")
        #expect(Amounts.count(-1_234_567) == "-1 234 567")
        #expect(Amounts.count(1, "file") == "1 file")
        #expect(Amounts.count(2, "file") == "2 files")
    }

    @Test("times become shorter words as they grow")
    func durations() {
        #expect(Amounts.duration(nanoseconds: 12_000_000) == "12 ms")
        #expect(Amounts.duration(nanoseconds: 2_900_000_000) == "2.9 s")
        #expect(Amounts.duration(nanoseconds: 42_000_000_000) == "42 s")
        #expect(Amounts.duration(nanoseconds: 192_000_000_000) == "3 min 12 s")
        #expect(Amounts.duration(nanoseconds: 7_260_000_000_000) == "2 h 1 min")
        #expect(Amounts.clock(seconds: 16) == "0:16")
        #expect(Amounts.clock(seconds: 3723) == "1:02:03")
    }

    @Test("shares and factors never divide by nothing")
    func ratios() {
        #expect(Amounts.share(11, of: 1000) == "1.1 %")
        #expect(Amounts.share(1, of: 1 << 40) == "under 0.1 %")
        #expect(Amounts.share(0, of: 0) == "0 %")
        #expect(Amounts.factor(46, 10) == "4.6")
        #expect(Amounts.factor(105, 100) == "1.05")
        #expect(Amounts.factor(10, 0) == "1.0")
        #expect(Amounts.rate(bytes: 10, nanoseconds: 0) == nil)
    }
}
