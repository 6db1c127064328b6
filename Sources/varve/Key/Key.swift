import ArgumentParser

struct Key: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show and change what opens a repository.",
        discussion: """
            Every passphrase and every key file has a slot of its own; any one of them opens the \
            repository.
            """,
        subcommands: [KeyList.self, KeyAdd.self, KeyRemove.self, KeyPasswd.self, KeyRotate.self])
}
