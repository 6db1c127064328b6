import TestSupport
import Testing
import VarveStorage

/// One operation, gone through again and again from the same beginning.
final class Sweep {
    let site: Site
    let operation: Operation
    private let kind: String
    private let memory: Site.Memory
    private let aftermath: Aftermath
    private var random: SeededNumbers
    private(set) var points = 0
    /// How many calls failed and how often the power was cut, at all points.
    private var faults = 0
    private(set) var problems: [String] = []

    /// Of so many points one is visited, unless the run is a long one.
    let stride: Int

    init(
        _ operation: Operation, _ kind: String, oneOf stride: Int, isFar: Bool = false
    ) throws {
        self.stride = TestRun.isLong ? 1 : stride
        site = try Site(isFar: isFar)
        self.operation = operation
        self.kind = kind
        try operation.prepare(site)
        memory = try site.memory()
        aftermath = Aftermath(operation, site)
        random = .fresh()
    }

    /// Where to begin with the points that are visited: another one for each seed.
    func firstPoint(oneOf stride: Int? = nil) -> Int { 1 + random.below(stride ?? self.stride) }

    /// Visits one of so many points, until the operation has fewer; of one that has few, at least one.
    ///
    /// `visit` makes something happen at a point, and answers how many the operation came to.
    func walk(oneOf stride: Int? = nil, _ visit: (_ point: Int) throws -> Int) rethrows {
        let stride = stride ?? self.stride
        var point = firstPoint(oneOf: stride)
        while true {
            let count = try visit(point)
            if count < point {
                if point <= stride, count > 0 { _ = try visit(1 + random.below(count)) }
                return
            }
            point += stride
        }
    }

    func number() -> UInt64 { random.next() }

    /// As it is before the operation.
    func storage() throws -> any Storage {
        try site.reset(to: memory)
        return try site.storage(create: operation.creates)
    }

    /// Makes a bucket what the repository is before the operation.
    func fill(_ bucket: any Storage) throws {
        try site.reset(to: memory)
        try site.move(to: bucket)
    }

    /// Runs the operation, within `during`, and looks at what it leaves behind; one that nothing
    /// happened to, or nothing but what is harmless, must do what it is for.
    func visit(
        _ point: String, on storage: any Storage,
        during: (() throws -> Void) throws -> Void = { try $0() }, areHarmless: Bool = false,
        faults: () -> Int
    ) throws {
        points += 1
        let outcome = Result { try during { try operation.run(site, storage) } }
        let isDone = (try? outcome.get()) != nil
        let faults = faults()
        self.faults += faults
        let isUndisturbed = faults == 0 || areHarmless
        if isUndisturbed, case .failure(let error) = outcome {
            note("\(point): nothing failed, and it ends with \(error)")
        }
        if let problem = aftermath.problem(isDone: isDone) {
            note("\(point), \(isDone ? "done" : "ended"): \(problem)")
        }
    }

    func note(_ problem: String) { problems.append(problem) }

    /// What one run of the operation did to the disk.
    struct Record {
        var journal: Journal
        /// Whether the operation said that it was done.
        var isDone: Bool
        /// What is known of snapshots afterwards.
        fileprivate var memory: Site.Memory
    }

    /// Runs the operation once, within `during`, which says whether it came through.
    func record(
        during: (() throws -> Void) throws -> Bool = {
            try $0()
            return true
        }
    ) throws -> Record {
        try site.reset(to: memory)
        let recorder = try JournalRecorder(root: site.machine)
        let isDone = try recorder.run {
            try during { try operation.run(site, site.storage(create: operation.creates)) }
        }
        return Record(journal: recorder.journal, isDone: isDone, memory: try site.memory())
    }

    /// Looks at what a power cut left of the machine after a run, or in the midst of it.
    func look(
        _ point: String, at tree: StoredTree, _ record: Record, isOver: Bool = true, faults: Int = 1
    ) throws {
        points += 1
        self.faults += faults
        try site.reset(to: isOver ? record.memory : memory, tree: tree)
        let isDone = isOver && record.isDone
        if let problem = aftermath.problem(isDone: isDone) {
            note("\(point)\(isDone ? ", done" : ""): \(problem)")
        }
    }

    /// Says how far it went, and fails the test for what it found.
    func end() {
        print(
            "\(operation.name), \(kind): \(points) points, \(faults) faults, "
                + "\(problems.count) failed")
        #expect(faults > 0, "nothing was disturbed")
        let few = problems.prefix(5).joined(separator: "\n")
        #expect(problems.isEmpty, "seed \(random.seed): \(problems.count) of \(points):\n\(few)")
    }
}
