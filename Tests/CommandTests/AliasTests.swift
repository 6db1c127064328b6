import ArgumentParser
import Testing

@testable import varve

@Suite("Words for commands")
struct AliasTests {
    @Test("the words of restic become the commands of varve")
    func words() {
        #expect(Aliases.canonical(["backup", "/srv"]) == ["snapshot", "create", "/srv"])
        #expect(Aliases.canonical(["snapshots"]) == ["snapshot", "list"])
        #expect(Aliases.canonical(["dump", "latest:/a"]) == ["snapshot", "dump", "latest:/a"])
        #expect(Aliases.canonical(["forget", "-l", "1"]) == ["snapshot", "forget", "-l", "1"])
        #expect(Aliases.canonical(["tag", "--add", "a"]) == ["snapshot", "tag", "--add", "a"])
        #expect(Aliases.canonical(["stats"]) == ["stats"])
        #expect(Aliases.canonical(["find", "-i", "x"]) == ["snapshot", "find", "-i", "x"])
    }

    @Test("-p is --patch behind diff and history, and names a passphrase everywhere else")
    func patch() {
        #expect(
            Aliases.canonical(["-p", "file", "diff", "a", "b", "-p"])
                == ["snapshot", "diff", "-p", "file", "a", "b", "--patch"])
        #expect(
            Aliases.canonical(["snapshot", "history", "-p", "/a"])
                == ["snapshot", "history", "--patch", "/a"])
        #expect(Aliases.canonical(["ls", "-p", "file"]) == ["snapshot", "ls", "-p", "file"])
    }

    @Test("a word that is no first word is left alone")
    func arguments() {
        let arguments = ["snapshot", "create", "backup"]
        #expect(Aliases.canonical(arguments) == arguments)
        #expect(Aliases.canonical([]) == [])
    }

    @Test("options before the command are moved behind it, with their values")
    func leadingOptions() {
        #expect(
            Aliases.canonical(["-r", "/x", "--json", "snapshots", "--latest", "1"])
                == ["snapshot", "list", "-r", "/x", "--json", "--latest", "1"])
        #expect(
            Aliases.canonical(["--repo=/x", "key", "list"]) == ["key", "list", "--repo=/x"])
        #expect(Aliases.canonical(["-r"]) == ["-r"])
    }

    @Test("every alias leads to a command that exists")
    func targets() throws {
        for (word, words) in Aliases.table where words.first?.hasPrefix("-") == false {
            #expect(try Aliases.answer(to: words) == nil, "\(word)")
        }
    }

    private func complaint(_ words: [String]) -> String? {
        do {
            _ = try Aliases.answer(to: Aliases.canonical(words))
            return nil
        } catch {
            return (error as? ValidationError)?.message
        }
    }

    @Test("a word that only its group is missing for is met with the whole command")
    func suggestions() {
        #expect(complaint(["show", "latest"])?.hasSuffix("`varve snapshot show`?") == true)
        #expect(complaint(["create"])?.hasSuffix("`varve snapshot create`?") == true)
        #expect(complaint(["pin", "latest"])?.hasSuffix("`varve snapshot pin`?") == true)
        #expect(complaint(["passwd"])?.hasSuffix("`varve key passwd`?") == true)
        #expect(complaint(["nonsense"])?.contains("unknown command 'nonsense'") == true)
    }

    @Test("help knows the words of restic")
    func help() {
        #expect(Aliases.canonical(["help", "backup"]) == ["help", "snapshot", "create"])
        #expect(Aliases.canonical(["help"]) == ["help"])
        #expect(Aliases.canonical(["help", "key", "add"]) == ["help", "key", "add"])
        #expect(complaint(["help", "backup"]) == nil)
        #expect(complaint(["help", "diff"]) == nil)
    }

    @Test("there is nothing to unlock")
    func unlock() throws {
        #expect(try Aliases.answer(to: ["unlock"]) == "Varve has no locks.")
        let line = try Aliases.answer(to: ["unlock", "--json"])
        #expect(line == #"{"message_type":"summary","message":"Varve has no locks."}"#)
    }
}
