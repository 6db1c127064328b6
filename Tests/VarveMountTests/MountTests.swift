import Synchronization
import TestSupport
import Testing
import VarveFormat
import VarveRepository
import VarveSystem

@testable import VarveMount

/// Whether this machine lets the tests mount, and why not.
enum Mounting {
    static let obstacle: String? = {
        if Accounts.currentUser != 0 { return "the tests do not run as root" }
        guard (try? File.status(of: "/dev/fuse")) != nil else { return "there is no /dev/fuse" }
        do {
            _ = try FuseLibrary.loaded
            let depot = try Depot()
            try depot.mounted { _ in }
            return nil
        } catch {
            return "\(error)"
        }
    }()

    static var isPossible: Bool {
        if let obstacle {
            print("THE TESTS OF REAL MOUNTS ARE LEFT OUT: \(obstacle)")
        }
        return obstacle == nil
    }
}

extension Depot {
    /// Runs `body` while the repository is mounted at a path, and unmounts whatever happens.
    func mounted(_ body: @Sendable (_ path: String) throws -> Void) throws {
        let path = self.path + "/mount"
        try File.makeDirectories(path)
        let isOver = Atomic(false)
        let isMounted = Atomic(false)
        let opened = try open(machine: "mount")
        let server = try WorkerThreads.start(count: 1, name: "server") { _ in
            defer { isOver.store(true, ordering: .releasing) }
            var mount = Mount(path: path)
            mount.complain = { print($0) }
            try mount.serve(opened) {
                isMounted.store(true, ordering: .releasing)
            } until: {
                isOver.load(ordering: .acquiring)
            }
        }
        try wait(for: "the mount") {
            isMounted.load(ordering: .acquiring) || isOver.load(ordering: .acquiring)
        }
        let isThere = !isOver.load(ordering: .acquiring)
        let done = Result { if isThere { try body(path) } }
        isOver.store(true, ordering: .releasing)
        try server.join()
        try done.get()
    }
}

@Suite("A real mount", .enabled(if: Mounting.isPossible))
struct MountTests {
    @Test("shows a random tree with all that it had, in each of its snapshots")
    func everything() throws {
        let seed = TestRun.seed()
        for number in 0..<(TestRun.isLong ? 200 : 2) {
            let seed = seed &+ UInt64(number)
            let depot = try Depot()
            var directory = RandomDirectory(seed)
            let pictures = try (1...2).map { time in
                try directory.change(try File.openDirectory(depot.source))
                try depot.snapshot(Int64(time))
                return try picture(depot.source)
            }
            try depot.mounted { path in
                for (index, drawn) in pictures.enumerated() {
                    let time = "1970-01-01T00:00:0\(index + 1)Z"
                    let found = try picture("\(path)/hosts/host/\(time)\(depot.source)")
                    let names = Set(found.keys).union(drawn.keys).sorted()
                    for name in names where found[name] != drawn[name] {
                        Issue.record(
                            "VARVE_SEED=\(seed) \(name): \(found[name] ?? "-"), not \(drawn[name] ?? "-")"
                        )
                    }
                }
            }
        }
    }

    @Test("gives each of many small files its own bytes, to readers in order beside each other")
    func manyFiles() throws {
        let depot = try Depot()
        var contents: [String: [UInt8]] = [:]
        for number in 0..<400 {
            let name = "\(number % 4)/\(1_000 + number)"
            contents[name] = noise(number * number % 9_000, seed: UInt64(number))
            try depot.write(name, contents[name] ?? [])
        }
        try depot.snapshot()
        let expected = contents
        try depot.mounted { path in
            try WorkerThreads.run(count: 8, name: "reader") { thread in
                let names = expected.keys.sorted()
                for name in thread % 2 == 0 ? names : names.reversed() {
                    let file = path + "/latest" + depot.source + "/" + name
                    let bytes = try File.contents(of: file, limit: 1 << 20)
                    #expect(bytes == expected[name], "\(name)")
                }
            }
        }
    }

    @Test("shows a new snapshot soon, and is gone when it ends")
    func newSnapshot() throws {
        let depot = try Depot()
        try depot.write("file", [1])
        try depot.snapshot(1)
        try depot.mounted { path in
            let file = path + "/latest" + depot.source + "/file"
            #expect(try File.contents(of: file, limit: 9) == [1])
            try depot.write("file", [2, 2])
            try depot.snapshot(2)
            try wait(for: "the snapshot") { try File.contents(of: file, limit: 9) == [2, 2] }
            #expect(try File.openDirectory(path + "/ids").entries().count == 2)
            #expect(throws: SystemError.self) {
                _ = try File.createExclusively(path + "/new")
            }
        }
        #expect(try File.openDirectory(depot.path + "/mount").entries().isEmpty)
    }

    @Test("ends while it is in use, and when it is unmounted by somebody else")
    func endings() throws {
        let depot = try Depot()
        try depot.write("file", noise(1_000_000, seed: 1))
        try depot.snapshot(1)
        let held = Mutex<File?>(nil)
        try depot.mounted { path in
            try held.withLock {
                $0 = try File.openToRead(path + "/latest" + depot.source + "/file")
            }
        }
        held.withLock { $0 = nil }
        try depot.mounted { path in
            let run = try ChildProcess("umount", [path])
            #expect(try run.wait().isSuccess)
            try wait(for: "its end") { try File.openDirectory(path).entries().isEmpty }
        }
    }

    @Test("says what is wrong with the place it is to be at")
    func places() throws {
        let depot = try Depot()
        try depot.write("file", [1])
        let cases = [
            ("/missing", "there is no"), ("/source/file", "is no directory"),
            ("/source", "is not empty"),
        ]
        for (place, reason) in cases {
            try expectRefusal(of: depot, at: depot.path + place, reason)
        }
        try depot.mounted { path in
            try expectRefusal(of: Depot(), at: path, "is mounted on \(path) already")
        }
    }

    private func expectRefusal(of depot: Depot, at path: String, _ reason: String) throws {
        let error = #expect(throws: MountError.self) {
            try Mount(path: path).serve(depot.repository) {
                Issue.record("it was mounted")
            } until: {
                true
            }
        }
        #expect(error?.description.contains(reason) == true)
    }
}
