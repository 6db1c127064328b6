import VarveFormat

/// What a person writes to name a stored object.
public enum ObjectChoice: Sendable, Equatable {
    case descriptor
    case record(UInt64)
    /// What the log adds up to now.
    case currentState
    case state(String)
    /// By the start of the manifest's name.
    case manifest(String)
    /// By the start of the snapshot's id.
    case snapshot(String)
    case segment(String)
    case slot(String)
    case keyring(String)
    case pack(String)
    case chunk(String)
    /// Digits without a word what they stand for.
    case anything(String)

    /// Reads `varve.json`, `log/17` or `17`, `state`, `index/ID`, `packs/data/3f/ID`, `chunk ID` and
    /// the like; an id may be cut short. Nil when the text is none of these.
    public init?(_ text: String) {
        let words = text.split(whereSeparator: { $0 == "/" || $0 == " " }).map(String.init)
        guard let first = words.first, let last = words.last else { return nil }
        if words == [ObjectName.repository] {
            self = .descriptor
        } else if words == ["state"] {
            self = .currentState
        } else if words.count == 1 {
            guard Self.isHex(first) else { return nil }
            self = .anything(first)
        } else {
            self.init(kind: first, last, words.count)
        }
    }

    private init?(kind: String, _ id: String, _ words: Int) {
        if kind == "log" || kind == "record" {
            guard words == 2, let number = UInt64(id) else { return nil }
            self = .record(number)
            return
        }
        guard Self.isHex(id), words == 2 || kind == "packs" && words <= 4 else { return nil }
        switch kind {
        case "state": self = .state(id)
        case "snapshots": self = .manifest(id)
        case "snapshot": self = .snapshot(id)
        case "index": self = .segment(id)
        case "keys", "key": self = .slot(id)
        case "keyrings", "keyring": self = .keyring(id)
        case "packs", "pack": self = .pack(id)
        case "chunk": self = .chunk(id)
        default: return nil
        }
    }

    private static func isHex(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x66).contains($0)
            }
    }
}
