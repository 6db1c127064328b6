import VarveJobs

/// The repository of a job: what the command line says, or else the file.
struct JobRepository {
    let options: RepositoryOptions

    init(_ job: Job, _ given: RepositoryOptions) throws {
        var options = given
        let own = job.access
        let hasKey = [given.keyFile, given.passphraseFile, given.passphraseCommand]
            .contains { $0 != nil }
        // A repository of the command line has nothing to do with the key of another.
        if given.repository == nil, !hasKey {
            options.keyFile = own.keyFile
            options.passphraseFile = own.passphraseFile
            options.passphraseCommand = own.passphraseCommand
        }
        options.repository = given.repository ?? own.repository
        options.storage.connections = given.storage.connections ?? own.connections
        options.storage.limitUpload = given.storage.limitUpload ?? own.limitUpload
        options.storage.limitDownload = given.storage.limitDownload ?? own.limitDownload
        options.storage.option = own.storageOptions + given.storage.option
        try options.storage.validate()
        self.options = options
    }
}
