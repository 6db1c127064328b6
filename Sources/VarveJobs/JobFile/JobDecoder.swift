import VarveArchive
import VarveCodec
import VarveSources
import VarveSystem

/// Reads jobs out of a document, and notes all that is wrong.
struct JobDecoder {
    let paths: JobPaths
    /// The file's name, for the origins of patterns.
    let file: String
    let mistakes: Mistakes

    static let nameBytesMax = 64
    static let connectionsRange = 1...64
    static let rateRange = 1...(1 << 30)
    static let databaseJobsRange = 1...32

    init(paths: JobPaths, file: String, _ mistakes: Mistakes) {
        self.paths = paths
        self.file = file
        self.mistakes = mistakes
    }

    func jobs(of root: YAMLNode) -> [Job] {
        guard
            let top = YAMLFields(root, of: "the file", known: JobKeys.top, mistakes)
        else { return [] }
        var defaults: [YAMLEntry] = []
        if let node = top.node("defaults") {
            if let fields = YAMLFields(node, of: "defaults", known: JobKeys.defaults, mistakes) {
                // Also what no job uses is looked at.
                _ = job("", fields)
            }
            if case .mapping(let entries) = node.content {
                defaults = entries.filter { JobKeys.defaults.contains($0.key) }
            }
        }
        guard let jobs = top.node("jobs") else {
            if !top.has("jobs") { mistakes.add(root.place, "there is no key jobs with jobs in it") }
            return []
        }
        guard case .mapping(let entries) = jobs.content else {
            mistakes.add(jobs.place, "jobs is a mapping from names to jobs")
            return []
        }
        var names: Set<String> = []
        return entries.compactMap { entry in
            if !Self.isName(entry.key) {
                mistakes.add(
                    entry.keyPlace,
                    "'\(Shown.short(entry.key))' is no name of a job; it is of letters, digits, '.', '_' and "
                        + "'-', up to \(Self.nameBytesMax)")
            } else if !names.insert(entry.key).inserted {
                mistakes.add(entry.keyPlace, "the job \(entry.key) stands here for the second time")
            }
            return job(entry, defaults)
        }
    }

    private static func isName(_ name: String) -> Bool {
        let isPlain = name.utf8.allSatisfy { byte in
            switch UnicodeScalar(byte) {
            case "a"..."z", "A"..."Z", "0"..."9", ".", "_", "-": true
            default: false
            }
        }
        return isPlain && (1...nameBytesMax).contains(name.utf8.count)
            && name.utf8.first != UInt8(ascii: ".") && name.utf8.first != UInt8(ascii: "-")
    }

    /// A job with what it has not got itself from the defaults.
    private func job(_ entry: YAMLEntry, _ defaults: [YAMLEntry]) -> Job? {
        guard case .mapping(let own) = entry.value.content else {
            mistakes.add(
                entry.keyPlace, "the job \(Shown.short(entry.key)) is a mapping with sources in it")
            return nil
        }
        var given = Set(own.map(\.key))
        if !given.isDisjoint(with: JobKeys.opening) { given.formUnion(JobKeys.opening) }
        let fields = YAMLFields(
            own + defaults.filter { !given.contains($0.key) }, entry.keyPlace, of: "a job",
            known: JobKeys.job, mistakes)
        var job = job(entry.key, fields)
        job.sources = sources(fields)
        if job.sources.isEmpty, fields.node("sources").map({ $0.content == .list([]) }) ?? true {
            mistakes.add(entry.keyPlace, "the job \(Shown.short(entry.key)) has no sources")
        }
        return job
    }

    /// All but the sources.
    private func job(_ name: String, _ fields: YAMLFields) -> Job {
        var job = Job(name: name)
        job.excludes = excludes(fields)
        job.databases = databases(fields)
        job.tags = tags(fields)
        job.host = fields.text("host")
        job.description = fields.text("description") ?? ""
        job.secrets = secrets(fields)
        job.hooks = hooks(fields)
        job.retention = retention(fields)
        job.destinations = (fields.texts("sync") ?? []).map(paths.repository)
        job.access = access(fields)
        job.compression = fields.value(
            "compression", "a level from 1 to 19, auto or off", Self.level)
        job.proof = proof(fields)
        return job
    }

    private func tags(_ fields: YAMLFields) -> [String] {
        (fields.places("tags") ?? []).compactMap { tag, place in
            guard !tag.contains(",") else {
                mistakes.add(place, "'\(Shown.short(tag))' has a comma, which no tag has")
                return nil
            }
            return tag
        }
    }

    private static func level(_ text: String) -> CompressionLevel? {
        switch text {
        case "auto": .standard
        case "off": .off
        default:
            Int(text).flatMap { CompressionLevel.range.contains($0) ? .zstd($0) : nil }
        }
    }

    private func databases(_ fields: YAMLFields) -> SourceOptions {
        var options = SourceOptions()
        guard let node = fields.node("databases"),
            let own = YAMLFields(node, of: "databases", known: JobKeys.databases, mistakes)
        else { return options }
        if let jobs = own.number("jobs", in: Self.databaseJobsRange) { options.jobs = jobs }
        if let globals = own.flag("globals") { options.globals = globals }
        if let finds = own.value(
            "sqlite_files", "auto or off", { ["auto": true, "off": false][$0] })
        {
            options.findsDatabases = finds
        }
        if let checks = own.flag("integrity_check") { options.sqlite.isVerified = checks }
        return options
    }

    private func access(_ fields: YAMLFields) -> JobAccess {
        var access = JobAccess()
        access.repository = fields.text("repository").map(paths.repository)
        access.keyFile = fields.text("key_file").map(paths.absolute)
        access.passphraseFile = fields.text("passphrase_file").map(paths.absolute)
        access.passphraseCommand = fields.text("passphrase_command")
        let named = JobKeys.opening.filter(fields.has)
        if named.count > 1, let node = fields.node(named[1]) {
            mistakes.add(node.place, "\(named.joined(separator: " and ")) exclude each other")
        }
        access.limitUpload = fields.number("limit_upload", in: Self.rateRange)
        access.limitDownload = fields.number("limit_download", in: Self.rateRange)
        access.connections = fields.number("connections", in: Self.connectionsRange)
        access.storageOptions = fields.texts("storage_options") ?? []
        return access
    }

    private func excludes(_ fields: YAMLFields) -> ExcludeRules {
        var rules = ExcludeRules()
        for (key, ignoringCase) in [("exclude", false), ("iexclude", true)] {
            for (pattern, place) in fields.places(key) ?? [] {
                let pattern = pattern.hasPrefix("~/") ? paths.absolute(pattern) : pattern
                do {
                    try rules.add(
                        RawText.bytes(pattern), ignoringCase: ignoringCase,
                        from: .line(place.line, file: file))
                } catch {
                    mistakes.add(place, "the pattern '\(Shown.short(pattern))': \(error.reason)")
                }
            }
        }
        if fields.flag("exclude_caches") == true { rules.markers.append(.cacheTag) }
        for (text, place) in fields.places("exclude_if_present") ?? [] {
            guard let marker = ExcludeMarker(text) else {
                mistakes.add(place, "'\(Shown.short(text))' is no name of a file, or NAME:HEADER")
                continue
            }
            rules.markers.append(marker)
        }
        rules.bytesMax = fields.value("exclude_larger_than", "a size like 100M", SizeText.bytes)
        rules.oneFileSystem = fields.flag("one_file_system") ?? false
        return rules
    }
}
