import VarveFormat
import VarveStorage

/// Looks at the two copies of an object, each by itself.
struct CopyCheck {
    /// Told of a copy that is missing or damaged, with the bytes of the other one, which is whole.
    typealias Mend = (_ name: String, _ copy: Copy, _ bytes: [UInt8]) throws -> Void

    let storage: any Storage
    var mend: Mend?

    /// What is wrong with the copies of `name`; `judge` throws unless the bytes are what they should
    /// be.
    func findings(
        _ name: String, limit: Int, judge: ([UInt8]) throws -> Void
    ) throws -> [CheckFinding] {
        guard storage.keeps == .two else {
            return try reason { try judge(storage.get(name, limit: limit)) }
                .map { [CheckFinding(.damage, name, $0)] } ?? []
        }
        var wrong: [String?] = []
        var whole: [UInt8] = []
        for copy in Copy.allCases {
            wrong.append(
                try reason {
                    let bytes = try storage.get(name, limit: limit, copy: copy)
                    try judge(bytes)
                    whole = bytes
                })
        }
        switch (wrong[0], wrong[1]) {
        case (nil, nil): return []
        case (let reason?, nil):
            try mend?(name, .first, whole)
            return [CheckFinding(.warning, name, reason + "; its second copy is whole")]
        case (nil, let reason?):
            try mend?(name, .second, whole)
            return [CheckFinding(.warning, name, "its second copy: \(reason); the first is whole")]
        case (let first?, let second?):
            let both = first == second ? first : "\(first); its second copy: \(second)"
            return [CheckFinding(.damage, name, both + "; no copy is whole")]
        }
    }

    /// Why `body` failed; nil when it did not.
    private func reason(_ body: () throws -> Void) throws -> String? {
        do {
            try body()
            return nil
        } catch let error as StorageError {
            return try CheckFinding(error).reason
        } catch {
            return "\(error)"
        }
    }
}
