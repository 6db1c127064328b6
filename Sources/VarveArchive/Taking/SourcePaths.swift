import VarveSystem

/// The paths of a snapshot's sources: absolute, in order, and none inside another.
struct SourcePaths {
    let paths: [[UInt8]]
    /// Those that were asked for, also inside another.
    let all: [[UInt8]]

    /// More sources than these, or longer ones together, are noted as the one directory that holds
    /// them all, since the log says of each snapshot what it is of.
    static let notedMax = 64
    static let notedBytesMax = 64 << 10

    private static let slash = UInt8(ascii: "/")

    init(_ absolute: some Sequence<[UInt8]>) {
        // With the slash before every other byte, what is in a directory comes right behind it.
        let sorted = Set(absolute).sorted {
            $0.lexicographicallyPrecedes($1) { Self.rank($0) < Self.rank($1) }
        }
        var paths: [[UInt8]] = []
        for path in sorted {
            if let last = paths.last, Self.holds(last, path) { continue }
            paths.append(path)
        }
        all = sorted
        self.paths = paths.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// What the snapshot says that it is of.
    var noted: [[UInt8]] {
        let bytes = paths.reduce(0) { $0 + $1.count }
        return paths.count > Self.notedMax || bytes > Self.notedBytesMax
            ? [Self.deepestDirectory(of: paths)] : paths
    }

    /// The path without `.`, `..` and doubled slashes, from the root on. What ends with a slash or a dot is
    /// followed when it is a symbolic link; `..` leads out of where a link leads.
    ///
    /// `working` is the directory that relative paths start at.
    static func absolute(
        _ path: [UInt8], from working: [UInt8]
    ) throws(SystemError) -> [UInt8] {
        let names = path.split(separator: slash).filter { !$0.elementsEqual(".".utf8) }
        if path.last == slash || path.suffix(2).elementsEqual("/.".utf8) {
            let plain = (path.first == slash ? [slash] : []) + names.joined(separator: [slash])
            if !names.isEmpty, try File.status(of: plain, follow: false).kind == .symlink {
                return try File.realPath(plain)
            }
        }
        let last = names.lastIndex { $0.elementsEqual("..".utf8) }.map { $0 + 1 } ?? 0
        var start = path.first == slash ? [] : working
        if last > 0 {
            let above = names[..<last].joined(separator: [slash])
            start = try File.realPath((path.first == slash ? [slash] : []) + above)
        }
        if start == [slash] { start = [] }
        let absolute = names[last...].reduce(into: start) { $0 += [slash] + $1 }
        return absolute.isEmpty ? [slash] : absolute
    }

    /// No path holds a NUL byte.
    private static func rank(_ byte: UInt8) -> UInt8 { byte == slash ? 0 : byte }

    private static func holds(_ directory: [UInt8], _ path: [UInt8]) -> Bool {
        directory == [slash]
            || path.starts(with: directory) && path.dropFirst(directory.count).first == slash
    }

    /// The deepest directory that all paths, of which there are at least two, lie in.
    private static func deepestDirectory(of paths: [[UInt8]]) -> [UInt8] {
        var common = Array(paths.first?.split(separator: slash).dropLast() ?? [])
        for path in paths {
            let names = path.split(separator: slash)
            common = Array(common.prefix(zip(common, names).prefix { $0 == $1 }.count))
        }
        return common.isEmpty ? [slash] : common.flatMap { [slash] + $0 }
    }
}
