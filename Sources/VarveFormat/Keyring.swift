/// The root keys of all epochs and the chunker's secret, in the clear: handle with care.
public struct Keyring: Sendable, Equatable {
    public struct Epoch: Sendable, Equatable {
        /// Nanoseconds since 1970.
        public var created: Int64
        /// 32 bytes.
        public var rootKey: [UInt8]

        public init(created: Int64, rootKey: [UInt8]) {
            self.created = created
            self.rootKey = rootKey
        }
    }

    public var id: KeyringID
    /// 32 bytes; shared by repositories that deduplicate alike.
    public var chunkerSecret: [UInt8]
    /// Oldest first; the last one seals.
    public var epochs: [Epoch]
    /// Key-encryption keys that a removed slot may have exposed, 32 bytes each.
    public var replacedKeys: [[UInt8]]

    public init(
        id: KeyringID, chunkerSecret: [UInt8], epochs: [Epoch], replacedKeys: [[UInt8]] = []
    ) {
        self.id = id
        self.chunkerSecret = chunkerSecret
        self.epochs = epochs
        self.replacedKeys = replacedKeys
    }

    public var encoded: [UInt8] {
        var writer = ByteWriter()
        writer.write(raw: id.bytes)
        writer.write(raw: chunkerSecret)
        writer.write(UInt32(epochs.count))
        for epoch in epochs {
            writer.write(epoch.created)
            writer.write(raw: epoch.rootKey)
        }
        writer.write(UInt32(replacedKeys.count))
        for key in replacedKeys { writer.write(raw: key) }
        return writer.bytes
    }

    public init(_ bytes: [UInt8]) throws(FormatError) {
        self = try ByteReader.decode(bytes) { reader throws(FormatError) in
            let id = try KeyringID(&reader)
            let secret = try reader.raw(32)
            let epochCount = Int(try reader.integer(UInt32.self))
            guard (1...FormatLimit.keyringKeys).contains(epochCount) else {
                throw .invalid("its count of epochs is out of bounds")
            }
            var epochs: [Epoch] = []
            for _ in 0..<epochCount {
                let created = try reader.integer(Int64.self)
                epochs.append(Epoch(created: created, rootKey: try reader.raw(32)))
            }
            let keyCount = Int(try reader.integer(UInt32.self))
            guard keyCount <= FormatLimit.keyringKeys else {
                throw .invalid("it has too many replaced keys")
            }
            var keys: [[UInt8]] = []
            for _ in 0..<keyCount { keys.append(try reader.raw(32)) }
            return Keyring(id: id, chunkerSecret: secret, epochs: epochs, replacedKeys: keys)
        }
    }
}
