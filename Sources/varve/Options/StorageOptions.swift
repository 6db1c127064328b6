import ArgumentParser
import VarveAWS
import VarveFormat
import VarveHTTP
import VarveStorage

/// How an S3 bucket is used.
struct StorageOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Requests to an S3 repository at once: 1 to 64, 8 unless told.", valueName: "n"))
    var connections: Int?

    @Option(help: ArgumentHelp("KiB a second sent to S3, at most.", valueName: "rate"))
    var limitUpload: Int?

    @Option(help: ArgumentHelp("KiB a second read from S3, at most.", valueName: "rate"))
    var limitDownload: Int?

    @Option(
        name: [.customShort("o"), .customLong("option")],
        help: ArgumentHelp(
            "A setting of S3, such as s3.storage-class=STANDARD_IA; docs/STORAGE.md lists them.",
            valueName: "name=value"))
    var option: [String] = []

    /// The settings that `-o` knows.
    private static let names = [
        "s3.region", "s3.bucket-lookup", "s3.ca", "s3.storage-class", "s3.encryption",
        "s3.kms-key", "s3.connections",
    ]

    func validate() throws {
        for (name, rate) in [("--limit-upload", limitUpload), ("--limit-download", limitDownload)] {
            guard let rate else { continue }
            guard (1...(1 << 30)).contains(rate) else {
                throw ValidationError("\(name) is \(rate); it is KiB a second, above 0")
            }
        }
        _ = try S3Options().adding(pairs())
    }

    /// What the options and the environment say together.
    func settings(_ environment: AWSEnvironment) throws -> S3Options {
        var settings = S3Options()
        let profile = try environment.profiles()[environment.profileName]
        settings.region = environment.region ?? profile?["region"]
        settings.http.certificates = environment["AWS_CA_BUNDLE"] ?? profile?["ca_bundle"]
        settings.sts = try environment.endpoint(of: "STS").map { try AWSEndpoint($0) }
        settings = try settings.adding(pairs())
        settings.http.userAgent = "varve/\(Varve.version)"
        settings.http.limits = HTTPLimits(
            upload: limitUpload.map { RateLimit(bytesPerSecond: $0 << 10) },
            download: limitDownload.map { RateLimit(bytesPerSecond: $0 << 10) })
        return settings
    }

    private func pairs() throws -> [(name: String, value: String)] {
        var pairs = try option.map { text -> (name: String, value: String) in
            guard let equals = text.firstIndex(of: "="), text.last != "=" else {
                throw ValidationError("-o is '\(text)'; it is like s3.region=eu-west-1")
            }
            let name = String(text[..<equals])
            guard Self.names.contains(name) else {
                let known = Self.names.joined(separator: ", ")
                throw ValidationError("-o knows no \(name); it knows \(known)")
            }
            return (name, String(text[text.index(after: equals)...]))
        }
        if let connections { pairs.append(("s3.connections", "\(connections)")) }
        return pairs
    }
}

extension S3Options {
    fileprivate func adding(_ pairs: [(name: String, value: String)]) throws -> S3Options {
        var options = self
        for (name, value) in pairs {
            switch name {
            case "s3.region": options.region = value
            case "s3.ca": options.http.certificates = value
            case "s3.bucket-lookup":
                guard let style = Style(rawValue: value) else {
                    throw ValidationError("s3.bucket-lookup is '\(value)'; it is auto, path or dns")
                }
                options.style = style
            case "s3.storage-class":
                guard !["GLACIER", "DEEP_ARCHIVE"].contains(value) else {
                    throw ValidationError(
                        "what lies in \(value) must be thawed before it can be read; GLACIER_IR is "
                            + "read at once")
                }
                // Everything else is read by every command.
                options.storageClass = (ObjectName.dataPacks, value)
            case "s3.encryption":
                guard ["AES256", "aws:kms"].contains(value) else {
                    throw ValidationError("s3.encryption is '\(value)'; it is AES256 or aws:kms")
                }
                options.serverEncryption = value
            case "s3.kms-key": options.serverKey = value
            default:
                guard let number = Int(value), Self.connectionsRange.contains(number) else {
                    throw ValidationError("connections are '\(value)'; they are from 1 to 64")
                }
                options.connections = number
            }
        }
        return options
    }
}
