import VarveAWS
import VarveFormat
import VarveRepository
import VarveStorage

/// Where a repository lies.
enum RepositoryPlace {
    case directory(String)
    case bucket(S3Storage)

    /// Of a path or an S3 location; throws for what is neither.
    init(_ text: String, _ options: StorageOptions, _ directories: LocalDirectories) throws {
        guard !text.isEmpty else { throw Failure.usage("the repository has an empty name") }
        if S3Location.isMeant(by: text) {
            self = .bucket(try Self.bucket(text, options, directories))
            return
        }
        let scheme = text.prefix { $0 != ":" && $0 != "/" }
        let remote = [
            "sftp", "rest", "b2", "azure", "gs", "swift", "rclone", "http", "https", "s3",
        ]
        if scheme.count < text.count, text.dropFirst(scheme.count).first == ":",
            remote.contains(scheme.lowercased())
        {
            throw Failure.usage(
                "repositories lie in directories and S3 buckets (s3:https://ENDPOINT/BUCKET), not "
                    + "at '\(text)'")
        }
        self = .directory(Places.absolute(text))
    }

    private static func bucket(
        _ text: String, _ options: StorageOptions, _ directories: LocalDirectories
    ) throws -> S3Storage {
        let environment = AWSEnvironment()
        do {
            let url = try environment.endpoint(of: "S3")
            let location = try S3Location(text, endpoint: url.map { try AWSEndpoint($0) })
            let settings = try options.settings(environment)
            return S3Storage(
                location, settings, environment: environment,
                staging: directories.cache + "/uploads")
        } catch let error as S3LocationError {
            throw Failure.usage("\(error)")
        }
    }

    /// For people, and to be found again by.
    var text: String {
        switch self {
        case .directory(let path): path
        case .bucket(let storage): storage.location
        }
    }
}
