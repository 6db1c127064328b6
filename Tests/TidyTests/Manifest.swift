/// What Package.swift says about the targets, read as text.
struct Manifest {
    struct Target: Equatable {
        let name: String
        /// Names of other targets of this package, in the order they are given.
        let dependencies: [String]
    }

    /// In the order they stand in, bottom up.
    let targets: [Target]
    /// Functions that declare a target, and how many of them use the common settings.
    let compiledDeclarations: Int
    let commonSettings: Int

    init(lines: [String]) {
        let all = lines.joined(separator: "\n")
        let text = all.split(separator: "targets: [\n").dropFirst().joined(
            separator: "targets: [\n")
        let declaration = #/(?:layer|tests|Library|arget)\(\s*(?:name:\s*)?"(\w+)"/#
        let matches = text.matches(of: declaration)
        let names = matches.map { String($0.output.1) }
        let ends = matches.dropFirst().map(\.range.lowerBound) + [text.endIndex]
        targets = zip(matches, ends).map { match, end in
            let words = text[match.range.upperBound..<end].split(separator: "\"").map(String.init)
            return Target(
                name: String(match.output.1), dependencies: words.filter(names.contains))
        }
        compiledDeclarations = all.matches(of: #/\.(?:target|executableTarget|testTarget)\(/#).count
        commonSettings = all.matches(of: #/swiftSettings: settings\b/#).count
    }

    func position(_ name: String) -> Int? { targets.firstIndex { $0.name == name } }

    /// The modules of this package that a file imports, with the places.
    func imports(of file: SourceFile) -> [(module: String, place: String)] {
        file.lines.enumerated().compactMap { index, line in
            let statement = #/^\s*(?:@\S+\s+)*(?:\w+\s+)?import\s+(?:[a-z]+\s+)?(\w+)/#
            guard line.contains("import "), let match = line.firstMatch(of: statement),
                position(String(match.output.1)) != nil
            else { return nil }
            return (String(match.output.1), "\(file.path):\(index + 1)")
        }
    }
}
