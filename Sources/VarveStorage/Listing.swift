/// Turns what lies in a storage, twins and all, into the answer of `list`.
struct Listing {
    private var found: [StoredObject] = []
    private var copies: [StoredObject] = []
    let after: String?

    init(after: String?) { self.after = after }

    /// Whether an object of this name, or the object it is a copy of, belongs into the answer.
    func wants(_ name: String) -> Bool {
        guard let after else { return true }
        return StorageName.precedes(after, Listing.plainName(name))
    }

    /// Takes what lies under a name; ".copy" names are set aside.
    mutating func add(_ object: StoredObject) {
        let plain = Listing.plainName(object.name)
        if plain.utf8.count == object.name.utf8.count {
            found.append(object)
        } else {
            copies.append(StoredObject(name: plain, bytes: object.bytes, modified: object.modified))
        }
    }

    /// In byte order, each name once.
    consuming func sorted() -> [StoredObject] {
        if !copies.isEmpty {
            var times = Dictionary(copies.map { ($0.name, $0.modified) }) { min($0, $1) }
            for index in found.indices {
                // One that was put anew is as old as the other.
                guard let time = times.removeValue(forKey: found[index].name) else { continue }
                found[index].modified = min(found[index].modified, time)
            }
            found += copies.filter { times[$0.name] != nil }
        }
        return found.sorted { StorageName.precedes($0.name, $1.name) }
    }

    private static func plainName(_ name: String) -> String {
        name.hasSuffix(StorageName.copySuffix)
            ? String(name.dropLast(StorageName.copySuffix.count)) : name
    }
}
