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
    let directory: SharedFile
    let name: [UInt8]
    /// The directory's.
    let path: [UInt8]

    var shown: String { String(decoding: path + [UInt8(ascii: "/")] + name, as: UTF8.self) }

    func readLink() throws(SystemError) -> [UInt8] { try directory.file.readLink(name) }

    func extendedAttributes() throws(SystemError) -> [(name: [UInt8], value: [UInt8])] {
        try directory.file.extendedAttributes(of: name)
    }
}

/// At a path whose directories may be passed, but perhaps not opened.
struct SourceLocation: Location {
    let path: String

    var shown: String { path }

    func readLink() throws(SystemError) -> [UInt8] { try File.readLink(at: path) }

    func extendedAttributes() throws(SystemError) -> [(name: [UInt8], value: [UInt8])] {
        try File.extendedAttributes(at: path)
    }
}
