import VarveAWS
import VarveCrypto
import VarveHTTP

/// A part of a bucket, and requests about the objects in it.
struct S3Bucket: Sendable {
    let location: S3Location
    let options: S3Options
    let client: AWSClient

    /// The probe lets so many race, each on a connection of its own.
    private static let connectionsMin = 16

    init(_ location: S3Location, _ options: S3Options, _ environment: AWSEnvironment) {
        self.location = location
        self.options = options
        let http = HTTPClient(
            connections: max(options.connections, Self.connectionsMin), options.http)
        let region = options.region ?? environment.region
        client = AWSClient(
            service: "s3", region: region, http: http,
            credentials: CredentialProvider(
                environment, http: http, region: region ?? "us-east-1", sts: options.sts,
                retry: options.retry),
            retry: options.retry
        ) { S3Bucket.endpoint(of: location, options.style, region: $0) }
    }

    /// At AWS a host for each region, and for each bucket whose name can stand in one.
    static func endpoint(
        of location: S3Location, _ style: S3Options.Style, region: String
    ) -> AWSEndpoint {
        let base = location.endpoint ?? AWSEndpoint(service: "s3", region: region)
        guard isInHost(location, style) else { return base }
        return AWSEndpoint(scheme: base.scheme, host: "\(location.bucket).\(base.host)")
    }

    private static func isInHost(_ location: S3Location, _ style: S3Options.Style) -> Bool {
        switch style {
        case .path: false
        case .dns: true
        // A certificate for *.s3.amazonaws.com does not fit a name with dots.
        case .auto: location.endpoint == nil && !location.bucket.contains(".")
        }
    }

    /// The request for one object, or for the bucket where `name` is nil.
    func request(_ method: HTTPRequest.Method, _ name: String?) -> AWSClient.Request {
        let isInHost = Self.isInHost(location, options.style)
        let key = name.map { location.prefix + $0 }
        let path = (isInHost ? [] : [location.bucket]) + (key.map { [$0] } ?? [])
        return AWSClient.Request(
            method,
            "/" + PercentEncoding.encode(path.joined(separator: "/"), keepsSlashes: true))
    }

    /// The request that puts an object of this hash, or begins to put one in parts.
    func putting(
        _ method: HTTPRequest.Method, _ name: String, hash: [UInt8]?
    ) -> AWSClient.Request {
        var request = request(method, name)
        request.bodyHash = hash
        if let hash {
            request.headers.append(("X-Amz-Checksum-Sha256", ChecksumText.encode(hash)))
        }
        if let storageClass = options.storageClass, name.hasPrefix(storageClass.prefix) {
            request.headers.append(("X-Amz-Storage-Class", storageClass.name))
        }
        if let encryption = options.serverEncryption {
            request.headers.append(("X-Amz-Server-Side-Encryption", encryption))
        }
        if let key = options.serverKey {
            request.headers.append(("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", key))
        }
        return request
    }

    /// Makes the bucket; false when it was there.
    func make() throws(StorageError) -> Bool {
        var head = request(.get, nil)
        head.query = [("list-type", "2"), ("max-keys", "1"), ("prefix", location.prefix)]
        do throws(AWSError) {
            _ = try client.send(head)
            return false
        } catch  where error.code == "NoSuchBucket" {
        } catch {
            throw storageError(error, nil)
        }
        var put = request(.put, nil)
        let region = client.region
        if location.endpoint == nil, region != "us-east-1" {
            let text =
                "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                + "<LocationConstraint>\(region)</LocationConstraint></CreateBucketConfiguration>"
            put.body = .bytes(Array(text.utf8))
        }
        do throws(AWSError) {
            _ = try client.send(put)
            return true
        } catch  where error.code == "BucketAlreadyOwnedByYou" {
            return false
        } catch {
            throw storageError(error, nil)
        }
    }

    /// Removes the bucket if it is empty.
    func removeEmpty() {
        _ = try? client.attempt(request(.delete, nil), limit: 1 << 16)
    }
}
