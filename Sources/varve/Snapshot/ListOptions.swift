import ArgumentParser

/// Lists of what a snapshot is taken of.
struct ListOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Also what the patterns in this file name, one a line; `-` is standard input.",
            valueName: "file"), completion: .file())
    var filesFrom: [String] = []

    @Option(
        help: ArgumentHelp("Also the paths in this file, one a line.", valueName: "file"),
        completion: .file())
    var filesFromVerbatim: [String] = []

    @Option(
        help: ArgumentHelp(
            "Also the paths in this file, each with a NUL byte behind it.", valueName: "file"),
        completion: .file())
    var filesFromRaw: [String] = []

    var isEmpty: Bool { filesFrom.isEmpty && filesFromVerbatim.isEmpty && filesFromRaw.isEmpty }

    /// The paths that the lists name, in their order; what a pattern names is looked up.
    func paths() throws -> [[UInt8]] {
        let all = filesFrom + filesFromVerbatim + filesFromRaw
        guard all.count(where: { $0 == "-" }) <= 1 else {
            throw Failure.usage("standard input can be one list only")
        }
        var paths: [[UInt8]] = []
        for file in filesFrom { paths += try PathList(file).globbed() }
        for file in filesFromVerbatim { paths += try PathList(file).verbatim() }
        for file in filesFromRaw { paths += try PathList(file).raw() }
        return paths
    }
}
