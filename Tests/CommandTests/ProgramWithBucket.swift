import TestSupport
import Testing
import VarveStorage
import VarveSystem

/// The built program with a repository in a bucket.
struct ProgramWithBucket {
    let program: Program
    let server: S3Server
    let prefix = randomName()

    /// The repository was made in a directory, which is quicker, unless `isEmpty`.
    init(isEmpty: Bool = false, on server: S3Server? = nil) throws {
        program = try Program()
        self.server = try #require(server ?? S3Server.current)
        if isEmpty { return }
        try #require(try program.run("init").status == 0)
        try DirectoryStorage(path: program.path("repository"), create: false)
            .copyObjects(to: storage)
    }

    var storage: S3Storage {
        get throws { try server.storage(prefix) }
    }

    /// What tells the program where the repository is and who asks.
    func variables(
        through port: Int? = nil, bucket: String? = nil, _ others: [String: String] = [:]
    ) throws -> [String: String] {
        let place = "\(bucket ?? S3Server.bucket)/\(prefix)"
        return [
            "VARVE_REPOSITORY": "s3:http://127.0.0.1:\(port ?? server.port)/\(place)",
            "VARVE_KEY_FILE": program.path("key"), "AWS_ACCESS_KEY_ID": server.keyID,
            "AWS_SECRET_ACCESS_KEY": server.secret, "AWS_EC2_METADATA_DISABLED": "true",
        ].merging(others) { $1 }
    }

    @discardableResult
    func run(
        _ words: String..., through port: Int? = nil, bucket: String? = nil,
        with others: [String: String] = [:]
    ) throws -> Program.Run {
        try program.runAlone(words, variables(through: port, bucket: bucket, others))
    }

    func start(_ words: String..., through port: Int? = nil) throws -> ChildProcess {
        try program.start(words, variables(through: port))
    }

    /// A directory with files that nothing can make smaller.
    func makeSource(_ name: String, files: Int, bytes: Int) throws -> String {
        try File.makeDirectory(program.path(name))
        var numbers = SeededNumbers.fresh()
        for number in 0..<files {
            let file = try File.createOrTruncate(program.path("\(name)/\(number)"))
            try file.write(numbers.bytes(bytes))
        }
        return program.path(name)
    }

    /// Whether the newest snapshot of a source restores as the source is now, and nothing is damaged.
    func expectWhole(_ source: String, _ snapshot: String = "latest") throws {
        let check = try run("check", "--read-data")
        #expect(check.status == 0, "\(check.errors)\(check.output)")
        let target = program.path("target-" + randomName())
        let restore = try run("restore", snapshot + ":" + source, "-t", target, "--source", source)
        #expect(restore.status == 0, "\(restore.errors)")
        #expect(try listing(target) == listing(source))
    }
}
