import TestSupport
import Testing
import VarveStorage
import VarveSystem

/// One call to a bucket, on an object of its own.
enum BucketCall: CaseIterable, Sendable {
    case get, read, size, list, times, put, replace, create, createTaken, remove, putFile, putParts

    static let partBytes = 5 << 20
    private static let content = randomBytes(10_000)
    private static let large = randomBytes(partBytes + 1)

    private var bytes: [UInt8] { self == .putParts ? Self.large : Self.content }

    /// What is there before.
    func prepare(_ name: String, _ quiet: S3Storage) throws {
        switch self {
        case .get, .read, .size, .list, .times, .createTaken, .remove:
            try quiet.put(name, self == .createTaken ? [1] : Self.content)
        case .put, .replace, .create, .putFile, .putParts: break
        }
    }

    /// Whether the call has answered what is true; throws what the call throws.
    func run(_ name: String, _ storage: S3Storage) throws -> Bool {
        switch self {
        case .get: return try storage.get(name, limit: 10_000) == Self.content
        case .read:
            return try storage.read(name, at: 10, count: 90) == Array(Self.content[10..<100])
        case .size: return try storage.size(of: name) == 10_000
        case .list:
            let folder = File.parent(of: name) + "/"
            return try storage.list(folder).map { "\($0.name) \($0.bytes)" } == ["\(name) 10000"]
        case .times: return try storage.times(of: [name]).keys.elementsEqual([name])
        case .put: try storage.put(name, bytes)
        case .replace: try storage.replace(.first, of: name, by: bytes)
        case .create: return try storage.create(name, bytes)
        case .createTaken: return try !storage.create(name, bytes)
        case .remove: try storage.remove(name)
        case .putFile, .putParts:
            let staged = try storage.stage()
            try staged.append(bytes)
            try staged.publish(as: name)
        }
        return true
    }

    /// Whether the object is now what the call makes of it.
    func isDone(_ name: String, _ quiet: S3Storage) throws -> Bool {
        switch self {
        case .remove: return kindThrown { _ = try quiet.size(of: name) } == .missing
        case .createTaken: return try quiet.get(name, limit: 1) == [1]
        default: return try quiet.get(name, limit: bytes.count) == bytes
        }
    }

    /// Whether nothing, or all, has come of a call that threw.
    func isWhole(_ name: String, _ quiet: S3Storage) throws -> Bool {
        switch self {
        case .put, .replace, .create, .putFile, .putParts:
            let isAbsent = kindThrown { _ = try quiet.size(of: name) } == .missing
            return try isAbsent || isDone(name, quiet)
        case .remove:
            // A server may come to it only after nobody waits for it any more.
            let found = try? quiet.get(name, limit: 10_000)
            return try found.map { $0 == bytes } ?? isDone(name, quiet)
        default: return try isDone(name, quiet)
        }
    }
}
