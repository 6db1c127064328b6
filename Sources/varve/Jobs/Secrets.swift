import ArgumentParser

struct Secrets: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show which secrets a recovery needs.",
        discussion: """
            A job of varve.yaml keeps the names of the secrets in the files that it names so, and of \
            what it is given itself; never a value.
            """,
        subcommands: [SecretsList.self])
}
