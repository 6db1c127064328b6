import Glibc
import Synchronization
import TestSupport
import Testing
import VarveArchive
import VarveFormat
import VarveRepository
import VarveStorage
import VarveSystem

@Suite("A snapshot of a tree")
struct TreeTests {
    private func box() throws -> (Sandbox, Repository) {
        let box = try Sandbox(storage: MemoryStorage())
        return (box, try box.create())
    }

    private func paths(_ repository: Repository, _ box: Sandbox) throws -> Set<String> {
        Set(
            try everyFile(of: box.newest(repository), repository).keys.map {
                $0.hasPrefix(box.source) ? String($0.dropFirst(box.source.count + 1)) : $0
            })
    }

    @Test("with files that cannot be read holds the others, and says that it is incomplete")
    func unreadable() throws {
        let (box, repository) = try box()
        // More long ones than there are slabs: each that fails must give its slab back.
        for number in 0..<12 { try box.write("long\(number)", noise(1_200_000, seed: 1)) }
        for number in 0..<3 { try box.write("short\(number)", noise(900, seed: 2)) }
        try box.write("good", noise(600_000, seed: 3))
        let told = Told()
        let report = try FileFaults.with(under: box.source) { call, path in
            call == .read && !path.hasSuffix("good") ? 5 : nil
        } _: {
            try takeSnapshot(
                of: .paths([box.source]), into: repository, box.options(),
                observer: told.observer)
        }
        #expect(report.isIncomplete)
        #expect(report.counts.errors == 15)
        #expect(told.failed.count == 15)
        #expect(try paths(repository, box) == ["good"])
        let entry = try box.newest(repository)
        #expect(entry.summary.isIncomplete)
        let verified = try verify(entry, of: repository, progress: Progress(), observer: { _ in })
        #expect(verified.issues.isEmpty)
        // Nothing of the failed ones counts as known the next time.
        try box.snapshot(repository, time: 2)
        #expect(try paths(repository, box).count == 16)
    }

