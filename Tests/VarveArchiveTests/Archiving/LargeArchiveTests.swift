import TestSupport
import Testing
import VarveArchive
import VarveFormat
import VarveStorage
import VarveSystem

@Suite("An archive of a file that is too large for its first formats")
struct LargeArchiveTests {
    @Test("tar says sizes over 8 GiB in records", .enabled(if: TestRun.isLong))
    func tar() throws {
        let bench = try ArchiveBench()
        let part = noise(1 << 20, seed: 8)
        let size = 9 << 30
        try HandmadeSnapshot.store(in: bench.repository) { snapshot in
            var node = Node(kind: .file, name: Array("large".utf8))
            // The same chunks again and again, through lists.
            let once = try snapshot.content(part)
            node.content = try snapshot.repeated(once, size / part.count)
            var last = Node(kind: .file, name: Array("z".utf8))
            last.content = .empty
            return [node, last]
        }
        let fifo = bench.box.path + "/fifo"
        try File.openDirectory(bench.box.path).makeNode("fifo", kind: .fifo, mode: 0o600)
        Interrupts.ignoreWriteSignals()
        let process = try ChildProcess("tar", ["-tvBf", fifo])
        let output = try File.openToWrite(fifo)
        try dumpArchive(
            [], of: try bench.box.newest(bench.repository), bench.repository, as: .tar,
            to: output, progress: Progress(), observer: { _ in })
        try output.close()
        let text = String(decoding: try process.output.contents(limit: 1 << 16), as: UTF8.self)
        #expect(try process.wait().isSuccess)
        #expect(text.contains(" \(size) ") && text.hasSuffix(" z\n"))
    }

    @Test("zip has numbers of eight bytes", .enabled(if: TestRun.isLong))
    func zip() throws {
        let bench = try ArchiveBench()
        let size = 5 << 30
        try HandmadeSnapshot.store(in: bench.repository) { _ in
            var node = Node(kind: .file, name: Array("large".utf8))
            node.content = .empty
            node.holes = [.init(dataBytes: 0, holeBytes: size)]
            var last = Node(kind: .file, name: Array("z".utf8))
            last.content = .empty
            return [node, last]
        }
        let archive = try bench.archive(as: .zip)
        let script = """
            import sys, zipfile
            archive = zipfile.ZipFile(sys.argv[1])
            assert archive.testzip() is None
            print([(one.filename, one.file_size) for one in archive.infolist()])
            """
        let run = try ArchiveBench.run("python3", "-c", script, archive)
        #expect(run.output == "[('large', \(size)), ('z', 0)]\n", "\(run.errors)")
        #expect(try ArchiveBench.run("unzip", "-tq", archive).status.isSuccess)
    }
}
