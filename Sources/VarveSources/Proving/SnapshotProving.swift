public import VarveArchive
public import VarveFormat
public import VarveRepository
import VarveSystem

/// Restores what a snapshot's sources are of, looks at it and removes it.
///
/// PostgreSQL databases go into a scratch server, SQLite databases into a scratch file, JSON files into memory. Files of other sources are not restored: whoever
/// calls reads every byte of them. Throws only when nothing could be tried; what fails is in the report.
public struct SnapshotProving {
    private let entry: RepositoryState.SnapshotEntry
    private let repository: Repository
    private let questions: ProofQuestions
    private let jobs: Int

    public init(
        _ entry: RepositoryState.SnapshotEntry, _ repository: Repository,
        _ questions: ProofQuestions, jobs: Int = 2
    ) {
        self.entry = entry
        self.repository = repository
        self.questions = questions
        self.jobs = jobs
    }

    public func run(progress: Progress) throws -> ProofReport {
        var report = ProofReport()
        let sources = try repository.manifest(entry).sources
        let places = try databases(of: sources)
        for place in places {
            var proof = SourceProof(name: Self.name(place, sources), kind: .postgres)
            try Self.note(in: &proof) { proof in
                let isAsked = try isAsked(place, among: places)
                try PostgresProof(
                    dump: DumpedDatabase(at: place, named: nil, of: entry, repository),
                    questions: isAsked ? questions : ProofQuestions(), jobs: jobs,
                    progress: progress
                ).run(&proof)
            }
            report.sources.append(proof)
        }
        for source in sources where source.kind != .postgres {
            var proof = SourceProof(name: RawText.text(source.name), kind: source.kind)
            try Self.note(in: &proof) { proof in try prove(source, &proof, progress) }
            report.sources.append(proof)
        }
        guard questions.isEmpty || !places.isEmpty else {
            throw DatabaseError("the snapshot has no database that could be asked")
        }
        return report
    }

    /// What would be done, in sentences; nothing is restored.
    public func plan() throws -> [String] {
        let sources = try repository.manifest(entry).sources
        let databases = try databases(of: sources).map { place in
            let dump = try DumpedDatabase(at: place, named: nil, of: entry, repository)
            let programs = try ServerPrograms.find(
                for: PostgresVersion(dump.manifest.serverVersion))
            return "\(Self.name(place, sources)) would be restored into a scratch server of "
                + "PostgreSQL \(programs.version) (tables: \(dump.manifest.tables.count))"
        }
        return databases
            + sources.filter { $0.kind != .postgres }.map { source in
                let what =
                    switch source.kind {
                    case .json: "parsed and compared"
                    case .sqlite: "restored into a scratch file"
                    default: "read whole"
                    }
                return "\(RawText.text(source.name)) would be \(what)"
            }
    }

    /// The directories of the dumps that the snapshot holds.
    private func databases(of sources: [SnapshotManifest.Source]) throws -> [[[UInt8]]] {
        let count = sources.count { $0.kind == .postgres }
        guard count > 0 else { return [] }
        let places = try DumpedDatabase.places(in: entry, repository)
        guard places.count == count else {
            throw DatabaseError(
                "the snapshot is of \(count) PostgreSQL databases, and holds \(places.count)")
        }
        return places
    }

    /// Which of the sources a dump is of.
    private static func name(_ place: [[UInt8]], _ sources: [SnapshotManifest.Source]) -> String {
        let shown = "/" + place.map(RawText.text).joined(separator: "/")
        let named = sources.filter { $0.kind == .postgres }
        guard named.count == 1, let only = named.first else { return shown }
        return RawText.text(only.name)
    }

    private func isAsked(_ place: [[UInt8]], among places: [[[UInt8]]]) throws -> Bool {
        guard !questions.isEmpty else { return false }
        let names = places.compactMap(\.last).map(RawText.text)
        guard let wanted = questions.database.map(ObjectFileName.encoded) else {
            guard places.count == 1 else {
                throw DatabaseError(
                    "the snapshot has several databases (\(names.joined(separator: ", "))); say with "
                        + "--database which one is asked")
            }
            return true
        }
        guard names.contains(wanted) else {
            throw DatabaseError("the snapshot has no database \(wanted)")
        }
        return place.last.map(RawText.text) == wanted
    }

    private func prove(
        _ source: SnapshotManifest.Source, _ proof: inout SourceProof, _ progress: Progress
    ) throws {
        switch source.kind {
        case .json: try JSONProof(source: source).run(&proof, entry, repository)
        case .sqlite: try SQLiteProof(source: source).run(&proof, entry, repository, progress)
        default: proof.notes.append("its files were read whole, and are not restored to disk")
        }
    }

    /// What fails is kept as a sentence; interrupts and damage of the repository end everything.
    private static func note(
        in proof: inout SourceProof, _ body: (inout SourceProof) throws -> Void
    ) throws {
        do {
            try body(&proof)
        } catch let error as DatabaseError {
            proof.failures.append(error.description)
        } catch let error as SQLiteError {
            proof.failures.append("\(error)")
        } catch let error as SystemError {
            proof.failures.append(error.description)
        }
    }
}
