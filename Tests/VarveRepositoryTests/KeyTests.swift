import TestSupport
import Testing
import VarveCodec
import VarveCrypto
import VarveFormat
import VarveRepository
import VarveStorage

@Suite("The keys of a repository")
struct KeyTests {
    private let storage = MemoryStorage()
    private let depot: Depot
    private let repository: Repository

    init() throws {
        depot = try Depot(storage)
        repository = try depot.create()
    }

    private func keyFile() throws -> SlotSecret {
        .keyFile(try SecretBytes.random(byteCount: 32))
    }

    private func passphrase(_ text: String) -> SlotSecret {
        .passphrase(SecretBytes(copying: Array(text.utf8)))
    }

    private var wrongKey: RepositoryError { .wrongKey(location: storage.location) }

    @Test("do not open with another key file, nor with a passphrase")
    func wrong() throws {
        let other = try keyFile()
        #expect(throws: wrongKey) { try depot.open(with: other) }
        #expect(throws: wrongKey) { try depot.open(with: passphrase("anything")) }
    }

    @Test("open with each of several slots, until it is removed")
    func several() throws {
        let words = passphrase("correct horse")
        let added = try repository.addSlot(words, label: "words")
        #expect(try repository.listSlots().whole.count == 2)
        #expect(throws: wrongKey) { try depot.open(with: passphrase("correct house")) }
        let opened = try depot.open(with: words)
        try opened.store([noise(40, seed: 1)])
        // Nobody has shown that there is another one who can open it.
        #expect(throws: RepositoryError.self) { try opened.removeSlot(added) }
        try repository.removeSlot(added)
        #expect(throws: wrongKey) { try depot.open(with: words) }
        #expect(try depot.open().state.snapshots.count == 1)
    }

    @Test("keep their last slot, and say when there is no such slot")
    func last() throws {
        let only = try #require(try repository.listSlots().whole.first)
        #expect(throws: RepositoryError.lastSlot) { try repository.removeSlot(only.id) }
        let unknown = try #require(SlotID([UInt8](repeating: 7, count: 16)))
        let error = #expect(throws: RepositoryError.self) { try repository.removeSlot(unknown) }
        guard case .notFound = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        _ = try depot.open()
    }

