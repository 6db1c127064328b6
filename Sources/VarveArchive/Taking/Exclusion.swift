/// Why an entry is left out of a snapshot.
public struct Exclusion: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        case pattern, marker, cache, size, own
        case fileSystem = "file_system"
        case database
    }

    public var kind: Kind
    /// In words for people: which rule, and where it was written.
    public var reason: String

    static func pattern(_ text: String, _ origin: ExcludeRules.Origin) -> Exclusion {
        Exclusion(kind: .pattern, reason: "pattern \(text) (\(origin))")
    }

    static func size(limit: Int) -> Exclusion {
        Exclusion(kind: .size, reason: "it is larger than \(limit) bytes")
    }

    static func marker(_ marker: ExcludeMarker) -> Exclusion {
        let name = String(decoding: marker.name, as: UTF8.self)
        return Exclusion(
            kind: marker == .cacheTag ? .cache : .marker, reason: "what it holds beside \(name)")
    }

    static let own = Exclusion(kind: .own, reason: "it is Varve's own")

    static let database = Exclusion(
        kind: .database, reason: "it is a part of the database beside it, with which it is read")

    static let fileSystem = Exclusion(
        kind: .fileSystem, reason: "it lies on another file system")
}
