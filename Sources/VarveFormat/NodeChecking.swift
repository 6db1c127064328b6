extension Node {
    /// Throws unless the node is one that a reader accepts, whatever file system it came from.
    public func check() throws(FormatError) {
        guard Self.isValid(name: name) else { throw .invalid("an entry's name is not allowed") }
        let hasContent = kind == .directory || kind == .file
        let isDevice = kind == .characterDevice || kind == .blockDevice
        guard mode <= 0o7777, (content != nil) == hasContent, (target != nil) == (kind == .symlink),
            (device != nil) == isDevice, hardLinkGroup == nil || kind != .directory,
            (hardLinkGroup ?? 1) >= 1, kind == .directory || content?.literal == nil,
            kind == .file || holes.isEmpty,
            kind == .directory
                ? (0...FormatLimit.entriesBelow).contains(entriesBelow)
                : entriesBelow == 0 && !isPartial
        else { throw .invalid("an entry's attributes do not fit its type") }
        guard (target?.count ?? 0) <= FormatLimit.targetBytes else {
            throw .invalid("a symbolic link's target is too long")
        }
        guard attributes.allSatisfy({ (1...FormatLimit.nameBytes).contains($0.name.count) }) else {
            throw .invalid("an extended attribute's name is not allowed")
        }
        try content?.check()
        try checkHoles()
    }

    private func checkHoles() throws(FormatError) {
        var dataBytes = 0
        var size = content?.size ?? 0
        for hole in holes {
            guard (0...FormatLimit.streamBytes).contains(hole.dataBytes),
                (1...FormatLimit.streamBytes).contains(hole.holeBytes)
            else { throw .invalid("a file's holes are out of bounds") }
            dataBytes += hole.dataBytes
            size += hole.holeBytes
            guard dataBytes <= content?.size ?? 0, size <= FormatLimit.streamBytes else {
                throw .invalid("a file's holes lie outside it")
            }
        }
    }
}
