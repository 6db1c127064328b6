import Synchronization
import TestSupport
import Testing
import VarveCrypto
import VarveStorage
import VarveSystem

/// Names that end in the digest of the bytes: "m-" is kept when read or put, "k-" when read, "d-" when
/// put, "r-" when read, without a digest.
func cacheRule(_ name: String) -> CacheRule? {
    let last = name.split(separator: "/").last ?? ""
    func rule(_ share: CacheRule.Share, _ moments: CacheRule.Moment) -> CacheRule? {
        var digits = last.dropFirst(2)
        guard digits.utf8.count == 64 else { return nil }
        var digest: [UInt8] = []
        while !digits.isEmpty {
            guard let byte = UInt8(digits.prefix(2), radix: 16) else { return nil }
            digest.append(byte)
            digits = digits.dropFirst(2)
        }
        return CacheRule(share, kept: moments, digest: digest)
    }
    switch last.prefix(2) {
    case "m-": return rule(.metadata, [.read, .put])
    case "k-": return rule(.metadata, .read)
    case "d-": return rule(.data, .put)
    case "r-": return CacheRule(.metadata, kept: .read, digest: nil)
    default: return nil
    }
}

/// Fails one call, the one with a given number.
private final class FaultCounter: Sendable {
    private let number: Int
    private let calls = Mutex(0)

    init(at number: Int) { self.number = number }

    func errorNumber() -> Int32? {
        calls.withLock { calls in
            calls += 1
            return calls == number ? 5 : nil
        }
    }

    /// Whether there were fewer calls.
    var isOver: Bool { calls.withLock { $0 < number } }
}

@Suite("A cache of a far storage")
struct CachedStorageTests {
    private let scratch: ScratchDirectory
    private let base = MemoryStorage()
    private let far: FarStorage
    private var directory: String { scratch.path + "/cache" }

    init() throws {
        scratch = try ScratchDirectory()
        far = FarStorage(base, staging: scratch.path + "/staging")
    }

    private func cached(
        _ change: (inout CacheLimits) -> Void = { _ in }, in directory: String? = nil
    ) -> CachedStorage {
        var limits = CacheLimits()
        // A test must not depend on how full a disk is.
        limits.freeShare = 1
        change(&limits)
        return CachedStorage(
            far, directory: directory ?? self.directory, limits: limits, cacheRule)
    }

    private func name(_ kind: String, _ bytes: [UInt8]) -> String {
        let digest = SHA256.digest(bytes).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return "a/\(kind)-" + digest.joined()
    }

    /// Stores bytes behind the cache's back.
    private func stored(_ kind: String, _ bytes: [UInt8]) -> String {
        let name = name(kind, bytes)
        base.overwrite(name, bytes)
        return name
    }

    private func file(_ name: String) throws -> String {
        let last = String(name.split(separator: "/")[1])
        let found = try filesBelow(directory).first { $0.hasSuffix("/" + last) }
        return directory + "/" + (try #require(found))
    }

    @Test("fetches what is read in pieces as a whole, and only once, also for the next process")
    func whole() throws {
        let bytes = randomBytes(10_000)
        let name = stored("m", bytes)
        for _ in 0..<2 {
            let storage = cached()
            for offset in [0, 5_000, 9_990] {
                #expect(
                    try storage.read(name, at: offset, count: 10)
                        == Array(bytes[offset..<offset + 10]))
            }
            #expect(kindThrown { _ = try storage.read(name, at: 9_991, count: 10) } == .truncated)
        }
        #expect(far.history == ["get \(name)"])
    }

    @Test("keeps what is put and what grew, without reading it back")
    func put() throws {
        let storage = cached()
        let (first, second) = (randomBytes(1_000), randomBytes(2_000))
        try storage.put(name("m", first), first)
        let staged = try storage.stage()
        try staged.append(second)
        try staged.publish(as: name("d", second))
        #expect(far.history == ["put \(name("m", first))", "put \(name("d", second))"])
        #expect(base.contents[name("d", second)] == second)
        let next = cached()
        #expect(try next.get(name("m", first), limit: 1_000) == first)
        #expect(kindThrown { _ = try next.get(name("m", first), limit: 999) } == .tooLarge)
        #expect(try next.read(name("d", second), at: 0, count: 2_000) == second)
        #expect(far.history.count == 3)
        #expect(try filesBelow(directory).count == 2, "nothing was written twice")
    }

