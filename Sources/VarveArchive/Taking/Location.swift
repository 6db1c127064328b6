import VarveSystem

/// Where an entry lies that is looked at without being opened.
protocol Location {
    /// Its path, as text for people.
    var shown: String { get }
    func readLink() throws(SystemError) -> [UInt8]
    func extendedAttributes() throws(SystemError) -> [(name: [UInt8], value: [UInt8])]
}

/// In an open directory.
struct EntryLocation: Location {
    let directory: PendingDirectory
    let handle: SharedFile
    let name: [UInt8]

    var shown: String { directory.displayPath(of: name) }

    func readLink() throws(SystemError) -> [UInt8] { try handle.file.readLink(name) }

    func extendedAttributes() throws(SystemError) -> [(name: [UInt8], value: [UInt8])] {
        try handle.file.extendedAttributes(of: name)
    }
}

/// At a path whose directories may be passed, but perhaps not opened.
struct SourceLocation: Location {
    let path: [UInt8]

    var shown: String { RawText.text(path) }

    func readLink() throws(SystemError) -> [UInt8] { try File.readLink(at: path) }

    func extendedAttributes() throws(SystemError) -> [(name: [UInt8], value: [UInt8])] {
        try File.extendedAttributes(at: path)
    }
}
