import TestSupport
import VarveCodec
import VarveCrypto
import VarveFormat

extension Fuzzer {
    static let logs = [
        value(
            "log record", random: { $0.record($0.event($0.below(12))) }, encode: { $0.encoded },
            decode: { try LogRecord($0) }),
        value(
            "amendment", random: { $0.record($0.event(3)) }, encode: { $0.encoded },
            decode: { try LogRecord($0) }),
        value(
            "state", random: { $0.state() }, encode: { $0.encoded },
            decode: { try RepositoryState($0) }),
        value(
            "keyring", random: { $0.keyring() }, encode: { $0.encoded },
            decode: { try Keyring($0) }),
        value(
            "varve.json",
            random: { RepositoryDescriptor(repository: $0.id(), checksum: $0.bytes(32)) },
            encode: { $0.encoded() }, decode: { try RepositoryDescriptor(json: $0) }),
        value(
            "key slot", random: { $0.slot() }, encode: { $0.encoded() },
            decode: { try KeySlot(json: $0) }),
        value(
            "manifest", random: { $0.manifest() }, encode: { try $0.encoded() },
            decode: { try SnapshotManifest(json: $0) }),
        keyFile, proofGrade,
    ]

    private static var proofGrade: Fuzzer {
        Fuzzer(
            "proof grade", errors: [],
            random: { numbers in
                let levels = ProofGrade.Level.allCases.filter { $0 > .stored }
                return ProofGrade(
                    numbers.element(levels), time: Int64(bitPattern: numbers.next()))
            },
            encode: { Array($0.text.utf8) },
            decode: { bytes in
                let grade = String(validating: bytes, as: UTF8.self).map(ProofGrade.init(text:))
                return grade.flatMap { $0.level > .stored ? $0 : nil }
            })
    }

    private static var keyFile: Fuzzer {
        var fuzzer = Fuzzer(
            "key file", errors: [],
            random: { $0.bytes(32) },
            encode: { KeyFile.text(SecretBytes(copying: $0), comment: ["a key", ""]) },
            decode: { KeyFile.secret(of: $0)?.withUnsafeBytes { Array($0) } })
        fuzzer.mend = { text in
            let prefix = Array("varve-key-1:".utf8)
            let digits = text.count - 9
            guard digits > prefix.count, let start = text.firstIndex(of: prefix[0]),
                start + prefix.count < digits,
                let secret = Hex.decode(
                    String(decoding: text[(start + prefix.count)..<(digits - 1)], as: UTF8.self))
            else { return text }
            let check = Hex.encode(SHA256.digest(secret).prefix(4))
            return text[..<digits] + Array(check.utf8) + [0x0a]
        }
        return fuzzer
    }
}