    @Test("with a long file that fails half way is right about the files after it")
    func failsHalfWay() throws {
        let (box, repository) = try box()
        for number in 0..<4 {
            try box.write("file\(number)", noise(3_000_000, seed: UInt64(number + 1)))
        }
        try box.snapshot(repository)
        for number in 0..<4 {
            try box.write("file\(number)", noise(3_000_000, seed: UInt64(number + 9)))
        }
        let reads = Atomic(0)
        let told = Told()
        _ = try FileFaults.with(under: box.source + "/file1") { call, _ in
            call == .read && reads.wrappingAdd(1, ordering: .relaxed).newValue > 2 ? 5 : nil
        } _: {
            try takeSnapshot(
                of: .paths([box.source]), into: repository, box.options(2),
                observer: told.observer)
        }
        #expect(told.failed == [box.source + "/file1"])
        let files = try everyFile(of: box.newest(repository), repository)
        #expect(files.count == 3)
        for number in [0, 2, 3] {
            #expect(
                files[box.source + "/file\(number)"] == noise(3_000_000, seed: UInt64(number + 9)))
        }
    }

    @Test("from which files vanish meanwhile holds the others, and is complete")
    func vanishing() throws {
        let (box, repository) = try box()
        for number in 0..<6 { try box.write("file\(number)", noise(500, seed: UInt64(number + 1))) }
        try box.write("later", noise(700_000, seed: 9))
        let told = Told()
        let report = try FileFaults.with(under: box.source) { call, path in
            call == .openToRead && (path.hasSuffix("file3") || path.hasSuffix("later")) ? 2 : nil
        } _: {
            try takeSnapshot(
                of: .paths([box.source]), into: repository, box.options(),
                observer: told.observer)
        }
        #expect(!report.isIncomplete)
        #expect(told.noted.sorted() == [box.source + "/file3", box.source + "/later"])
        #expect(try paths(repository, box).count == 5)
    }

    @Test("reads nothing again of what has not changed, once its times are old enough")
    func unchanged() throws {
        let (box, repository) = try box()
        let names = (0..<40).map { "d\($0 % 3)/f\($0)" }
        for name in names { try box.write(name, noise(50, seed: 1)) }
        try box.write("long", noise(700_000, seed: 3))
        // Younger than any that the snapshots could find, however long they take to come here.
        try setTimes(of: names + ["long"], in: box, fromNow: 3_600)
        try box.snapshot(repository)
        let told = Told()
        let young = try takeSnapshot(
            of: .paths([box.source]), into: repository, box.options(2), observer: told.observer)
        #expect(told.read == 41 && young.counts.filesUnmodified == 41)
        try setTimes(of: names + ["long"], in: box, fromNow: -3_600)
        // That itself changed them, and is too young as well.
        usleep(2_100_000)
        try box.snapshot(repository, time: 3)
        let content = try #require(try box.newestContent(repository))
        let old = try FileFaults.with(under: box.source) { call, path in
            call == .openToRead || call == .read ? 5 : nil
        } _: {
            try box.snapshot(repository, time: 4)
        }
        #expect(old.counts.filesUnmodified == 41)
        #expect(!old.isIncomplete)
        #expect(try box.newestContent(repository) == content)
        let skipped = try box.snapshot(repository, time: 5) { $0.skipIfUnchanged = true }
        #expect(skipped.snapshot == nil)
        let forced = try box.snapshot(repository, time: 6) { $0.force = true }
        #expect(forced.counts.filesUnmodified == 41)
        #expect(try box.newestContent(repository) == content)
        // Nothing but its ctime tells that this one was written to.
        let directory = try File.openDirectory(box.source + "/d0")
        let before = try directory.status(of: "f0", follow: false).mtime
        try box.write("d0/f0", noise(50, seed: 2))
        try directory.setTimes("f0", mtimeNanoseconds: before)
        #expect(try box.snapshot(repository, time: 7).counts.filesUnmodified == 40)
        #expect(try box.restore(repository).issues.isEmpty)
        #expect(try listing(box.target) == listing(box.source))
    }

    private func setTimes(of names: [String], in box: Sandbox, fromNow seconds: Int) throws {
        let time = timespec(tv_sec: time(nil) + seconds, tv_nsec: 0)
        for name in names {
            #expect(utimensat(AT_FDCWD, box.source + "/" + name, [time, time], 0) == 0)
        }
    }

    @Test("that skips when nothing changed leaves nothing that the next one relies on")
    func skipped() throws {
        let (box, repository) = try box()
        try box.write("file", noise(5_000, seed: 1))
        try box.snapshot(repository)
        // Another inode with the same bytes and time: only the stat list is new.
        let status = try File.status(of: box.source + "/file", follow: false)
        let directory = try File.openDirectory(box.source)
        let above = try directory.status().mtime
        try box.write("other", noise(5_000, seed: 1))
        try directory.rename("other", to: "file")
        try directory.setTimes("file", mtimeNanoseconds: status.mtime)
        try directory.setTimes(mtimeNanoseconds: above)
        let skipped = try box.snapshot(repository, time: 2) { $0.skipIfUnchanged = true }
        #expect(skipped.snapshot == nil)
        try box.snapshot(repository, time: 3)
        let again = try box.open()
        let report = try verify(
            try box.newest(again), of: again, progress: Progress(), observer: { _ in })
        #expect(report.issues.isEmpty)
    }

    @Test("leaves out what patterns, markers and sizes exclude")
    func excludes() throws {
        let (box, repository) = try box()
        for name in ["a.o", "a.c", "sub/b.o", "sub/keep.o", "build/x", "cache/deep/y"] {
            try box.write(name, Array("text".utf8))
        }
        try box.write(
            "cache/CACHEDIR.TAG", Array("Signature: 8a477f597d28d172789f06886806bc55".utf8))
        try box.write("big", noise(10_000, seed: 1))
        try box.write("marked/.nobackup", [])
        try box.write("marked/secret", [1])
        var excludes = ExcludeRules()
        for pattern in ["*.o", "!keep.o", "build"] { try excludes.add(pattern) }
        excludes.bytesMax = 9_999
        excludes.markers = [.cacheTag, ExcludeMarker(name: Array(".nobackup".utf8))]
        try box.snapshot(repository) { $0.excludes = excludes }
        #expect(
            try paths(repository, box)
                == ["a.c", "sub/keep.o", "cache/CACHEDIR.TAG", "marked/.nobackup"])
    }

    @Test("of several sources, also of one inside another or a single file, holds each thing once")
    func sources() throws {
        let (box, repository) = try box()
        for name in ["one/a", "two/b", "two/deep/c", "three"] { try box.write(name, [1]) }
        let source = box.source
        _ = try takeSnapshot(
            of: .paths(["\(source)/two", "\(source)/two/deep", "\(source)/three", "\(source)/two"]),
            into: repository, box.options())
        #expect(try paths(repository, box) == ["two/b", "two/deep/c", "three"])
        #expect(throws: ArchiveError.missingSource(path: box.path + "/nothing")) {
            try takeSnapshot(
                of: .paths([box.path + "/nothing"]), into: repository, box.options())
        }
        #expect(repository.state.snapshots.count == 1)
        let report = try takeSnapshot(
            of: .paths([source, box.path + "/nothing"]), into: repository, box.options(2))
        #expect(report.isIncomplete && report.counts.files == 4)
    }

    @Test("of files whose directory cannot be opened tells each, and says that it is incomplete")
    func unopened() throws {
        let (box, repository) = try box()
        try box.write("small", [1])
        try box.write("long", noise(700_000, seed: 1))
        let told = Told()
        let report = try FileFaults.with(under: box.source) { call, _ in
            call == .openDirectory ? 13 : nil
        } _: {
            try takeSnapshot(
                of: .paths([box.source + "/small", box.source + "/long"]), into: repository,
                box.options(), observer: told.observer)
        }
        #expect(report.isIncomplete)
        #expect(told.failed.sorted() == [box.source + "/long", box.source + "/small"])
    }

    @Test("leaves out its own directories")
    func ownDirectories() throws {
        let (box, repository) = try box()
        try box.write("file", [1])
        try box.write("own/secret", [2])
        let report = try box.snapshot(repository) { $0.ownDirectories = [box.source + "/own"] }
        #expect(report.leftOut == [box.source + "/own"])
        #expect(try paths(repository, box) == ["file"])
    }

    @Test("leaves out a source in its own directories, and is not taken of nothing else")
    func ownSource() throws {
        let (box, repository) = try box()
        try box.write("file", [1])
        try box.write("own/deep/secret", [2])
        try File.openDirectory(box.source).makeSymlink(to: "own", "link")
        var options = box.options()
        options.ownDirectories = [box.source + "/own"]
        for name in ["own", "own/deep", "own/deep/secret", "link/", "link/deep"] {
            #expect(throws: ArchiveError.everySourceExcluded, "\(name)") {
                try takeSnapshot(
                    of: .paths([box.source + "/" + name]), into: repository, options)
            }
        }
        _ = try takeSnapshot(
            of: .paths([box.source + "/own/deep", box.source + "/file"]), into: repository,
            options)
        #expect(try paths(repository, box) == ["file"])
    }

    @Test("notes each entry whose time is beyond what can be stored, and keeps the nearest one")
    func heldTimes() throws {
        let (box, repository) = try box()
        for name in ["late", "early", "now"] { try box.write(name, [1]) }
        let seconds = ["late": 9_223_372_037, "early": -9_223_372_038]
        for (name, second) in seconds {
            let times = [timespec(tv_sec: 0, tv_nsec: 0), timespec(tv_sec: second, tv_nsec: 0)]
            #expect(utimensat(AT_FDCWD, box.source + "/" + name, times, 0) == 0)
        }
        // Many file systems themselves have no times as early as that.
        let held = try seconds.keys.filter { name in
            try File.status(of: box.source + "/" + name).mtime == (name == "late" ? .max : .min)
        }
        #expect(held.contains("late"))
        let told = Told()
        let report = try takeSnapshot(
            of: .paths([box.source]), into: repository, box.options(), observer: told.observer)
        #expect(!report.isIncomplete)
        #expect(told.noted.sorted() == held.map { box.source + "/" + $0 }.sorted())
    }

    private final class Held: Sendable {}

    @Test("holds nothing any more when it has ended, whether it was taken or failed")
    func forgotten() throws {
        let (box, repository) = try box()
        try box.write("file", [1])
        try box.write("long", noise(3_000_000, seed: 1))
        for path in [box.source, box.path + "/nothing"] {
            weak var held: Held?
            do {
                let object = Held()
                held = object
                let taken = Result {
                    try takeSnapshot(
                        of: .paths([path]), into: repository, box.options(),
                        observer: { _ in withExtendedLifetime(object) {} })
                }
                #expect(((try? taken.get()) != nil) == (path == box.source))
            }
            #expect(held == nil, "\(path)")
        }
    }

    @Test("of many directories keeps only a few files open")
    func descriptors() throws {
        let (box, repository) = try box()
        for number in 0..<300 { try box.write("d\(number)/f", [UInt8(truncatingIfNeeded: number)]) }
        let most = Mutex(0)
        _ = try takeSnapshot(
            of: .paths([box.source]), into: repository, box.options(),
            observer: { _ in
                let open = Self.openFiles(below: box.source)
                most.withLock { $0 = max($0, open) }
            })
        #expect((1..<60).contains(most.withLock { $0 }))
    }

    /// How many files of this process are open below a directory.
    private static func openFiles(below path: String) -> Int {
        guard let directory = try? File.openDirectory("/proc/self/fd"),
            let entries = try? directory.entries()
        else { return .max }
        return entries.count { entry in
            let target = try? directory.readLink(entry.name)
            return target?.starts(with: path.utf8) == true
        }
    }
}
