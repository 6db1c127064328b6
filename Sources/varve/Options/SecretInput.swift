import Glibc
import VarveCodec
import VarveCrypto
import VarveSystem

/// Where a passphrase or a key comes from.
enum SecretInput: Equatable {
    case keyFile(String)
    case passphraseFile(String)
    case passphraseCommand(String)
    /// The variable that holds it.
    case passphraseVariable(String)
    /// A question at the terminal.
    case prompt

    private static let passphraseBytesMax = 4 << 10

    /// The one that the options name; nil for none, an error for several.
    static func named(_ choices: [(option: String, input: SecretInput?)]) throws -> SecretInput? {
        let given = choices.filter { $0.input != nil }
        guard given.count <= 1 else {
            let names = given.map(\.option).joined(separator: " and ")
            throw Failure.usage("\(names) exclude each other; give one of them")
        }
        return given.first?.input
    }

    /// What options say, or else the environment; nil when neither says anything. `asking` stands
    /// for one more option, which asks at the terminal.
    static func chosen(_ options: RepositoryOptions, asking: Bool = false) throws -> SecretInput? {
        let option = try named([
            ("--passphrase", asking ? .prompt : nil),
            ("--key-file", options.keyFile.map(SecretInput.keyFile)),
            ("--passphrase-file", options.passphraseFile.map(SecretInput.passphraseFile)),
            ("--passphrase-command", options.passphraseCommand.map(SecretInput.passphraseCommand)),
        ])
        if let option { return option }
        let passphrase = try Variables.value("VARVE_PASSPHRASE") != nil
        return try named([
            ("VARVE_KEY_FILE", Variables.value("VARVE_KEY_FILE").map(SecretInput.keyFile)),
            ("VARVE_PASSPHRASE", passphrase ? .passphraseVariable("VARVE_PASSPHRASE") : nil),
            (
                "VARVE_PASSPHRASE_FILE",
                Variables.value("VARVE_PASSPHRASE_FILE").map(SecretInput.passphraseFile)
            ),
            (
                "VARVE_PASSPHRASE_COMMAND",
                Variables.value("VARVE_PASSPHRASE_COMMAND").map(SecretInput.passphraseCommand)
            ),
        ])
    }

    /// The secret that is there already.
    func read(prompt: String = "passphrase: ") throws -> SlotSecret {
        guard let secret = try readAny(prompt) else {
            throw Failure(Failure.wrongKeyStatus, emptiness)
        }
        return secret
    }

    /// The secret that is there already; nil for an empty passphrase.
    private func readAny(_ prompt: String) throws -> SlotSecret? {
        switch self {
        case .keyFile(let path): .keyFile(try Self.key(in: path))
        case .passphraseFile(let path):
            Self.passphrase(try Self.contents(of: path, limit: Self.passphraseBytesMax))
        case .passphraseCommand(let command): Self.passphrase(try Self.output(of: command))
        case .passphraseVariable(let name):
            Self.passphrase(Array((try Variables.value(name) ?? "").utf8))
        case .prompt: Self.passphrase(try Self.ask(prompt))
        }
    }

    /// What an empty passphrase is told by.
    private var emptiness: String {
        let place =
            switch self {
            case .keyFile(let path), .passphraseFile(let path): path
            case .passphraseCommand: "the passphrase command"
            case .passphraseVariable(let name): name
            case .prompt: "the terminal"
            }
        return "the passphrase from \(place) is empty"
    }

    /// The secret of a slot to be made: a key file that is missing is written, a passphrase at the
    /// terminal is asked for twice.
    func readNew() throws -> SlotSecret {
        switch self {
        case .keyFile(let path):
            do {
                return .keyFile(try Self.makeKeyFile(path))
            } catch let error as SystemError where error.isTaken {
                return try read()
            }
        case .prompt:
            let first = try readGiven("new passphrase: ")
            let second = try readGiven("the same again: ")
            guard case .passphrase(let a) = first, case .passphrase(let b) = second, a == b else {
                throw Failure(Failure.failedStatus, "the two passphrases differ; nothing was done")
            }
            return first
        default: return try readGiven("")
        }
    }

