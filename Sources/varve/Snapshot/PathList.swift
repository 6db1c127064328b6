import VarveArchive
import VarveSystem

/// A file that lists paths.
struct PathList {
    let name: String
    let bytes: [UInt8]

    private static let bytesMax = 1 << 30

    /// Reads a file; `-` is standard input.
    init(_ path: String) throws {
        if path == "-" {
            self.init(
                name: "standard input", try Console.input.contents(limit: Self.bytesMax))
        } else {
            self.init(
                name: Shown.text(path), try File.contents(of: path, limit: Self.bytesMax))
        }
    }

    init(name: String, _ bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    /// A path a line, as it is; empty lines do not count.
    func verbatim() throws -> [[UInt8]] {
        try TextLines.split(bytes[...]).enumerated().compactMap { index, line in
            guard !line.contains(0) else {
                throw Failure.usage(
                    "\(name):\(index + 1) holds a NUL byte; is it a list for --files-from-raw?")
            }
            return line.isEmpty ? nil : Array(line)
        }
    }

    /// Paths with a NUL byte behind each.
    func raw() throws -> [[UInt8]] {
        guard let last = bytes.last else { return [] }
        guard last == 0 else {
            throw Failure.usage(
                "\(name) does not end with a NUL byte, so the list may be cut short; is it one for "
                    + "--files-from?")
        }
        let paths = bytes.dropLast().split(separator: 0, omittingEmptySubsequences: false)
        if let empty = paths.firstIndex(where: \.isEmpty) {
            throw Failure.usage("path \(empty + 1) in \(name) is empty")
        }
        return paths.map(Array.init)
    }

    /// What the patterns name, one a line; white space around a line, empty lines, and lines that
    /// begin with `#` do not count. A pattern that names nothing stands for itself.
    func globbed() throws -> [[UInt8]] {
        guard !bytes.contains(0) else {
            throw Failure.usage("\(name) holds a NUL byte; is it a list for --files-from-raw?")
        }
        return try TextLines.split(bytes[...]).enumerated().flatMap { index, line in
            let pattern = TextLines.trimmed(line)
            guard let first = pattern.first, first != UInt8(ascii: "#") else { return [[UInt8]]() }
            let found = try pathsFitting(Array(pattern), from: .line(index + 1, file: name))
            return found.isEmpty ? [Array(pattern)] : found
        }
    }
}
