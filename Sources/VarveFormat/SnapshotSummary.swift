/// What a listing of snapshots shows, so that it reads no manifest.
public struct SnapshotSummary: Sendable, Equatable {
    /// Nanoseconds since 1970.
    public var time: Int64
    public var host: String
    public var user: String
    public var sources: [String]
    public var tags: [String]
    public var description: String
    /// Whether something could not be read.
    public var isIncomplete: Bool
    public var files: Int
    public var directories: Int
    /// Bytes of all files.
    public var bytes: Int
    public var chunksNew: Int
    /// Plain bytes of the new chunks.
    public var bytesNew: Int
    /// Bytes that the new chunks take in the storage.
    public var bytesStored: Int
    public var errors: Int
    public var durationNanoseconds: Int64

    public init(
        time: Int64, host: String, user: String, sources: [String], tags: [String] = [],
        description: String = "", isIncomplete: Bool = false, files: Int = 0,
        directories: Int = 0, bytes: Int = 0, chunksNew: Int = 0, bytesNew: Int = 0,
        bytesStored: Int = 0, errors: Int = 0, durationNanoseconds: Int64 = 0
    ) {
        self.time = time
        self.host = host
        self.user = user
        self.sources = sources
        self.tags = tags
        self.description = description
        self.isIncomplete = isIncomplete
        self.files = files
        self.directories = directories
        self.bytes = bytes
        self.chunksNew = chunksNew
        self.bytesNew = bytesNew
        self.bytesStored = bytesStored
        self.errors = errors
        self.durationNanoseconds = durationNanoseconds
    }

    func encode(into writer: inout ByteWriter) {
        writer.write(time)
        writer.write(text: host)
        writer.write(text: user)
        writer.write(texts: sources)
        writer.write(texts: tags)
        writer.write(text: description)
        writer.write(UInt8(isIncomplete ? 1 : 0))
        for count in [files, directories, bytes, chunksNew, bytesNew, bytesStored, errors] {
            writer.write(count: count)
        }
        writer.write(durationNanoseconds)
    }

    init(_ reader: inout ByteReader) throws(FormatError) {
        time = try reader.integer(Int64.self)
        host = try reader.text()
        user = try reader.text()
        sources = try reader.texts()
        tags = try reader.texts()
        description = try reader.text()
        isIncomplete = try reader.flag()
        files = try reader.number()
        directories = try reader.number()
        bytes = try reader.number()
        chunksNew = try reader.number()
        bytesNew = try reader.number()
        bytesStored = try reader.number()
        errors = try reader.number()
        durationNanoseconds = try reader.integer(Int64.self)
    }
}

extension SnapshotSummary {
    /// What a manifest says in short.
    public init(_ manifest: SnapshotManifest) {
        let counts = manifest.counts
        self.init(
            time: manifest.time, host: manifest.host, user: manifest.user,
            sources: manifest.sources.map(\.displayName), tags: manifest.tags,
            description: manifest.description, isIncomplete: manifest.isIncomplete,
            files: counts.files, directories: counts.directories, bytes: counts.bytes,
            chunksNew: counts.chunksNew, bytesNew: counts.bytesNew,
            bytesStored: counts.bytesStored, errors: counts.errors,
            durationNanoseconds: Int64(exactly: (manifest.durationSeconds * 1e9).rounded()) ?? 0)
    }
}

extension SnapshotManifest.Source {
    public var displayName: String { String(decoding: name, as: UTF8.self) }
}
