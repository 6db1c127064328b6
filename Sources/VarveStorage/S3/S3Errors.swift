import VarveAWS

extension S3Bucket {
    /// What an error means for an object, or for the whole bucket where `name` is nil.
    func storageError(_ error: AWSError, _ name: String?) -> StorageError {
        let place = name ?? location.text
        switch error.code {
        case "NoSuchKey", "NotFound":
            return name.map { .missing($0) }
                ?? StorageError(.missing, place, "there is no bucket \(location.bucket)")
        case "NoSuchBucket":
            return StorageError(
                .missing, location.text, "there is no bucket \(location.bucket)")
        case "NotImplemented":
            return StorageError(.refused, place, "the server cannot do that: \(error.reason)")
        case "QuotaExceeded", "InsufficientStorage", "InsufficientCapacity", "XMinioStorageFull":
            return StorageError(.noSpace, place, error.reason)
        case AWSError.interrupted:
            return StorageError(.interrupted, place, error.reason)
        default:
            let isAboutAll = error.status == nil || Self.codesAboutAll.contains(error.code)
            // What will not pass is not the object's fault: nobody may take it for damaged.
            return StorageError(
                error.isTransient ? .failed : .denied, isAboutAll ? location.text : place,
                sentence(error), transient: error.isTransient)
        }
    }

    /// What no other object would fare better with.
    private static let codesAboutAll: Set<String> = [
        "SignatureDoesNotMatch", "InvalidAccessKeyId", "ExpiredToken", "InvalidToken",
        "TokenRefreshRequired", "RequestTimeTooSkewed", "RequestExpired",
        "AuthorizationHeaderMalformed", "PermanentRedirect", "TemporaryRedirect",
        "InvalidBucketName", "InvalidStorageClass",
    ]

    /// What happened, and what to do about it.
    private func sentence(_ error: AWSError) -> String {
        let said = "(the server says: \(error.reason))"
        switch error.code {
        case "SignatureDoesNotMatch":
            return "the secret access key is wrong \(said)"
        case "InvalidAccessKeyId":
            return "the access key ID is not known there \(said)"
        case "AccessDenied", "AllAccessDisabled", "AccountProblem":
            return "the credentials do not permit this \(said)"
        case "ExpiredToken", "InvalidToken", "TokenRefreshRequired":
            return "the session token has expired or is not valid; get new credentials \(said)"
        case "RequestTimeTooSkewed", "RequestExpired":
            return "this machine's clock and the server's differ too much; set the clock \(said)"
        case "AuthorizationHeaderMalformed", "PermanentRedirect", "TemporaryRedirect",
            "IllegalLocationConstraintException":
            let there = error.region.map { " \($0)" } ?? ""
            return "the bucket lies in another region\(there); set AWS_REGION \(said)"
        case "InvalidBucketName":
            return "\(location.bucket) is no name of a bucket \(said)"
        case "BucketAlreadyExists":
            return "the bucket \(location.bucket) belongs to somebody else \(said)"
        case "InvalidStorageClass":
            return "the server has no such storage class \(said)"
        case "InvalidObjectState":
            return "the object must be thawed before it can be read \(said)"
        case "BadDigest", "XAmzContentSHA256Mismatch", "InvalidDigest",
            "XAmzContentChecksumMismatch":
            return "what arrived there is not what was sent \(said)"
        default: break
        }
        if error.code == AWSError.untrusted {
            return error.reason + "; name its certificate with -o s3.ca=FILE or AWS_CA_BUNDLE"
        }
        guard error.status != nil else { return error.reason }
        if error.code == AWSError.unexplained {
            return "the server does not answer as S3 does: \(error.reason)"
        }
        return "the server refused \(error.code): \(error.reason)"
    }
}