    @Test("what is to be read back after a put comes from the storage once")
    func readBack() throws {
        let storage = cached()
        let bytes = randomBytes(100)
        let name = name("k", bytes)
        try storage.put(name, bytes)
        for _ in 0..<2 { #expect(try storage.get(name, limit: 100) == bytes) }
        #expect(far.history == ["put \(name)", "get \(name)"])
    }

    @Test("data of other machines is read in pieces, and not kept")
    func pieces() throws {
        let bytes = randomBytes(1_000)
        let name = stored("d", bytes)
        let storage = cached()
        for _ in 0..<2 {
            #expect(try storage.read(name, at: 10, count: 5) == Array(bytes[10..<15]))
        }
        #expect(far.history == ["read \(name)", "read \(name)"])
    }

    @Test("without a digest it answers only who knows one, and only what has it")
    func vouched() throws {
        let (first, second) = (randomBytes(100), randomBytes(100))
        base.overwrite("a/r-1", first)
        let storage = cached()
        #expect(try storage.get("a/r-1", limit: 100) == first)
        #expect(try storage.get("a/r-1", limit: 100, digest: SHA256.digest(first)) == first)
        #expect(far.history.count == 1)
        // Another one has its place now: who does not know which it is must see that.
        base.overwrite("a/r-1", second)
        #expect(try storage.get("a/r-1", limit: 100) == second)
        #expect(try storage.get("a/r-1", limit: 100, digest: SHA256.digest(first)) == second)
        #expect(far.history.count == 3)
    }

    @Test("a file that is rotten, cut short or empty is fetched again", arguments: 0..<3)
    func damaged(kind: Int) throws {
        let bytes = randomBytes(300_000)
        let names = [stored("m", bytes), stored("k", Array(bytes.reversed()))]
        let first = cached()
        _ = try first.read(names[0], at: 0, count: 1)
        _ = try first.get(names[1], limit: 300_000)
        for name in names {
            let file = try File.openToWrite(try file(name))
            switch kind {
            case 0: try file.write([bytes[0] ^ 1])
            case 1: try file.truncate(to: 299_999)
            default: try file.truncate(to: 0)
            }
        }
        let storage = cached()
        for _ in 0..<2 {
            #expect(try storage.read(names[0], at: 0, count: 300_000) == bytes)
            #expect(try storage.get(names[1], limit: 300_000) == bytes.reversed())
        }
        #expect(far.history.count == 4)
        #expect(try cached().get(names[0], limit: 300_000) == bytes)
        #expect(far.history.count == 4)
    }

    @Test("an object that is damaged in the storage is read in pieces, as it is")
    func damagedInStorage() throws {
        var bytes = randomBytes(1_000)
        let name = stored("m", bytes)
        bytes[3] ^= 1
        base.overwrite(name, bytes)
        let storage = cached()
        for _ in 0..<3 { #expect(try storage.read(name, at: 0, count: 10) == Array(bytes[..<10])) }
        #expect(far.counts == ["get a/": 1, "read a/": 3])
        #expect(kindThrown { _ = try storage.read(name, at: 0, count: 1_001) } == .truncated)
        base.removeQuietly(name)
        #expect(kindThrown { _ = try storage.read(name, at: 0, count: 10) } == .missing)
    }

    @Test("what is removed or put anew is gone here, too")
    func removed() throws {
        let bytes = randomBytes(100)
        let storage = cached()
        for isRemoved in [true, false] {
            let name = name("m", bytes)
            try storage.put(name, bytes)
            #expect(try storage.read(name, at: 0, count: 100) == bytes)
            if isRemoved {
                try storage.remove(name)
                #expect(kindThrown { _ = try storage.read(name, at: 0, count: 1) } == .missing)
                #expect(kindThrown { _ = try storage.get(name, limit: 100) } == .missing)
            } else {
                try storage.replace(.first, of: name, by: [1])
                #expect(try storage.get(name, limit: 100) == [1])
            }
        }
    }

    @Test("what was not used for longest goes, of each share by itself")
    func bounded() throws {
        let objects = (0..<6).map { _ in randomBytes(10_000) }
        let small = { (limits: inout CacheLimits) in
            (limits.metadataBytes, limits.dataBytes) = (40_000, 25_000)
        }
        for (number, bytes) in objects.enumerated() {
            let storage = cached(small)
            try storage.put(name("m", bytes), bytes)
            let staged = try storage.stage()
            try staged.append(bytes)
            try staged.publish(as: name("d", bytes))
            for kind in ["m", "d"] {
                let file = try File.openToWrite(try file(name(kind, bytes)))
                try file.setTimes(mtimeNanoseconds: Int64(number) * 1_000_000_000)
            }
            // Used now: it stays.
            #expect(
                try cached().read(name("m", objects[0]), at: 0, count: 1) == Array(objects[0][..<1])
            )
        }
        let left = try filesBelow(directory)
        #expect(left.filter { $0.hasPrefix("data/") }.count == 2)
        let metadata = left.filter { $0.hasPrefix("metadata/") }
        #expect(metadata.count == 3)
        for bytes in [objects[0], objects[5]] {
            #expect(metadata.contains { name("m", bytes).hasSuffix($0.suffix(64)) })
        }
    }

    @Test("takes no more than its part of what is free")
    func freeShare() throws {
        let storage = cached { $0.freeShare = .max }
        for _ in 0..<3 {
            let bytes = randomBytes(1_000)
            try storage.put(name("m", bytes), bytes)
        }
        // It looks again when a sixteenth of the bound was added; a new process at once.
        let bytes = randomBytes(1_000)
        try cached { $0.freeShare = .max }.put(name("m", bytes), bytes)
        #expect(try filesBelow(directory).count == 1)
    }

    @Test("a directory that takes nothing only makes it slower")
    func unusable() throws {
        let bytes = randomBytes(1_000)
        let name = stored("m", bytes)
        let storage = cached(in: "/dev/null/cache")
        for _ in 0..<2 { #expect(try storage.read(name, at: 1, count: 9) == Array(bytes[1..<10])) }
        for _ in 0..<2 { #expect(try storage.get(name, limit: 1_000) == bytes) }
        let staged = try storage.stage()
        try staged.append(bytes)
        try staged.publish(as: self.name("d", bytes))
        #expect(try storage.read(self.name("d", bytes), at: 1, count: 9) == Array(bytes[1..<10]))
        #expect(far.counts == ["get a/": 3, "read a/": 3, "put a/": 1])
    }

    @Test("a full disk only makes it slower")
    func full() throws {
        let bytes = randomBytes(1_000)
        let name = stored("m", bytes)
        let storage = cached()
        let full: FaultPlan = { call, _ in call == .write ? 28 : nil }
        try FileFaults.with(under: directory, full) {
            for _ in 0..<2 {
                #expect(try storage.read(name, at: 1, count: 9) == Array(bytes[1..<10]))
            }
            try storage.put(self.name("m", [1]), [1])
        }
        #expect(far.counts == ["get a/": 1, "read a/": 2, "put a/": 1])
        #expect(try filesBelow(directory).isEmpty)
    }

    @Test("any failing call on its files is no error, and no other bytes come")
    func faults() throws {
        let bytes = randomBytes(5_000)
        var number = 0
        var faults = 1
        while faults > 0 {
            number += 1
            let path = "\(scratch.path)/fault-\(number)"
            let counter = FaultCounter(at: number)
            let failing: FaultPlan = { _, _ in counter.errorNumber() }
            try FileFaults.with(under: path, failing) {
                for _ in 0..<2 {
                    let storage = cached(in: path)
                    let (read, put) = (stored("m", bytes), Array(bytes.reversed()))
                    #expect(try storage.read(read, at: 0, count: 5_000) == bytes)
                    #expect(try storage.get(read, limit: 5_000) == bytes)
                    try storage.put(name("m", put), put)
                    #expect(try storage.get(name("m", put), limit: 5_000) == put)
                    try storage.remove(name("m", put))
                    // It may still be here, when it could not be removed.
                    let rest = try? storage.get(name("m", put), limit: 5_000)
                    #expect(rest == nil || rest == put)
                }
            }
            faults = counter.isOver ? 0 : 1
            #expect(number < 200)
        }
        #expect(number > 20)
    }

    @Test("threads that want the same object wait for one of them to fetch it")
    func together() throws {
        let bytes = randomBytes(100_000)
        let name = stored("m", bytes)
        // Long enough for all of them to come.
        let far = FarStorage(base, staging: scratch.path, delay: 100_000_000)
        let storage = CachedStorage(far, directory: directory, cacheRule)
        try WorkerThreads.run(count: 8) { number in
            let read = try storage.read(name, at: number * 100, count: 100)
            #expect(read == Array(bytes[number * 100..<number * 100 + 100]))
        }
        #expect(far.history == ["get \(name)"])
    }

    @Test("two that share a directory do not get in each other's way")
    func shared() throws {
        let objects = (0..<20).map { _ in randomBytes(5_000) }
        let names = objects.map { stored("m", $0) }
        let storages = (0..<2).map { _ in cached { $0.metadataBytes = 30_000 } }
        try WorkerThreads.run(count: 4) { number in
            var random = SeededNumbers(UInt64(number))
            for _ in 0..<300 {
                let index = random.below(objects.count)
                let storage = storages[number % 2]
                switch random.below(4) {
                case 0: #expect(try storage.get(names[index], limit: 5_000) == objects[index])
                case 1: try storage.put(names[index], objects[index])
                default:
                    #expect(
                        try storage.read(names[index], at: 0, count: 5_000) == objects[index])
                }
            }
        }
        #expect(try filesBelow(directory).allSatisfy { !$0.contains(".tmp-") })
    }
}
