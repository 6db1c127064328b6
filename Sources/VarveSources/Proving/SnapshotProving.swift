public import VarveArchive
public import VarveFormat
public import VarveRepository
import VarveSystem

/// Restores what a snapshot's sources are of, looks at it and removes it.
///
/// PostgreSQL databases go into a scratch server, SQLite databases, also those among files, into a scratch file,
/// JSON files into memory. Other files are not restored: whoever calls reads every byte of them. Throws when nothing is
/// tried, as when it is not clear which database is asked; what fails is in the report.
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
        let databases = try databases(of: sources)
        let asked = try asked(among: databases)
        for database in databases {
            var proof = SourceProof(name: database.name(sources), kind: database.kind)
            let questions = database == asked ? questions : ProofQuestions()
            try Self.note(in: &proof) { proof in
                try prove(database, questions, &proof, progress)
            }
            report.sources.append(proof)
        }
        for source in sources where source.kind != .postgres && source.kind != .sqlite {
            var proof = SourceProof(name: RawText.text(source.name), kind: source.kind)
            try Self.note(in: &proof) { proof in try prove(source, &proof) }
            report.sources.append(proof)
        }
        return report
    }

    /// What would be done, in sentences; nothing is restored.
    public func plan() throws -> [String] {
        let sources = try repository.manifest(entry).sources
        let databases = try databases(of: sources).map { database in
            switch database {
            case .dump(let place):
                let dump = try PostgresDump(at: place, named: nil, of: entry, repository)
                let programs = try ServerPrograms.find(
                    for: PostgresVersion(dump.manifest.serverVersion))
                return "\(database.name(sources)) would be restored into a scratch server of "
                    + "PostgreSQL \(programs.version) (tables: \(dump.manifest.tables.count))"
            case .file: return "\(database.name(sources)) would be restored into a scratch file"
            }
        }
        let others = sources.filter { $0.kind != .postgres && $0.kind != .sqlite }.map {
            "\(RawText.text($0.name)) would be \($0.kind == .json ? "parsed and compared" : "read whole")"
        }
        return databases + others
    }

    /// All that the snapshot holds, also those that were found among files.
    private func databases(of sources: [SnapshotManifest.Source]) throws -> [ProofSubject] {
        let count = sources.count { $0.kind == .postgres }
        let places = count > 0 ? try PostgresDump.places(in: entry, repository) : []
        guard places.count == count else {
            throw SourceError(
                "the snapshot is of \(count) PostgreSQL databases, and holds \(places.count)")
        }
        let found = try SQLiteFinding.paths(in: entry, repository)
        return places.map(ProofSubject.dump) + found.map(ProofSubject.file)
    }

    /// The one that questions go to; nil when there are none.
    private func asked(among databases: [ProofSubject]) throws -> ProofSubject? {
        guard !questions.isEmpty else { return nil }
        let named = questions.database.map { name in databases.filter { $0.isNamed(name) } }
        let possible = named ?? databases
        if possible.count == 1 { return possible[0] }
        guard !databases.isEmpty else {
            throw SourceError("the snapshot has no database that could be asked")
        }
        let names = databases.map(\.shortName).joined(separator: ", ")
        guard possible.isEmpty, let name = questions.database else {
            throw SourceError(
                "the snapshot has several databases (\(names)); say with --database which one is asked"
            )
        }
        throw SourceError("the snapshot has no database \(name); it has \(names)")
    }

    private func prove(
        _ database: ProofSubject, _ questions: ProofQuestions, _ proof: inout SourceProof,
        _ progress: Progress
    ) throws {
        switch database {
        case .dump(let place):
            try PostgresProof(
                dump: PostgresDump(at: place, named: nil, of: entry, repository),
                questions: questions, jobs: jobs, progress: progress
            ).run(&proof)
        case .file(let path):
            try SQLiteProof(path: path, questions: questions)
                .run(&proof, entry, repository, progress)
        }
    }

    private func prove(
        _ source: SnapshotManifest.Source, _ proof: inout SourceProof
    ) throws {
        switch source.kind {
        case .json: try JSONProof(source: source).run(&proof, entry, repository)
        default: proof.notes.append("its files were read whole, and are not restored to disk")
        }
    }

    /// What fails is kept as a sentence; interrupts and damage of the repository end everything.
    private static func note(
        in proof: inout SourceProof, _ body: (inout SourceProof) throws -> Void
    ) throws {
        do {
            try body(&proof)
        } catch let error as SourceError {
            proof.failures.append(error.description)
        } catch let error as SQLiteError {
            proof.failures.append("\(error)")
        } catch let error as SystemError {
            proof.failures.append(error.description)
        }
    }
}
