import Glibc
import Testing
import VarveSystem

@Suite("A child process")
struct ChildProcessTests {
    @Test("gives its output and its exit status")
    func output() throws {
        let child = try ChildProcess("sh", ["-c", "cat; echo hello; exit 7"])
        #expect(try child.output.contents(limit: 100) == Array("hello\n".utf8))
        #expect(try child.wait() == .exited(7))
        #expect(try child.wait() == .exited(7))
        #expect(ProcessEnd.exited(7).description == "exit status 7")
        #expect(!ProcessEnd.exited(7).isSuccess && ProcessEnd.exited(0).isSuccess)
    }

    @Test("passes on more than a pipe holds")
    func muchOutput() throws {
        let child = try ChildProcess("head", ["-c", "5000000", "/dev/zero"])
        #expect(try child.output.contents(limit: 5_000_000).count == 5_000_000)
        #expect(try child.wait() == .exited(0))
    }

    @Test("is told by its signal when it was terminated")
    func terminate() throws {
        let child = try ChildProcess("sleep", ["100"])
        child.terminate()
        #expect(try child.wait() == .signalled(SIGTERM))
        child.terminate()
    }

    @Test("that does not exist is an error at the start")
    func missing() {
        let error = #expect(throws: SystemError.self) {
            _ = try ChildProcess("varve-no-such-program", [])
        }
        #expect(error?.isMissing == true)
        #expect(errorNumber { _ = try ChildProcess("sh", ["a\0b"]) } == EINVAL)
    }

    @Test("keeps the end of its standard error")
    func errorTail() throws {
        let script = "i=0; while [ $i -lt 2000 ]; do echo line $i >&2; i=$((i+1)); done"
        let child = try ChildProcess("sh", ["-c", script], errorOutput: .tail(bytes: 20))
        #expect(try child.output.contents(limit: 100) == [])
        #expect(try child.wait() == .exited(0))
        #expect(child.errorText == "\nline 1998\nline 1999\n".suffix(20))
    }

    @Test("gets variables beside ours, and none of our open files")
    func environment() throws {
        try withTemporaryDirectory { (path, directory) throws in
            let ours = try directory.createFile("ours")
            let script = "echo $SECRET; test -n \"$PATH\" && ls -l /proc/self/fd"
            let child = try ChildProcess("sh", ["-c", script], environment: ["SECRET": "x=y"])
            let output = String(decoding: try child.output.contents(limit: 9999), as: UTF8.self)
            #expect(output.hasPrefix("x=y\n"))
            #expect(output.contains("/dev/null") && !output.contains(path))
            #expect(try child.wait() == .exited(0))
            _ = ours.descriptor
        }
    }

    @Test("leaves no zombie when nobody waits")
    func dropped() throws {
        var number = ""
        do {
            let child = try ChildProcess("sh", ["-c", "echo $$; exec sleep 100"])
            var buffer = [UInt8](repeating: 0, count: 20)
            let count = try buffer.withUnsafeMutableBytes { try child.output.read(into: $0) }
            number = String(decoding: buffer.prefix(max(0, count - 1)), as: UTF8.self)
        }
        #expect(!number.isEmpty)
        #expect(errorNumber { _ = try File.status(of: "/proc/" + number) } == ENOENT)
    }
}
