import TestSupport
import Testing
import VarveCodec
import VarveCrypto
import VarveFormat
import VarveStorage
import VarveSystem

@testable import VarveRepository

@Suite("Replacing a key that is compromised")
struct KeyReplacementTests {
    private let storage = MemoryStorage()
    private let depot: Depot
    private let repository: Repository
    private let stolen = SlotSecret.keyFile(SecretBytes(copying: [UInt8](repeating: 1, count: 32)))
    private let friend = SlotSecret.keyFile(SecretBytes(copying: [UInt8](repeating: 2, count: 32)))
    private let absent = SlotSecret.keyFile(SecretBytes(copying: [UInt8](repeating: 3, count: 32)))
    private let stolenSlot: SlotID

    init() throws {
        depot = try Depot(storage)
        repository = try depot.create()
        stolenSlot = try repository.addSlot(stolen, label: "stolen")
        try repository.addSlot(friend, label: "friend")
        try repository.addSlot(absent, label: "absent")
        try repository.store([noise(40, seed: 1)])
    }

    private func plan(_ repository: Repository) throws -> KeyReplacement {
        try repository.planKeyReplacement(
            removing: stolenSlot, inUse: depot.secret, keeping: [friend])
    }

    private func isShut(_ secret: SlotSecret, _ storage: MemoryStorage) -> Bool {
        do {
            _ = try depot.open(storage, machine: "x\(randomName())", with: secret)
            return false
        } catch RepositoryError.wrongKey {
            return true
        } catch {
            Issue.record("\(error)")
            return false
        }
    }

    @Test("keeps the slots whose secret is given, drops and names the others, and starts an epoch")
    func replacement() throws {
        let before = repository.keys.current
        let plan = try plan(repository)
        #expect(plan.compromised.id == stolenSlot)
        #expect(plan.kept.map(\.label).sorted() == ["", "friend"])
        #expect(plan.dropped.map(\.label) == ["absent"])
        let key = repository.openKeys.inForce.keyEncryptionKey
        let added = try repository.replaceKeys(plan)
        #expect(repository.keys.current != before)
        let (whole, damaged) = try repository.listSlots()
        #expect(Set(whole.map(\.id)) == Set(added) && damaged.isEmpty)
        #expect(Set(whole.map(\.label)) == ["", "friend"])
        #expect(isShut(stolen, storage) && isShut(absent, storage))
        for secret in [depot.secret, friend] {
            let opened = try depot.open(machine: "two", with: secret)
            #expect(opened.state.snapshots.count == 1)
            let (_, keyring, current) = opened.openKeys.inForce
            #expect(current != key)
            // A failure must not print it.
            let isListed = keyring.replacedKeys == [key.withUnsafeBytes { Array($0) }]
            #expect(isListed)
            #expect(try opened.checkKeys().isEmpty && opened.checkLog().isEmpty)
        }
        // And goes on in the process that did it.
        try repository.addSlot(absent, label: "again")
        _ = try depot.open(machine: "three", with: absent).store([noise(40, seed: 2)])
        try repository.refresh()
        #expect(repository.state.snapshots.count == 2)
        _ = try repository.rotateKeys()
    }

    @Test("opens nothing to a slot that is put back, and its holder writes nothing more")
    func putBack() throws {
        let thief = try depot.open(machine: "thief", with: stolen)
        let old = storage.contents.filter { $0.key.hasPrefix(ObjectName.slots) }
        let replacement = try repository.replaceKeys(plan(repository))
        #expect(replacement.count == 2)
        let head = repository.state.number
        let error = #expect(throws: RepositoryError.self) {
            try thief.store([noise(40, seed: 2)])
        }
        guard case .keysReplaced = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        try repository.store([noise(40, seed: 3)])
        #expect(throws: RepositoryError.self) { try thief.refresh() }
        #expect(repository.state.number == head + 1)
        for (name, bytes) in old { storage.overwrite(name, bytes) }
        let again = #expect(throws: RepositoryError.self) {
            try depot.open(machine: "thief2", with: stolen)
        }
        guard case .keysReplaced = again else {
            Issue.record("\(String(describing: again))")
            return
        }
        // Of the two slots that each of the others has now one opens.
        for secret in [depot.secret, friend] {
            let opened = try depot.open(machine: "four", with: secret)
            #expect(opened.state.snapshots.count == 2)
        }
    }

    @Test("fails a writer that has the old key only, and nothing under it is committed")
    func writing() throws {
        let writer = try depot.open(machine: "two", with: friend)
        let error = #expect(throws: RepositoryError.self) {
            try writer.store(
                [noise(40, seed: 2)],
                beforeCommit: { _ = try repository.replaceKeys(plan(repository)) })
        }
        guard case .keysReplaced = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try depot.open(machine: "three").state.snapshots.count == 1)
    }

    @Test("refuses what would leave nobody, a secret of no slot, and the stolen one")
    func refused() throws {
        let unknown = SlotSecret.keyFile(try SecretBytes.random(byteCount: 32))
        for secrets in [[stolen], [unknown], [friend, unknown]] {
            #expect(throws: RepositoryError.self) {
                try repository.planKeyReplacement(
                    removing: stolenSlot, inUse: depot.secret, keeping: secrets)
            }
        }
        let thief = try depot.open(machine: "thief", with: stolen)
        #expect(throws: RepositoryError.self) {
            try thief.planKeyReplacement(removing: stolenSlot, inUse: stolen, keeping: [])
        }
        // Whoever has found out may use it once more, if another one is given.
        let plan = try thief.planKeyReplacement(
            removing: stolenSlot, inUse: stolen, keeping: [friend])
        _ = try thief.replaceKeys(plan)
        #expect(isShut(stolen, storage) && isShut(depot.secret, storage))
        _ = try depot.open(machine: "two", with: friend)
    }

    @Test("is not done when a key came meanwhile, and leaves the slots as they were")
    func meanwhile() throws {
        let plan = try plan(repository)
        let late = SlotSecret.keyFile(try SecretBytes.random(byteCount: 32))
        try depot.open(machine: "two").addSlot(late, label: "late")
        let before = try repository.listSlots().whole.map(\.id)
        #expect(throws: RepositoryError.self) { try repository.replaceKeys(plan) }
        #expect(try repository.listSlots().whole.map(\.id) == before)
        _ = try depot.open(machine: "three", with: late)
        _ = try depot.open(machine: "three", with: stolen)
    }

    @Test("makes a key that is added meanwhile fail, rather than open nothing")
    func adding() throws {
        let late = SlotSecret.keyFile(try SecretBytes.random(byteCount: 32))
        let box = Unchecked(self)
        let hooked = HookedStorage(storage, before: "put keys/") {
            _ = try? box.value.repository.replaceKeys(box.value.plan(box.value.repository))
        }
        let other = try depot.open(hooked, machine: "two", with: friend)
        let error = #expect(throws: RepositoryError.self) { try other.addSlot(late, label: "") }
        guard case .keysReplaced = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(isShut(late, storage))
    }
}
