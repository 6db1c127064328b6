import ArgumentParser
import VarveSystem

struct Man: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the manual page.",
        usage: "varve man",
        discussion: """
            The page is for man and troff:

              varve man | man -l -
              varve man > /usr/local/share/man/man1/varve.1
            """)

    func run() throws {
        try Console.output.write(Array(ManualPage().text.utf8))
    }
}
