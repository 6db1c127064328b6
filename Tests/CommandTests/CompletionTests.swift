import ArgumentParser
import Testing
import VarveSystem

@testable import varve

@Suite("Completion")
struct CompletionTests {
    @Test("has each of restic's words that leads to a command, and its options")
    func words() throws {
        var rows = Aliases.table.filter { $0.value.count == 2 }
        for word in CompletedWords.words {
            let row = rows.removeValue(forKey: word._commandName)
            let meaning = try #require(row)
            let command = try #require(
                Snapshot.configuration.subcommands.first { $0._commandName == meaning[1] })
            #expect(
                CommandDescription.arguments(of: word._dumpHelp())
                    == CommandDescription.arguments(of: command._dumpHelp()))
        }
        #expect(rows.isEmpty)
    }

    @Test("and the options that may stand in front are those of every command")
    func leading() {
        let labels = CommandDescription.arguments(of: GlobalOptions._dumpHelp()).map(\.label)
        var names: [String: Bool] = [:]
        for label in labels {
            let parts = label.split(separator: " ").map { $0.filter { $0 != "," } }
            let takesValue = parts.last?.hasPrefix("-") == false
            for part in parts where part.hasPrefix("-") && !["-h", "--help"].contains(part) {
                names[part] = takesValue
            }
        }
        #expect(names == Aliases.leading)
    }

    @Test("works in bash")
    func bash() throws {
        let varve = try Program()
        try varve.write("", "patterns.txt")
        try varve.write("", "horse.txt")
        try File.makeDirectory(varve.path("home"))
        try varve.write(try varve.runAlone(["completions", "bash"]).output, "script")
        let ask = """
            cd "${HOME%/*}"; bash -n script && . ./script || exit
            ask() {
                COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*"
                COMP_POINT=${#COMP_LINE} COMPREPLY=()
                _varve varve "${@: -1}" "${@: -2:1}"
                echo "${COMPREPLY[*]}"
            }
            complete -p varve >&2
            ask varve snap
            ask varve backup --exclude-f
            ask varve backup --exclude-file pat
            ask varve -r pat snapshot li
            ask varve snapshot create --compression of
            ask varve --key-file pat
            ask varve snapshot restore --overwrite if
            ask varve snapshot dump --archive z
            ask varve import --compression of
            ask varve snapshot restore --target ho
            ask varve import ho
            """
        let run = try Program.finish(
            ChildProcess(
                "bash", ["-c", ask],
                environment: ["HOME": varve.path("home"), "PATH": "/usr/bin:/bin"],
                errorOutput: .tail(bytes: 4 << 10)))
        #expect(run.errors.contains("_varve"))
        #expect(
            run.output == """
                snapshot snapshots
                --exclude-file
                patterns.txt
                list
                off
                patterns.txt
                if-changed if-newer
                zip
                off
                home
                home

                """)
    }

    @Test("has a script for each shell, and for no other")
    func shells() throws {
        let varve = try Program()
        for shell in Completions.Shell.allCases {
            let run = try varve.runAlone(["completions", shell.rawValue])
            #expect(run.status == 0)
            #expect(run.output.contains("snapshot"))
        }
        #expect(try varve.runAlone(["completions", "tcsh"]).status == 64)
    }
}
