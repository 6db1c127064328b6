import TestSupport

/// What a decoder did that no bytes may make it do.
struct Finding: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}

/// One decoder, and how to make bytes that it accepts.
struct Fuzzer: Sendable {
    var name: String
    /// The bytes of a random value.
    var sample: @Sendable (inout SeededNumbers) throws -> [UInt8]
    /// Whether bytes are decoded; false when they are refused. Throws a `Finding` or what is none
    /// of the decoder's errors.
    var accepts: @Sendable ([UInt8]) throws -> Bool
    /// Makes the checksum fit bytes that were changed, so that what stands behind it is met.
    var mend: (@Sendable ([UInt8]) -> [UInt8])?
    /// Whether bytes that were changed must be refused.
    var isAuthenticated = false
    /// One for so many inputs of another fuzzer, where each takes long.
    var share = 1

    /// For a decoder that throws `errors`, or answers nil.
    init<Value: Equatable & SendableMetatype>(
        _ name: String, errors: [any Error.Type],
        random: @escaping @Sendable (inout SeededNumbers) throws -> Value,
        encode: @escaping @Sendable (Value) throws -> [UInt8],
        decode: @escaping @Sendable ([UInt8]) throws -> Value?
    ) {
        self.name = name
        sample = { numbers in try encode(try random(&numbers)) }
        accepts = { bytes in
            guard let value = try Self.refusing(errors, { try decode(bytes) }) else {
                return false
            }
            guard try decode(try encode(value)) == value else {
                throw Finding("encoded again it is another value")
            }
            return true
        }
    }

    /// For a decoder of items that nothing encodes, each of which takes so many bytes at least.
    init<Item>(
        _ name: String, errors: [any Error.Type],
        sample: @escaping @Sendable (inout SeededNumbers) throws -> [UInt8], bytesPerItem: Int,
        decode: @escaping @Sendable ([UInt8]) throws -> [Item]?
    ) {
        self.name = name
        self.sample = sample
        accepts = { bytes in
            guard let items = try Self.refusing(errors, { try decode(bytes) }) else {
                return false
            }
            guard items.count * bytesPerItem <= bytes.count else {
                throw Finding("\(items.count) items come of \(bytes.count) bytes")
            }
            return true
        }
    }

    private static func refusing<Value>(
        _ errors: [any Error.Type], _ decode: () throws -> Value?
    ) throws -> Value? {
        do {
            return try decode()
        } catch let error where errors.contains(where: { $0 == type(of: error) }) {
            return nil
        }
    }
}
