/// A value of a YAML document, and where it stands. What a scalar means its reader decides: all are texts.
struct YAMLNode: Sendable, Equatable {
    indirect enum Content: Sendable, Equatable {
        /// Nothing, or a plain `~` or `null`.
        case empty
        /// `isPlain` without quotes.
        case text(String, isPlain: Bool)
        case list([YAMLNode])
        /// In their order; a key may stand there twice.
        case mapping([YAMLEntry])
    }

    var content: Content
    /// From 1.
    var place: FilePlace
}

/// A key and its value.
struct YAMLEntry: Sendable, Equatable {
    var key: String
    var keyPlace: FilePlace
    var value: YAMLNode
}

/// A line and a column of a file, both from 1.
public struct FilePlace: Sendable, Equatable, Comparable {
    public var line: Int
    public var column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    public static func < (a: FilePlace, b: FilePlace) -> Bool {
        (a.line, a.column) < (b.line, b.column)
    }
}

/// What is wrong in a file. It never repeats more than a key or a short value.
public struct Mistake: Error, Sendable, Equatable {
    public var place: FilePlace
    public var text: String

    public init(_ place: FilePlace, _ text: String) {
        self.place = place
        self.text = text
    }
}