    /// A secret that nothing is sealed under yet: an empty one makes no sense.
    private func readGiven(_ prompt: String) throws -> SlotSecret {
        guard let secret = try readAny(prompt) else { throw Failure.usage(emptiness) }
        return secret
    }

    /// Looks whether `readNew` would give a secret, but makes no file and asks nobody; the key file that
    /// it would make, nil for none.
    func rehearseNew() throws -> String? {
        switch self {
        case .prompt: return nil
        case .keyFile(let path):
            do {
                _ = try File.status(of: path)
            } catch  where error.isMissing {
                _ = try File.status(of: File.parent(of: path))
                return path
            }
        default: break
        }
        _ = try readGiven("")
        return nil
    }

    /// A passphrase that is there already, asked for at the terminal; nil for an empty answer.
    static func passphraseIfKnown(_ prompt: String) throws -> SlotSecret? {
        passphrase(try ask(prompt))
    }

    private static func contents(of path: String, limit: Int) throws -> [UInt8] {
        if (try? File.status(of: path))?.kind == .directory {
            throw Failure.usage("\(path) is a directory; name a file")
        }
        return try File.contents(of: path, limit: limit)
    }

    private static func key(in path: String) throws -> SecretBytes {
        let text = try contents(of: path, limit: KeyFile.bytesMax)
        guard let secret = KeyFile.secret(of: text) else {
            throw Failure(
                Failure.wrongKeyStatus, "\(path) is no key file of varve, or was changed")
        }
        return secret
    }

    /// Line ends behind it do not count; nil when nothing is left.
    private static func passphrase(_ bytes: [UInt8]) -> SlotSecret? {
        var bytes = bytes[...]
        while let last = bytes.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") {
            bytes.removeLast()
        }
        return bytes.isEmpty ? nil : .passphrase(SecretBytes(copying: Array(bytes)))
    }

    private static func output(of command: String) throws -> [UInt8] {
        let process = try ChildProcess("sh", ["-c", command])
        let output = try process.output.contents(limit: passphraseBytesMax)
        let end = try process.wait()
        guard end.isSuccess else {
            throw Failure(Failure.failedStatus, "the passphrase command failed: \(end)")
        }
        return output
    }

    private static func ask(_ prompt: String) throws -> [UInt8] {
        // Whoever gives up here ends like every command that is interrupted, not by the signal.
        var before = (sigaction(), sigaction())
        sigaction(SIGINT, nil, &before.0)
        sigaction(SIGTERM, nil, &before.1)
        Interrupts.install()
        defer {
            sigaction(SIGINT, &before.0, nil)
            sigaction(SIGTERM, &before.1, nil)
        }
        do {
            return try Terminal.readPassphrase(prompt: prompt)
        } catch  where error.errno == EINTR {
            // The cursor is still behind the question.
            if Terminal.isTerminal(2) { Console.complain("") }
            throw Failure(Failure.interruptedStatus, "interrupted")
        } catch {
            throw Failure.usage(
                "a passphrase is needed, and there is no terminal to ask at; give --key-file, "
                    + "--passphrase-file or --passphrase-command")
        }
    }

    /// Writes the key down where one is looked for when none is named; a passphrase is not written.
    static func note(_ secret: SlotSecret, at path: String) throws {
        guard case .keyFile(let key) = secret else { return }
        try File.makeDirectories(File.parent(of: path))
        try write(key, path)
    }

    /// Writes a new key file, for its owner only; throws `isTaken` when there is one.
    static func makeKeyFile(_ path: String) throws -> SecretBytes {
        let secret = try SecretBytes.random(byteCount: 32)
        try write(secret, path)
        return secret
    }

    private static func write(_ secret: SecretBytes, _ path: String) throws {
        let comment = [
            "The key of a Varve repository. Whoever has it can read every snapshot in it;",
            "without it, or another key of the repository, nothing can be read back.",
        ]
        let file = try File.createExclusively(path)
        do {
            try file.write(KeyFile.text(secret, comment: comment))
            try file.sync()
            try File.syncDirectory(File.parent(of: path))
        } catch {
            try? File.remove(path)
            throw error
        }
    }
}
