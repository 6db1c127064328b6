import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@Suite("Of a repository with a damaged object")
struct DamageTests {
    let repository: DamagedRepository

    init() throws { repository = try DamagedRepository(snapshots: 2) }

    /// The outcome of reading after a change, which must never be wrong.
    private func outcome(
        _ place: String, _ change: (inout [String: [UInt8]]) -> Void
    ) -> DamagedRepository.Outcome {
        var contents = repository.contents
        change(&contents)
        let outcome = repository.outcome(of: contents, place: place)
        repository.box.removeCache(place)
        if case .wrong(let reason) = outcome { Issue.record("\(place): \(reason)") }
        return outcome
    }

    private func place(_ name: String) -> String { String(name.map { $0 == "/" ? "-" : $0 }) }

    @Test("a shorter object is noticed wherever it ends, or a second copy stands in")
    func truncations() {
        let step = TestRun.isLong ? 1 : 37
        for name in repository.names {
            let count = repository.contents[name]?.count ?? 0
            for end in [0, count - 1] + stride(from: 1, to: count, by: step) {
                let outcome = outcome(place(name)) { $0[name]?.removeLast(count - end) }
                if repository.hasCopy(name) {
                    #expect(outcome == .whole, "\(name) cut to \(end)")
                } else if !name.hasPrefix("packs/") {
                    // What lies behind the frames of a pack is for finding them without an index.
                    #expect(outcome != .whole, "\(name) cut to \(end)")
                }
            }
        }
    }

    @Test("two objects of one kind that changed places are noticed")
    func swaps() throws {
        var tried = 0
        for (a, b) in pairs where kind(a) == kind(b) {
            let outcome = outcome(place(a)) { ($0[a], $0[b]) = ($0[b], $0[a]) }
            guard repository.contents[a] != repository.contents[b] else { continue }
            tried += 1
            if repository.hasCopy(a) {
                #expect(outcome == .whole, "\(a) and \(b)")
            } else {
                #expect(outcome != .whole, "\(a) and \(b)")
            }
        }
        #expect(tried > 5)
    }

    @Test("two objects of which both copies changed places are noticed")
    func doubleSwaps() throws {
        for (a, b) in pairs where kind(a) == kind(b) && !a.hasSuffix(".copy") {
            guard repository.hasCopy(a), !b.hasSuffix(".copy") else { continue }
            let outcome = outcome(place(a)) { contents in
                for suffix in ["", ".copy"] {
                    (contents[a + suffix], contents[b + suffix]) =
                        (contents[b + suffix], contents[a + suffix])
                }
            }
            #expect(outcome != .whole, "\(a) and \(b)")
        }
    }

    private var pairs: [(String, String)] {
        let names = repository.names
        return names.indices.flatMap { first in
            names[(first + 1)...].map { (names[first], $0) }
        }
    }

    private func kind(_ name: String) -> Substring {
        name.split(separator: "/").dropLast().joined(separator: "/").prefix(10)
    }

    @Test("one that is missing in one copy is had from the other")
    func missingCopies() {
        for name in repository.names where repository.hasCopy(name) {
            #expect(outcome(place(name)) { $0[name] = nil } == .whole, "\(name)")
        }
    }

    @Test("one that is missing is told, if what was seen before is remembered")
    func missing() throws {
        let state = repository.box.path + "/seen"
        let whole = MemoryStorage(contents: repository.contents)
        #expect(repository.outcome(of: whole, state: state, place: "whole") == .whole)
        for name in repository.names where !name.hasSuffix(".copy") {
            let storage = whole.duplicate()
            storage.removeQuietly(name)
            storage.removeQuietly(name + ".copy")
            let outcome = repository.outcome(of: storage, state: state, place: "missing")
            repository.box.removeCache("missing")
            guard case .told(let reason) = outcome else {
                Issue.record("\(name): \(outcome)")
                continue
            }
            let isNamed = reason.contains(name) || reason.contains(name.suffix(64))
            let isOfLog = name.hasPrefix("log/") && reason.contains("rolled back")
            let isSlot = name.hasPrefix("keys/") && reason.contains("no key slot")
            let isAll = name == "varve.json" && reason.contains("its copy are missing")
            let isKeyring = name.hasPrefix("keyrings/") && reason.contains("no keyring")
            #expect(isNamed || isOfLog || isSlot || isAll || isKeyring, "\(name): \(reason)")
        }
    }

    @Test("the other snapshot is restored: damage of one does not spread")
    func spread() throws {
        var spared = 0
        for name in repository.names where !repository.hasCopy(name) {
            var contents = repository.contents
            contents[name] = nil
            let storage = MemoryStorage(contents: contents)
            let directories = LocalDirectories(
                cache: repository.box.path + "/cache-spread-" + place(name), state: nil)
            let opened = try Repository.open(
                storage, secret: repository.box.secret, directories: directories)
            let whole = zip(opened.state.snapshots, repository.files).filter { entry, files in
                (try? everyFile(of: entry, opened)) == files
            }
            // Each object here is needed by one snapshot only.
            #expect(whole.count == 1, "\(name): \(whole.count)")
            spared += whole.count
        }
        #expect(spared > 6)
    }
}
