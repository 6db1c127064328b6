import CSystem
import Glibc

/// The description of a process to start; its standard input is `/dev/null`.
struct Spawn: ~Copyable {
    private var actions = posix_spawn_file_actions_t()
    private var attributes = posix_spawnattr_t()
    private var flags = Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF)

    init() {
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawnattr_init(&attributes)
        // Ignored and blocked signals would be inherited, and programs expect neither.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigaddset(&signals, SIGPIPE)
        sigaddset(&signals, SIGXFSZ)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, flags)
    }

    deinit {
        var actions = actions
        var attributes = attributes
        posix_spawn_file_actions_destroy(&actions)
        posix_spawnattr_destroy(&attributes)
    }

    mutating func connect(_ descriptor: Int32, to standard: Int32) {
        posix_spawn_file_actions_adddup2(&actions, descriptor, standard)
    }

    /// Makes the process the leader of a new process group.
    mutating func leadGroup() {
        flags |= Int16(POSIX_SPAWN_SETPGROUP)
        posix_spawnattr_setflags(&attributes, flags)
    }

    /// Makes the process start in a directory.
    mutating func enter(_ directory: String) {
        _ = varve_spawn_in(&actions, directory)
    }

    /// Starts the program and answers its process number.
    mutating func start(
        _ program: String, _ arguments: [String], _ added: [String: String]
    ) throws(SystemError) -> pid_t {
        let kept = Environment.all().filter { entry in
            added[String(entry.prefix { $0 != "=" })] == nil
        }
        let environment = kept + added.map { "\($0.key)=\($0.value)" }
        guard !([program] + arguments + environment).contains(where: { $0.utf8.contains(0) }) else {
            throw SystemError(.spawn, program, errno: EINVAL)
        }
        var process: pid_t = 0
        let code = withTexts([program] + arguments) { argumentTexts in
            withTexts(environment) { environmentTexts in
                posix_spawnp(
                    &process, program, &actions, &attributes, argumentTexts, environmentTexts)
            }
        }
        if code != 0 { throw SystemError(.spawn, program, errno: code) }
        return process
    }
}

/// Lends texts as C has them: NUL-terminated, with a null pointer behind the last.
private func withTexts<Answer>(
    _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Answer
) -> Answer {
    let pointers = texts.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    return body(pointers + [nil])
}
