import Glibc
import Testing
import VarveSystem

@Suite("The machine")
struct MachineTests {
    @Test("has users and groups with names and numbers")
    func accounts() {
        #expect(Accounts.userName(0) == "root")
        #expect(Accounts.groupName(0) == "root")
        #expect(Accounts.userNumber(named: "root") == 0)
        #expect(Accounts.groupNumber(named: "root") == 0)
        for _ in 0..<2 {
            #expect(Accounts.userName(3_999_999_999) == nil)
            #expect(Accounts.userNumber(named: "no such user") == nil)
        }
    }

    @Test("tells what this process was started with")
    func words() {
        let words = ProcessArguments.all().map { String(decoding: $0, as: UTF8.self) }
        #expect(words == CommandLine.arguments && !words.isEmpty)
    }

    @Test("has clocks that advance")
    func clocks() {
        let (wall, steady) = (Clock.wallNanoseconds(), Clock.monotonicNanoseconds())
        Clock.sleep(nanoseconds: 2_000_000)
        #expect(Clock.monotonicNanoseconds() - steady >= 2_000_000)
        #expect(wall > 1_700_000_000_000_000_000)
    }

    @Test("gives random bytes, as many as asked for, never the same")
    func random() {
        #expect(randomBytes(0) == [])
        #expect(randomBytes(100_000).count == 100_000)
        #expect(randomBytes(32) != randomBytes(32))
        #expect(randomName(byteCount: 4).count == 8)
        #expect(Set(randomBytes(10_000)).count == 256)
    }

    @Test("has an environment, a name and processors")
    func environment() {
        #expect(Environment.value("PATH") != nil)
        #expect(Environment.value("VARVE_NO_SUCH_VARIABLE") == nil)
        #expect(!Environment.hostName().isEmpty)
        #expect(Environment.processorCount() > 0)
    }
}
