/// The keys that a file of jobs knows.
enum JobKeys {
    static let top = ["defaults", "jobs"]
    /// Each replaces the others.
    static let opening = ["key_file", "passphrase_file", "passphrase_command"]
    static let defaults =
        [
            "exclude", "iexclude", "exclude_caches", "exclude_if_present", "exclude_larger_than",
            "one_file_system", "databases", "tags", "host", "description", "secrets", "hooks",
            "retention", "sync", "repository", "compression", "limit_upload", "limit_download",
            "connections", "storage_options", "verify",
        ] + opening
    static let job = ["sources"] + defaults
    static let command = ["command", "name", "gunzip"]
    static let databases = ["jobs", "globals", "sqlite_files", "integrity_check"]
    static let secret = ["file", "keep", "format"]
    static let hooks = ["before", "after", "on_success", "on_failure", "timeout"]
    static let hook = ["run", "timeout"]
    static let periods = ["hourly", "daily", "weekly", "monthly", "yearly"]
    static let retention =
        ["keep_last", "keep_within", "keep_tags", "prune"] + periods.map { "keep_" + $0 }
        + periods.map { "keep_within_" + $0 }
    static let proof = ["every", "database", "expect_tables", "assertions"]
    static let assertion = ["sql", "name"]
}
