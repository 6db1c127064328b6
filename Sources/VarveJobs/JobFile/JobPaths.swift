/// Paths of a file of jobs: relative to its directory, with `~/` for the home directory, and nothing else.
struct JobPaths: Sendable {
    var directory: String
    var home: String

    func absolute(_ path: String) -> String {
        if path == "~" { return home }
        if path.hasPrefix("~/") { return joined(home, String(path.dropFirst(2))) }
        return path.hasPrefix("/") ? path : joined(directory, path)
    }

    /// A repository: a bucket stays as it is.
    func repository(_ place: String) -> String {
        place.hasPrefix("s3:") ? place : absolute(place)
    }

    private func joined(_ directory: String, _ path: String) -> String {
        if path == "." { return directory }
        let path = path.hasPrefix("./") ? String(path.dropFirst(2)) : path
        return (directory == "/" ? "" : directory) + "/" + path
    }
}
