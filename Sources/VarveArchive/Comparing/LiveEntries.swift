import VarveFormat
import VarveSystem

/// The entries of one directory of this machine that a snapshot of it would have, in order of their names.
struct LiveEntries {
    struct Entry {
        var name: [UInt8]
        var status: FileStatus
        /// Whether it is a database with more in its log than in its file.
        var hasLog: Bool
    }

    private(set) var entries: [Entry] = []
    /// Whether a marker says that only the marker itself belongs to it.
    private(set) var isMarked = false
    /// What is there, and belongs to no snapshot of it.
    private(set) var leftOut: Set<[UInt8]> = []
    /// What could not be looked at, and why.
    private(set) var failures: [(name: [UInt8], error: SystemError)] = []

    /// Lists the directory at an absolute path, which is empty for the root.
    init(
        _ directory: SharedFile, at path: [UInt8], _ options: LiveOptions,
        own: [EntryIdentity: String], device: UInt64?
    ) throws(SystemError) {
        let names = try directory.file.entryNames()
        let databases =
            options.databases == nil ? SQLiteNames() : SQLiteNames(names, in: directory)
        let marker = options.excludes.markers.first { marker in
            marker.marks(directory.file) { names.contains($0) }
        }
        isMarked = marker != nil
        for index in 0..<names.count {
            let name = names[index]
            if let marker, marker.name != name { continue }
            let status: FileStatus
            do throws(SystemError) {
                status = try directory.file.status(of: name)
            } catch {
                // What has gone meanwhile is not there.
                if !error.isMissing { failures.append((name, error)) }
                continue
            }
            guard Node.isValid(name: name), !databases.isCompanion(name),
                Node.Kind(status.kind) != nil,
                status.kind != .directory || own[EntryIdentity(status)] == nil,
                device == nil || status.device == device,
                options.excludes.exclusion(of: name, status, in: path) == nil
            else {
                leftOut.insert(name)
                continue
            }
            entries.append(Entry(name: name, status: status, hasLog: databases.hasLog(name)))
        }
    }

    /// Whether it is known that there is nothing of this name.
    func lack(_ name: [UInt8]) -> Bool {
        !isMarked && !leftOut.contains(name) && !failures.contains { $0.name == name }
    }
}

extension Node {
    /// What a snapshot would say of an entry of a directory, but for a file's content, of which it only says
    /// how long it is; nil for what no snapshot holds.
    init?(
        live entry: LiveEntries.Entry, in directory: SharedFile, _ names: inout AccountNames
    ) throws(SystemError) {
        let status = entry.status
        guard let kind = Kind(status.kind) else { return nil }
        self.init(kind: kind, name: entry.name)
        (mode, uid, gid, modified) = (status.mode, status.uid, status.gid, status.mtime)
        (user, group) = names.names(status.uid, status.gid)
        switch kind {
        case .symlink: target = try directory.file.readLink(entry.name)
        case .characterDevice, .blockDevice: device = Device(number: status.deviceNumber)
        case .file: content = Content(size: Int(status.size), depth: 0, entries: [])
        case .directory: content = .empty
        case .fifo, .socket: break
        }
        attributes = try directory.file.extendedAttributes(of: entry.name).map {
            Attribute(name: $0.name, value: $0.value)
        }
    }
}
