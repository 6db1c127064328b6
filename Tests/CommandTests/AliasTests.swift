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
        #expect(Aliases.canonical(["stats"]) == ["stats"])
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

    @Test("what is not built yet is an unknown command")
    func unknown() {
        for words in [["find", "x"], ["prune"], ["snapshot", "diff"], ["key", "rotate"]] {
            #expect(throws: ValidationError.self) {
                try Aliases.answer(to: Aliases.canonical(words))
            }
        }
    }

    @Test("there is nothing to unlock")
    func unlock() throws {
        #expect(try Aliases.answer(to: ["unlock"]) == "Varve has no locks.")
    }
}
