import TestSupport
import Testing
import VarveSystem

@testable import VarveJobs

@Suite("Names in files of secrets")
struct SecretFileTests {
    private func names(
        _ text: String, _ format: SecretFormat
    ) throws(SecretFailure) -> [String] {
        try SecretNames.read(Array(text.utf8), format)
    }

    @Test(
        "variables, whatever their values look like",
        arguments: [
            ("A=1\nB=2\n", ["A", "B"]), ("# C=3\n\nA=1 # D=4\n", ["A"]), ("export A=1", ["A"]),
            ("  A = 1", nil), ("A=\nB=''\n", ["A", "B"]), ("A='1\nX=2\n3'\nB=4", ["A", "B"]),
            ("A=\"x\\\"\nX=2\"\nB=1", ["A", "B"]), ("A='x\\'\nB=1", ["A", "B"]),
            ("A=`x\nX=1`\nB=2", ["A", "B"]), ("A=1\r\nB=2\r\n", ["A", "B"]),
            ("A=x\\\nX=1\nB=2", ["A", "B"]), ("a.b-c_1=1", ["a.b-c_1"]), ("A=1\nA=2", ["A"]),
            ("exportA=1", ["exportA"]), ("A=it's\nB=1", ["A", "B"]),
            ("A='b' # c\nB=1", ["A", "B"]),
            ("", []),
        ] as [(String, [String]?)])
    func variables(text: String, expected: [String]?) throws {
        guard let expected else {
            #expect(throws: SecretFailure.self) { try names(text, .env) }
            return
        }
        #expect(try names(text, .env) == expected)
    }

    @Test(
        "what is no variable refuses the whole file, and is not repeated",
        arguments: [
            ("A=1\nhunter2\n", 2), ("KEY=-----BEGIN\nMIIEhunter2\n-----END", 2),
            ("A=1\nhunter2==\n", 2), ("A=1\nhunt/er2=\n", 2), ("A='hunter2", 1), ("1hunter2=1", 1),
            ("A='1' hunter2", 1), ("hünter2=1", 1), ("=hunter2", 1), ("A B=hunter2", 1),
        ])
    func refusedVariables(text: String, line: Int) throws {
        do throws(SecretFailure) {
            Issue.record("read as \(try names(text, .env))")
        } catch {
            #expect(error.line == line)
            #expect(!error.description.contains("hunter2") && !error.description.contains("hünter"))
        }
    }

    @Test("paths of JSON and YAML, whatever their values are")
    func documents() throws {
        let json = """
            {"a": {"b": "hunter2", "c": [{"d": 1}, {"d": 2, "e": "\\u0041"}]}, "f": [], "g": null}
            """
        let expected = ["a.b", "a.c[].d", "a.c[].e", "f", "g"]
        #expect(try names(json, .json) == expected)
        #expect(try names("{\n\t\"a\": {\n\t\t\"b\": 1\n\t}\n}\n", .json) == ["a.b"])
        #expect(
            try names("a:\n  b: hunter2\n  c:\n  - d: 1\n  - d: 2\n    e: 3\nf: []\ng:\n", .yaml)
                == expected)
        for text in [
            "hunter2", "[hunter2]", "a: hunter2: b", "{\"a\": \"hunter2", "a: hunter2\na: hunter2",
        ] {
            do throws(SecretFailure) {
                Issue.record("read as \(try names(text, .yaml))")
            } catch {
                #expect(!error.description.contains("hunter2"))
            }
        }
    }

    @Test("sections and keys of INI files and properties")
    func settings() throws {
        let text = """
            ; comment = 1
            top=1
            [default]
            aws_secret_access_key = hunter2
            password: hunter2 = x
            long = hunter2
              hunter2 = goes on
            [profile "dev x"]
            a.b\\
            """
        #expect(throws: SecretFailure(line: 9, "this is neither [section] nor key = value")) {
            try names(text, .ini)
        }
        #expect(
            try names(text.replacing("a.b\\", with: "a.b = \\\nhunter2=1\n c=2"), .ini) == [
                "top", "default.aws_secret_access_key", "default.password", "default.long",
                "profile \"dev x\".a.b",
            ])
        for text in ["hunter2", "[hunter2", "[a]\nhunt+er2=", "a=1\nhunter2=="] {
            #expect(throws: SecretFailure.self) { try names(text, .ini) }
        }
    }

    @Test("there are bounds, and other bytes are refused")
    func bounds() throws {
        let many = (0...SecretNames.countMax).map { "A\($0)=1" }.joined(separator: "\n")
        #expect(throws: SecretFailure.self) { try names(many, .env) }
        #expect(throws: SecretFailure.self) {
            try names(String(repeating: "A", count: 257) + "=", .env)
        }
        #expect(throws: SecretFailure.self) { try SecretNames.read([0x41, 0x3d, 0xff], .env) }
    }

    @Test(
        "the format comes from the name",
        arguments: [
            (".env", SecretFormat.env), (".env.production", .env), ("app.env", .env),
            ("Secrets.JSON", .json), ("a.yml", .yaml), ("a.properties", .ini),
            ("id_ed25519", .file),
            ("tls.pem", .file),
        ])
    func formats(name: String, format: SecretFormat) {
        #expect(SecretFile(path: "/x/" + name).format == format)
    }

    @Test("a record has mode, owner and names; of a plain file only that it is there")
    func record() throws {
        let scratch = try ScratchDirectory()
        func write(_ name: String) throws -> SecretFile {
            try File.createOrTruncate(scratch.path + "/" + name, mode: 0o640)
                .write(Array("A=hunter2\n".utf8))
            return SecretFile(path: scratch.path + "/" + name)
        }
        let record = try write(".env").record()
        #expect(record.names == ["A"] && record.mode == "0640")
        #expect(try write("key").record().names == [])
        #expect(throws: SystemError.self) { try SecretFile(path: scratch.path + "/no").record() }
        #expect(throws: SecretFailure.self) { try SecretFile(path: scratch.path).record() }
        var list = SecretList(job: "a")
        list.files = [record]
        list.variables = ["B"]
        let bytes = try list.encoded()
        #expect(SecretList(bytes) == list)
        #expect(!String(decoding: bytes, as: UTF8.self).contains("hunter2"))
        #expect(SecretList(Array(bytes.dropLast(3))) == nil)
    }

    @Test("a job is given the variables that its sources name, and of others those that are set")
    func variables() {
        var job = Job(name: "a")
        job.sources = [.word("env:DB_URL"), .word("postgres://h/d")]
        func names(_ place: String, _ set: Set<String>) -> [String] {
            NeededVariables.of(job, repository: place) { set.contains($0) }
        }
        #expect(names("/r", []) == ["DB_URL"])
        let set: Set<String> = ["PGPASSWORD", "AWS_SECRET_ACCESS_KEY", "VARVE_PASSPHRASE", "HOME"]
        #expect(names("/r", set) == ["DB_URL", "PGPASSWORD", "VARVE_PASSPHRASE"])
        job.access.keyFile = "/k"
        #expect(names("s3:https://h/b", set) == ["DB_URL", "PGPASSWORD", "AWS_SECRET_ACCESS_KEY"])
        job.sources = [.path("/x")]
        #expect(names("/r", set) == [])
    }
}
