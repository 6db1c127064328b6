import Glibc
import VarveFormat
import VarveRepository
import VarveSystem

/// Where things lie when nothing else is said: the XDG base directories.
enum Places {
    static let stateForPeople = "$XDG_STATE_HOME/varve, ~/.local/state/varve"

    /// The repository of a person who named none.
    static func repository() throws -> String {
        if Accounts.currentUser == 0, Environment.value("HOME") ?? "" == "",
            try base("XDG_DATA_HOME") == nil
        {
            return "/var/lib/varve"
        }
        return try directory("XDG_DATA_HOME", ".local/share") + "/varve/repository"
    }

    /// The key file of a repository whose key nobody placed elsewhere.
    static func keyFile(_ id: RepositoryID) throws -> String {
        try keyFiles() + "/" + id.hex
    }

    static func keyFiles() throws -> String { try configuration() + "/varve/keys" }

    /// This user's directory of settings, of all programs.
    static func configuration() throws -> String { try directory("XDG_CONFIG_HOME", ".config") }

    /// Where this machine keeps what it knows of repositories.
    static func local(cache option: String?) throws -> LocalDirectories {
        let named = try option ?? Variables.value("VARVE_CACHE_DIR")
        let cache = try named ?? directory("XDG_CACHE_HOME", ".cache") + "/varve"
        return LocalDirectories(
            cache: absolute(cache),
            state: try directory("XDG_STATE_HOME", ".local/state") + "/varve")
    }

    private static func base(_ variable: String) throws -> String? {
        guard let value = Environment.value(variable), !value.isEmpty else { return nil }
        guard value.hasPrefix("/") else {
            throw Failure.usage("\(variable) is '\(value)', which is no absolute path")
        }
        return value
    }

    private static func directory(_ variable: String, _ belowHome: String) throws -> String {
        if let value = try base(variable) { return value }
        let named = Environment.value("HOME").flatMap { $0.isEmpty ? nil : $0 }
        guard let home = named ?? Accounts.homeDirectory() else {
            throw Failure.usage("there is no home directory; set HOME or \(variable)")
        }
        return home + "/" + belowHome
    }

    /// The path from the root of the file system.
    static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let pointer = getcwd(nil, 0) else { return path }
        defer { free(pointer) }
        return String(cString: pointer) + "/" + path
    }

    /// The path from the root of the file system, without `.`, `..` and slashes at its end, as
    /// snapshots note their sources.
    static func plain(_ path: String) -> String {
        var names: [Substring] = []
        for name in absolute(path).split(separator: "/") where name != "." {
            if name == ".." { names = names.dropLast() } else { names.append(name) }
        }
        return "/" + names.joined(separator: "/")
    }

    /// The path without symbolic links, as far as it exists.
    static func resolved(_ path: String) -> String {
        guard let pointer = realpath(path, nil) else { return absolute(path) }
        defer { free(pointer) }
        return String(cString: pointer)
    }
}

/// `text` as a shell takes it for one word.
func shellWord(_ text: String) -> String {
    let plain = text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: "@"):
            true
        default: false
        }
    }
    if plain, !text.isEmpty { return text }
    return "'"
        + text.split(separator: "'", omittingEmptySubsequences: false).joined(
            separator: #"'\''"#) + "'"
}
