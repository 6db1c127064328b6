import Testing

/// A sweep over crashes is trusted because it finds what is planted here.
@Suite("A power cut harms a program that")
struct CrashCanaryTests {
    /// A program that is careless with some syncs: those of paths that begin like this.
    struct Forgetful: Sendable, CustomTestStringConvertible {
        let operation: Operation
        let ofNames: Bool
        let prefix: String

        var testDescription: String {
            "\(operation.name), \(ofNames ? "names in" : "files below") \(prefix)"
        }

        func change(untilTheEnd: Bool) -> (Journal) -> Journal {
            { journal in
                journal.leavingOut(untilTheEnd: untilTheEnd) { ofNames, path in
                    ofNames == self.ofNames && path.hasPrefix(prefix)
                }
            }
        }
    }

    static let all: [Forgetful] = [
        Forgetful(operation: .initialise, ofNames: false, prefix: "repository/.tmp-"),
        Forgetful(operation: .initialise, ofNames: false, prefix: "repository/log"),
        Forgetful(operation: .initialise, ofNames: true, prefix: "repository/keys"),
        Forgetful(operation: .initialise, ofNames: true, prefix: "repository/log"),
        Forgetful(operation: .initialise, ofNames: true, prefix: ""),
        Forgetful(operation: .snapshot, ofNames: false, prefix: "repository/packs"),
        Forgetful(operation: .snapshot, ofNames: false, prefix: "repository/index"),
        Forgetful(operation: .snapshot, ofNames: false, prefix: "repository/snapshots"),
        Forgetful(operation: .snapshot, ofNames: false, prefix: "repository/log"),
        Forgetful(operation: .snapshot, ofNames: true, prefix: "repository/packs/data/"),
        Forgetful(operation: .snapshot, ofNames: true, prefix: "repository/packs/meta/"),
        Forgetful(operation: .snapshot, ofNames: true, prefix: "repository/index"),
        Forgetful(operation: .snapshot, ofNames: true, prefix: "repository/snapshots"),
        Forgetful(operation: .snapshot, ofNames: true, prefix: "repository/log"),
        Forgetful(operation: .restore, ofNames: true, prefix: ""),
        Forgetful(operation: .forget, ofNames: true, prefix: "repository/log"),
        Forgetful(operation: .prune, ofNames: false, prefix: "repository/packs"),
        Forgetful(operation: .prune, ofNames: true, prefix: "repository/packs"),
        Forgetful(operation: .prune, ofNames: true, prefix: "repository/index"),
        Forgetful(operation: .prune, ofNames: true, prefix: "repository/log"),
        Forgetful(operation: .keyAdd, ofNames: false, prefix: "repository/keys"),
        Forgetful(operation: .keyAdd, ofNames: true, prefix: "repository/keys"),
        Forgetful(operation: .keyPasswd, ofNames: true, prefix: "repository/keys"),
        Forgetful(operation: .keyRemove, ofNames: true, prefix: "repository/keys"),
    ]

    /// The order of writes of these is wrong until the end, when all is on the disk.
    static let late: [Forgetful] = [
        Forgetful(operation: .initialise, ofNames: true, prefix: "repository/keys"),
        Forgetful(operation: .snapshot, ofNames: false, prefix: "repository/packs"),
        Forgetful(operation: .snapshot, ofNames: true, prefix: "repository/packs"),
        Forgetful(operation: .snapshot, ofNames: true, prefix: "repository/index"),
        Forgetful(operation: .snapshot, ofNames: true, prefix: "repository/snapshots"),
        Forgetful(operation: .prune, ofNames: true, prefix: "repository/packs/data/"),
        Forgetful(operation: .prune, ofNames: true, prefix: "repository/index"),
        Forgetful(operation: .prune, ofNames: true, prefix: "repository/log"),
        Forgetful(operation: .keyPasswd, ofNames: true, prefix: "repository/keys"),
    ]

    @Test("leaves out a sync", arguments: all)
    func forgets(_ program: Forgetful) throws {
        let crashes = try CrashSweep(program.operation, program.change(untilTheEnd: false))
        #expect(try crashes.findsSomething(at: crashes.lastMoment))
    }

    @Test("syncs later than it says", arguments: late)
    func isLate(_ program: Forgetful) throws {
        let crashes = try CrashSweep(program.operation, program.change(untilTheEnd: true))
        #expect(try crashes.findsSomething(at: crashes.allMoments))
    }
}
