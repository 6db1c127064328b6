import VarveAWS
import VarveCrypto
import VarveHTTP
import VarveSystem

extension S3Bucket {
    /// Puts an object from a file: in one request, or in parts when it is large.
    func put(
        _ name: String, contentsOf file: borrowing File, bytes: Int
    ) throws(StorageError) {
        let descriptor = file.descriptor
        do throws(AWSError) {
            guard bytes > options.multipartBytesMin else {
                // An object named by its bytes' hash has that hash, or the server refuses it.
                let named = ChecksumText.hash(inName: name)
                let hash = named == nil ? try Self.hash(file, at: 0, bytes) : named
                var put = putting(.put, name, hash: hash)
                put.body = .file(descriptor: descriptor, offset: 0, bytes: bytes)
                _ = try client.send(put)
                return
            }
            try putInParts(name, file, bytes)
        } catch {
            throw storageError(error, name)
        }
    }

    private func putInParts(
        _ name: String, _ file: borrowing File, _ bytes: Int
    ) throws(AWSError) {
        var begin = putting(.post, name, hash: nil)
        begin.query = [("uploads", "")]
        begin.headers.append(("X-Amz-Checksum-Algorithm", "SHA256"))
        let answer = try client.send(begin)
        guard let upload = XMLElement(answer.body)?["UploadId"], !upload.isEmpty else {
            throw AWSError(code: "UploadId", reason: "the server began no upload in parts")
        }
        do throws(AWSError) {
            var parts: [(tag: String, hash: [UInt8])] = []
            for offset in stride(from: 0, to: bytes, by: options.partBytes) {
                let count = min(options.partBytes, bytes - offset)
                let hash = try Self.hash(file, at: offset, count)
                var put = request(.put, name)
                put.query = [("partNumber", "\(parts.count + 1)"), ("uploadId", upload)]
                put.bodyHash = hash
                put.headers = [("X-Amz-Checksum-Sha256", ChecksumText.encode(hash))]
                put.body = .file(descriptor: file.descriptor, offset: offset, bytes: count)
                guard let tag = try client.send(put).headers["etag"] else {
                    throw AWSError(code: "ETag", reason: "the server named no part of an upload")
                }
                parts.append((tag, hash))
            }
            try finish(name, upload, parts)
        } catch {
            var abort = request(.delete, name)
            abort.query = [("uploadId", upload)]
            _ = try? client.send(abort)
            throw error
        }
    }

    private func finish(
        _ name: String, _ upload: String, _ parts: [(tag: String, hash: [UInt8])]
    ) throws(AWSError) {
        let listed = parts.enumerated().map { number, part in
            "<Part><PartNumber>\(number + 1)</PartNumber><ETag>\(part.tag)</ETag>"
                + "<ChecksumSHA256>\(ChecksumText.encode(part.hash))</ChecksumSHA256></Part>"
        }
        let text =
            "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
            + listed.joined() + "</CompleteMultipartUpload>"
        var complete = request(.post, name)
        complete.query = [("uploadId", upload)]
        complete.body = .bytes(Array(text.utf8))
        var isUnclear = false
        try client.retrying { () throws(AWSError) in
            do throws(AWSError) {
                let answer = try client.attempt(complete, limit: 1 << 20)
                // The status was sent before the server knew.
                guard let error = XMLElement(answer.body)?.first("Error") else { return }
                throw AWSError(
                    code: error["Code"] ?? "InternalError", reason: error["Message"] ?? "it failed",
                    status: answer.status, isTransient: true)
            } catch  where error.code == "NoSuchUpload" && isUnclear {
                // An answer was lost, and this is what it had done.
                _ = try client.send(request(.head, name))
            } catch {
                isUnclear = isUnclear || error.isTransient
                throw error
            }
        }
    }

    /// The hash of `count` bytes of a file.
    private static func hash(
        _ file: borrowing File, at offset: Int, _ count: Int
    ) throws(AWSError) -> [UInt8] {
        do throws(SystemError) {
            let found = try file.digest(at: offset, count: count)
            if found.bytes == count { return found.digest }
        } catch {
            throw AWSError(code: "Body", reason: error.description)
        }
        throw AWSError(code: "Body", reason: "\(file.path) has become shorter")
    }
}
