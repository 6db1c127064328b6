/// What every storage accepts as an object's name.
enum StorageName {
    /// Behind the name of the second copy.
    static let copySuffix = ".copy"
    /// In front of the last component of what is not finished.
    static let temporaryPrefix = ".tmp-"
    /// The file that keeps room for `forget` and `prune` on a full disk.
    static let reserve = "reserve"

    /// Refuses what is not a relative path of plain components, and the names that storages keep for
    /// themselves.
    static func check(_ name: String) throws(StorageError) {
        try checkComponents(name[...], of: name)
        if name.utf8.count > 1024 { throw refusal(name, "a name has at most 1024 bytes") }
        if name == reserve { throw refusal(name, "the name is reserved") }
        if name.hasSuffix(copySuffix) {
            throw refusal(name, "names that end in \(copySuffix) are for second copies")
        }
    }

    /// Accepts the empty prefix and those that end in "/".
    static func checkPrefix(_ prefix: String) throws(StorageError) {
        if prefix.isEmpty { return }
        guard prefix.utf8.last == UInt8(ascii: "/") else {
            throw refusal(prefix, "a prefix is empty or ends in /")
        }
        try checkComponents(prefix.dropLast(), of: prefix)
    }

    private static func checkComponents(
        _ path: Substring, of name: String
    ) throws(StorageError) {
        let slash = UInt8(ascii: "/")
        for component in path.utf8.split(separator: slash, omittingEmptySubsequences: false) {
            if component.isEmpty { throw refusal(name, "a name has no empty component") }
            if component.count > 200 { throw refusal(name, "a component has at most 200 bytes") }
            if !isPlain(component) {
                throw refusal(name, "a name holds only visible ASCII characters")
            }
            if component.elementsEqual(".".utf8) || component.elementsEqual("..".utf8) {
                throw refusal(name, "a name has no component that is . or ..")
            }
            if component.starts(with: temporaryPrefix.utf8) {
                throw refusal(
                    name, "names that start with \(temporaryPrefix) are for unfinished files")
            }
        }
    }

    /// Visible ASCII only, which every storage keeps as it is and sorts alike.
    static func isPlain(_ component: some Sequence<UInt8>) -> Bool {
        component.allSatisfy { $0 > 0x20 && $0 < 0x7f }
    }

    private static func refusal(_ name: String, _ reason: String) -> StorageError {
        StorageError(.refused, String(reflecting: name), reason)
    }

    static func path(_ name: String, _ copy: Copy) -> String {
        copy == .first ? name : name + copySuffix
    }

    /// Byte order, which is not the order of `String`.
    static func precedes(_ a: String, _ b: String) -> Bool {
        a.utf8.lexicographicallyPrecedes(b.utf8)
    }
}
