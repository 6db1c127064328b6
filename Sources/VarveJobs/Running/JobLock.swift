import VarveCrypto
import VarveSystem

/// The right to run a job on this machine; the kernel takes it back with the process, too.
public struct JobLock: ~Copyable {
    private let file: File

    /// Nil while another process has it. `state` is this user's directory for state, `path` the file of the job.
    public init?(_ job: Job, of path: String, in state: String) throws {
        let directory = state + "/jobs"
        try File.makeDirectories(directory)
        let hash = SHA256.digest(Array("\(path)\0\(job.name)".utf8))
        let name = hash.prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let file = try File.createOrTruncate("\(directory)/\(name).lock")
        guard try file.tryToLock() else { return nil }
        self.file = file
    }
}