    @Test("change: what opened before opens no more, and the data is the same")
    func change() throws {
        let id = try repository.store([noise(40, seed: 1)])
        let new = try keyFile()
        #expect(throws: wrongKey) {
            try repository.replaceSlots(openedBy: new, with: new, label: nil)
        }
        _ = try repository.replaceSlots(openedBy: depot.secret, with: new, label: nil)
        #expect(throws: wrongKey) { try depot.open() }
        #expect(try depot.open(machine: "two", with: new).chunks(of: id) == [noise(40, seed: 1)])
        #expect(try repository.listSlots().whole.count == 1)
    }

    @Test("of two that remove each other at the same time both stay")
    func eachOther() throws {
        let key = try keyFile()
        let added = try repository.addSlot(key, label: "")
        let first = try #require(try repository.listSlots().whole.first { $0.id != added })
        let hooked = HookedStorage(storage, before: "remove keys/") { [storage] in
            storage.removeQuietly(ObjectName.slot(added))
            storage.removeQuietly(ObjectName.slot(added) + ".copy")
        }
        let other = try depot.open(hooked, with: key)
        #expect(throws: RepositoryError.lastSlot) { try other.removeSlot(first.id) }
        #expect(try repository.listSlots().whole.map(\.id) == [first.id])
    }

    @Test("a new one that cannot be read back takes no old one's place")
    func unreadable() throws {
        let new = try keyFile()
        let before = try repository.listSlots().whole.map(\.id)
        // Opening lists the slots, and so does looking for those that go; then the new one is there.
        let hooked = HookedStorage(storage, before: "list keys/", after: 2) { [storage] in
            for (name, bytes) in storage.contents
            where name.hasPrefix(ObjectName.slots)
                && !before.contains(where: { name.contains($0.hex) })
            {
                var harmed = bytes
                harmed[bytes.count - 150] ^= 1
                storage.overwrite(name, harmed)
            }
        }
        let opened = try depot.open(hooked)
        #expect(throws: RepositoryError.self) {
            try opened.replaceSlots(openedBy: depot.secret, with: new, label: nil)
        }
        #expect(!hooked.isWaiting)
        #expect(try repository.listSlots().whole.map(\.id) == before)
        _ = try depot.open()
    }

    @Test("at every moment of a change open with the old or the new secret")
    func changeSweep() throws {
        let new = try keyFile()
        for moment in [FaultyStorage.Moment.before, .after] {
            for number in 1... {
                let base = storage.duplicate()
                let faulty = FaultyStorage(base)
                let opened = try depot.open(faulty)
                faulty.reset(.once(at: number), moment: moment)
                let done = Result {
                    try opened.replaceSlots(openedBy: depot.secret, with: new, label: nil)
                }
                let old = try? depot.open(base)
                let changed = try? depot.open(base, with: new)
                #expect(old != nil || changed != nil, "call \(number)")
                if (try? done.get()) != nil { #expect(changed != nil && old == nil) }
                if faulty.faults == 0 { break }
                #expect(number < 100)
            }
        }
    }

    @Test("that are damaged in both copies are told apart from a wrong key")
    func damaged() throws {
        let slot = try #require(try repository.listSlots().whole.first)
        let name = ObjectName.slot(slot.id)
        for copy in [name, name + ".copy"] {
            var bytes = storage.contents[copy] ?? []
            // A digit of the sealed key, near the end.
            bytes[bytes.count - 150] ^= 1
            storage.overwrite(copy, bytes)
        }
        let error = #expect(throws: RepositoryError.self) { try depot.open() }
        guard case .damaged(name, _, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try repository.listSlots().damaged.map(\.0) == [name])
        let other = try keyFile()
        try repository.addSlot(other, label: "")
        _ = try depot.open(with: other)
    }

    @Test("ignore the slot of another repository, also when counting the last one")
    func foreign() throws {
        let other = MemoryStorage()
        _ = try Repository.create(
            in: other, options: CreationOptions(), directories: depot.directories("other"),
            secret: { _ in depot.secret })
        for (name, bytes) in other.contents where name.hasPrefix(ObjectName.slots) {
            storage.overwrite(name, bytes)
        }
        _ = try depot.open()
        let slots = try repository.listSlots()
        #expect(slots.whole.count == 1 && slots.damaged.isEmpty)
        let only = try #require(slots.whole.first)
        #expect(throws: RepositoryError.lastSlot) { try repository.removeSlot(only.id) }
    }

    @Test("a keyring in one copy is enough, and without any it is damage")
    func keyring() throws {
        let names = storage.contents.keys.filter { $0.hasPrefix(ObjectName.keyrings) }.sorted()
        #expect(names.count == 2)
        for name in names {
            let one = storage.duplicate()
            one.removeQuietly(name)
            _ = try depot.open(one)
            var bytes = storage.contents[name] ?? []
            bytes[70] ^= 1
            one.overwrite(name, bytes)
            _ = try depot.open(one)
        }
        for name in names { storage.removeQuietly(name) }
        let error = #expect(throws: RepositoryError.self) { try depot.open() }
        guard case .damaged = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("a keyring of another repository is not taken, though its key opens it")
    func foreignKeyring() throws {
        let names = storage.contents.keys.filter { $0.hasPrefix(ObjectName.keyrings) }
        let other = MemoryStorage()
        _ = try Repository.create(
            in: other, options: CreationOptions(), directories: depot.directories("other"),
            secret: { _ in depot.secret })
        for (name, bytes) in other.contents where name.hasPrefix(ObjectName.keyrings) {
            storage.overwrite(name, bytes)
        }
        _ = try depot.open()
        for name in names { storage.removeQuietly(name) }
        #expect(throws: RepositoryError.self) { try depot.open() }
    }
}
