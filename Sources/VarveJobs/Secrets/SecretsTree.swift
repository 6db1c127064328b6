public import VarveArchive
public import VarveFormat

/// The list of secrets as a part of the snapshot: `/secrets/names.json`.
public struct SecretsTree: VirtualTree, VirtualTreeReading {
    private let bytes: [UInt8]

    public init(_ list: SecretList) throws { bytes = try list.encoded() }

    public var source: SnapshotManifest.Source {
        SnapshotManifest.Source(kind: .secrets, name: Array(SecretList.directory.utf8))
    }

    public var place: [[UInt8]] { [Array(SecretList.directory.utf8)] }
    public var jobs: Int { 1 }

    public func open() -> any VirtualTreeReading { self }

    public var root: VirtualNode {
        let file = VirtualFile(expectedBytes: bytes.count) { [bytes] _ in BytesInput(bytes) }
        let name = Array(SecretList.fileName.utf8)
        return VirtualNode(
            Array(SecretList.directory.utf8), .directory([VirtualNode(name, .file(file))]))
    }

    public func finish() -> [String: String] { [:] }
}
