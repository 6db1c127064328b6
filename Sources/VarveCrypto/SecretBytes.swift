import CCrypto

/// Key bytes that never change, never print, and are wiped when the last reference goes.
public final class SecretBytes: @unchecked Sendable {
    // Unchecked: the bytes are written in `init` only and freed in `deinit` only.
    private let storage: UnsafeMutableRawBufferPointer

    /// Takes what `fill` writes into `byteCount` zeroed bytes.
    public init<Failure: Error>(
        byteCount: Int, fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        storage = .allocate(byteCount: byteCount, alignment: 16)
        storage.initializeMemory(as: UInt8.self, repeating: 0)
        try fill(storage)
    }

    /// A copy of `bytes`; the original stays for its owner to wipe.
    public convenience init(copying bytes: UnsafeRawBufferPointer) {
        self.init(byteCount: bytes.count) { $0.copyMemory(from: bytes) }
    }

    /// A copy of `bytes`; the original stays for its owner to wipe.
    public convenience init(copying bytes: [UInt8]) {
        self.init(byteCount: bytes.count) { $0.copyBytes(from: bytes) }
    }

    /// Fresh random bytes.
    public static func random(byteCount: Int) throws(CryptoError) -> SecretBytes {
        try SecretBytes(byteCount: byteCount) { bytes throws(CryptoError) in
            try SecureRandom.fill(bytes)
        }
    }

    deinit {
        wipe(storage)
        storage.deallocate()
    }

    public var count: Int { storage.count }

    /// Lends the bytes to `body`; they must not be kept or copied beyond it.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(storage))
    }
}

extension SecretBytes: Equatable {
    /// Compares in a time that depends on the lengths only.
    public static func == (a: SecretBytes, b: SecretBytes) -> Bool {
        constantTimeEqual(UnsafeRawBufferPointer(a.storage), UnsafeRawBufferPointer(b.storage))
    }
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "<secret>" }
    public var debugDescription: String { "<secret>" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
