import TestSupport
import Testing
import VarveArchive
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@Suite("A stream that is compared with its parent")
struct SpeculationTests {
    private enum Edit: CaseIterable { case flip, insert, remove, truncate, append, swap }

    /// Another version: a few edits of random kinds at random places.
    private func edited(_ bytes: [UInt8], _ numbers: inout SeededNumbers) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 0...4, using: &numbers) {
            let place = Int.random(in: 0...bytes.count, using: &numbers)
            let length = Int.random(
                in: 1...(1 << Int.random(in: 0...17, using: &numbers)), using: &numbers)
            let fresh = noise(length, seed: numbers.next())
            let end = min(place + length, bytes.count)
            switch Edit.allCases.randomElement(using: &numbers) ?? .flip {
            case .flip: bytes.replaceSubrange(place..<end, with: fresh.prefix(end - place))
            case .insert: bytes.insert(contentsOf: fresh, at: place)
            case .remove: bytes.removeSubrange(place..<end)
            case .truncate: bytes.removeLast(min(length, bytes.count))
            case .append: bytes += fresh
            case .swap: bytes = Array(bytes[place...] + bytes[..<place])
            }
        }
        return bytes
    }

    @Test("is cut as it is without one, and comes back", arguments: UInt64(1)...4)
    func cuts(seed: UInt64) throws {
        var numbers = SeededNumbers(seed)
        let storage = MemoryStorage()
        let box = try Sandbox(storage: storage)
        var options = CreationOptions()
        options.chunkBytesAverage = 16 << 10
        _ = try box.create(options)
        // The same keys, and thus the same cuts, but none of the snapshots.
        let empty = storage.duplicate()
        let repository = try box.open()
        var bytes =
            seed % 2 == 0
            ? repeats(2_500_000, seed: seed) : noise(1_500_000, seed: seed &+ 90)
        for version in 0..<4 {
            try box.stream(bytes, repository, time: Int64(version))
            #expect(try box.dumped(repository) == bytes, "seed \(seed), version \(version)")
            let alone = try Repository.open(
                empty.duplicate(), secret: box.secret,
                directories: LocalDirectories(cache: box.path + "/alone", state: nil))
            try box.stream(bytes, alone)
            let (found, expected) = (try box.cuts(repository), try box.cuts(alone))
            #expect(found == expected, "seed \(seed), version \(version)")
            bytes = edited(bytes, &numbers)
        }
    }

    @Test("is told from it where it only ends earlier, later or at a cut")
    func ends() throws {
        let storage = MemoryStorage()
        let box = try Sandbox(storage: storage)
        _ = try box.create()
        let empty = storage.duplicate()
        let bytes = noise(1_500_000, seed: 8)
        let repository = try box.open()
        try box.stream(bytes, repository)
        let cuts = try box.cuts(repository).reduce(into: [0]) {
            $0.append($0[$0.count - 1] + $1.bytes)
        }
        let middle = cuts[cuts.count / 2]
        let versions = [middle, middle - 1, middle + 1, 1 << 20, cuts[1], bytes.count - 1]
        for (number, count) in versions.enumerated() {
            for version in [Array(bytes[..<count]), Array(bytes[..<count]) + noise(9_000, seed: 4)]
            {
                try box.stream(bytes, repository, time: Int64(number * 4))
                try box.stream(version, repository, time: Int64(number * 4 + 2))
                let alone = try Repository.open(
                    empty.duplicate(), secret: box.secret,
                    directories: LocalDirectories(cache: box.path + "/alone", state: nil))
                try box.stream(version, alone)
                #expect(try box.cuts(repository) == box.cuts(alone), "\(count)")
                #expect(try box.dumped(repository) == version)
            }
        }
    }
}
