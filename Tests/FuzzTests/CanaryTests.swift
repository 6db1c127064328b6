import TestSupport
import Testing
import VarveFormat

@Suite("A fault that was planted is found as one in a decoder would be")
struct CanaryTests {
    @Test("a count that is believed before the bytes are there")
    func allocation() async throws {
        await #expect(processExitsWith: .failure) {
            var run = try FuzzRun(
                "allocation", [.canary { try believing($0) }], seed: 1, cases: FuzzRun.casesMin)
            try run.run()
        }
        #expect(try FuzzNote.take("allocation").contains("the process grew by"))
    }

    @Test("a length that is not compared with what is left")
    func trap() async throws {
        await #expect(processExitsWith: .failure) {
            var run = try FuzzRun(
                "trap", [.canary { try trapping($0) }], seed: 1, cases: FuzzRun.casesMin)
            try run.run()
        }
        #expect(try FuzzNote.take("trap").hasPrefix("canary, case "))
    }

    @Test("a number that is taken for another")
    func loss() async throws {
        await #expect(processExitsWith: .failure) {
            var run = try FuzzRun(
                "loss", [.canary { try losing($0) }], seed: 1, cases: FuzzRun.casesMin)
            try run.run()
        }
        #expect(try FuzzNote.take("loss").contains("encoded again it is another value"))
    }

    @Test("an error that is not the decoder's")
    func error() async throws {
        await #expect(processExitsWith: .failure) {
            var run = try FuzzRun(
                "error", [.canary { try throwing($0) }], seed: 1, cases: FuzzRun.casesMin)
            try run.run()
        }
        #expect(try FuzzNote.take("error").hasSuffix("Foreign()"))
    }

    @Test("a decoder without a fault passes")
    func none() async throws {
        await #expect(processExitsWith: .success) {
            var run = try FuzzRun(
                "none", [.canary { try whole($0) }], seed: 1, cases: FuzzRun.casesMin)
            try run.run()
        }
        _ = try FuzzNote.take("none")
    }
}

/// Some numbers, the count of them first.
private struct Numbers: Equatable {
    var numbers: [UInt64]

    var encoded: [UInt8] {
        written { writer in
            writer.write(UInt32(numbers.count))
            for number in numbers { writer.write(varint: number) }
        }
    }
}

private struct Foreign: Error {}

extension Fuzzer {
    fileprivate static func canary(
        _ decode: @escaping @Sendable ([UInt8]) throws -> Numbers
    ) -> Fuzzer {
        Fuzzer(
            "canary", errors: [FormatError.self],
            random: { numbers in Numbers(numbers: numbers.list(1...8) { $0.word() }) },
            encode: { $0.encoded }, decode: { try decode($0) })
    }
}

private func whole(_ bytes: [UInt8]) throws -> Numbers {
    try ByteReader.decode(bytes) { reader throws(FormatError) in
        let count = Int(try reader.integer(UInt32.self))
        guard count <= reader.remaining else { throw .truncated }
        var numbers: [UInt64] = []
        for _ in 0..<count { numbers.append(try reader.varint()) }
        return Numbers(numbers: numbers)
    }
}

private func believing(_ bytes: [UInt8]) throws -> Numbers {
    try ByteReader.decode(bytes) { reader throws(FormatError) in
        let count = Int(try reader.integer(UInt32.self))
        var numbers: [UInt64] = []
        // Not so much that there is none: then the process ends before it is measured.
        numbers.reserveCapacity(min(count, 1 << 27))
        for _ in 0..<count { numbers.append(try reader.varint()) }
        return Numbers(numbers: numbers)
    }
}

private func trapping(_ bytes: [UInt8]) throws -> Numbers {
    if bytes.count > 4, Int(bytes[0]) > bytes.count { _ = bytes[Int(bytes[0])] }
    return try whole(bytes)
}

private func losing(_ bytes: [UInt8]) throws -> Numbers {
    var value = try whole(bytes)
    value.numbers = value.numbers.map { isExtreme($0) ? $0 ^ 1 : $0 }
    return value
}

private func throwing(_ bytes: [UInt8]) throws -> Numbers {
    let value = try whole(bytes)
    guard !value.numbers.contains(where: isExtreme) else { throw Foreign() }
    return value
}

/// One that no value has that was made at random.
private func isExtreme(_ number: UInt64) -> Bool {
    number >= .max - 8 || (1 << 63 - 8...1 << 63 + 8).contains(number)
}
