import VarveSystem

/// Files that no snapshot may hold, known by their paths and by what they are.
struct WithheldFiles {
    private var names: Set<[UInt8]> = []
    private var paths: Set<[UInt8]> = []
    private let identities: [EntryIdentity: String]

    init(_ files: [String]) {
        identities = EntryIdentity.of(files)
        for file in files {
            for path in [RawText.bytes(file), Self.withoutLinks(file)] {
                paths.insert(path)
                if let name = path.split(separator: UInt8(ascii: "/")).last {
                    names.insert(Array(name))
                }
            }
        }
    }

    /// The path with the links on the way followed, but not itself.
    private static func withoutLinks(_ path: String) -> [UInt8] {
        let name = path.split(separator: "/").last ?? ""
        guard let directory = try? File.realPath(File.parent(of: path)) else {
            return RawText.bytes(path)
        }
        return RawText.bytes((directory == "/" ? "" : directory) + "/" + name)
    }

    /// Whether the entry of a directory is one of them.
    func holds(_ name: [UInt8], _ status: FileStatus, in directory: PendingDirectory) -> Bool {
        guard !paths.isEmpty else { return false }
        if status.kind != .directory, identities[EntryIdentity(status)] != nil { return true }
        return names.contains(name) && paths.contains(directory.path(of: name))
    }
}
