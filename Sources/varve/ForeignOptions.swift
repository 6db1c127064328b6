/// Options that users of restic know and Varve has not: why, or what to write instead.
enum ForeignOptions {
    static let table: [String: String] = [
        "--stdin-filename": "write `--stdin NAME`",
        "--stdin-from-command": "write `--command NAME -- PROGRAM ARGS...`",
        "--no-scan": "there is no scan to wait for; `--no-progress` leaves out the live line",
        "--read-concurrency": "how many files are read at once is not for choosing",
        "--ignore-inode": change, "--ignore-ctime": change,
        "--with-atime": "access times are never kept",
        "--group-by": "the parent is the newest snapshot of the same host and sources; "
            + "`--parent` names another",
        "--path": "write `--source`",
        "--compact": "the table is as short as it gets; `-q` leaves it out",
        "--unsafe-allow-remove-all": "the newest commit of each group stays; name it to forget it",
        "--pack-size": "the size of packs is not for choosing",
        "--no-lock": "Varve has no locks", "--retry-lock": "Varve has no locks",
        "--no-cache": "the cache may be deleted at any time; `--cache-dir` puts it elsewhere",
        "--cleanup-cache": "the cache may be deleted at any time",
        "--repository-file": "write `-r` or set VARVE_REPOSITORY",
        "--insecure-no-password": "there is no repository without encryption; `varve init` makes a "
            + "key file",
        "--use-fs-snapshot": "it is for Windows",
    ]

    private static let change =
        "a file counts as unchanged only if size, times and inode are; nothing else is safe"

    /// What is said of the first of these words that is in the table; nil when none is.
    static func sentence(about words: [String]) -> String? {
        for word in words.prefix(while: { $0 != "--" }) {
            let name = String(word.prefix { $0 != "=" })
            if let sentence = table[name] { return "there is no \(name): \(sentence)" }
        }
        return nil
    }
}
