/// Reads the names in a file of secrets, in their order, each once.
///
/// Anything unexpected refuses the whole file: what looks like a name may be part of a value.
enum SecretNames {
    static let countMax = 10_000
    static let nameBytesMax = 256

    static func read(_ bytes: [UInt8], _ format: SecretFormat) throws(SecretFailure) -> [String] {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw SecretFailure(line: nil, "it is not UTF-8")
        }
        let names =
            switch format {
            case .env: try EnvironmentFile.names(in: text)
            case .ini: try SettingsFile.names(in: text)
            case .json, .yaml: try paths(in: bytes)
            case .file: [String]()
            }
        guard names.count <= countMax else {
            throw SecretFailure(line: nil, "it has more than \(countMax) names")
        }
        guard names.allSatisfy({ $0.utf8.count <= nameBytesMax }) else {
            throw SecretFailure(line: nil, "a name has more than \(nameBytesMax) bytes")
        }
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }

    /// The paths of all values of a document.
    private static func paths(in bytes: [UInt8]) throws(SecretFailure) -> [String] {
        let root: YAMLNode?
        do throws(Mistake) {
            root = try YAMLReading.node(of: bytes)
        } catch {
            // The sentence of the mistake may repeat a part of the file.
            throw SecretFailure(line: error.place.line, "it cannot be read as YAML or JSON")
        }
        guard let root else { return [] }
        guard case .mapping = root.content else {
            throw SecretFailure(line: root.place.line, "it is no mapping of names to values")
        }
        var names: [String] = []
        collect(root, "", &names)
        return names
    }

    private static func collect(_ node: YAMLNode, _ path: String, _ names: inout [String]) {
        switch node.content {
        case .mapping(let entries) where !entries.isEmpty:
            for entry in entries {
                collect(entry.value, path.isEmpty ? entry.key : "\(path).\(entry.key)", &names)
            }
        case .list(let items) where !items.isEmpty:
            for item in items { collect(item, path + "[]", &names) }
        default: names.append(path)
        }
    }

    /// Whether a text is a name beyond doubt, and not a part of something secret.
    static func isName(_ name: Substring, more: String) -> Bool {
        guard let first = name.utf8.first, !(48...57).contains(first) else { return false }
        return name.unicodeScalars.allSatisfy { scalar in
            scalar.isASCII
                && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                    || more.unicodeScalars.contains(scalar))
        }
    }
}
