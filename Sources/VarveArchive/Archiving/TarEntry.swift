import VarveFormat
import VarveSystem

/// A node as a member of a tar archive: what stands before its data.
struct TarEntry {
    let node: Node
    /// Relative to the directory that is dumped; a directory's ends with a slash.
    let path: [UInt8]
    /// The member whose file this one is too.
    let firstLink: [UInt8]?
    /// Of a regular file with holes.
    let sparse: SparseMap?

    init(_ node: Node, path: [UInt8], firstLink: [UInt8]? = nil) {
        self.node = node
        self.path = path
        self.firstLink = firstLink
        sparse = node.holes.isEmpty || firstLink != nil ? nil : SparseMap(of: node)
    }

    /// Why there is no such member; nil when there is.
    static func obstacle(_ node: Node) -> String? {
        if node.kind == .socket { return "a socket is left out: no archive keeps one" }
        guard let device = node.device else { return nil }
        let max = UInt64(TarHeader.numberMax)
        return device.major > max || device.minor > max
            ? "a device is left out: its number is too large for tar" : nil
    }

    /// Bytes of a file's data in the archive, before they are padded.
    private var dataBytes: Int {
        guard node.kind == .file, firstLink == nil else { return 0 }
        return sparse.map { $0.encoded.count + $0.dataBytes } ?? node.size
    }

    private var link: [UInt8] { firstLink ?? node.target ?? [] }

    /// Appends the headers, and the map of a sparse file.
    func encode(into bytes: inout [UInt8]) {
        var records = PaxRecords()
        let size = dataBytes
        add(size: size, to: &records)
        addNames(to: &records)
        addAttributes(to: &records)
        if !records.isEmpty { encode(records, into: &bytes) }
        header(size: size).encode(into: &bytes)
        if let sparse { bytes += sparse.encoded }
    }

    private func encode(_ records: PaxRecords, into bytes: inout [UInt8]) {
        // Programs that do not know pax make a file of it.
        var header = TarHeader(kind: .pax, name: Array("PaxHeaders/".utf8) + shortName)
        header.mode = 0o644
        header.size = records.bytes.count
        header.modified = seconds
        header.encode(into: &bytes)
        bytes += records.bytes
        bytes.append(
            contentsOf: repeatElement(0, count: TarHeader.padding(after: records.bytes.count)))
    }

    private var shortName: [UInt8] { Array(node.name.prefix(80)) }

    private var seconds: Int { CalendarTime.seconds(nanoseconds: node.modified) }

    private func header(size: Int) -> TarHeader {
        var header = TarHeader(kind: kind, name: path)
        if sparse != nil { header.name = Array("GNUSparseFile/".utf8) + shortName }
        header.mode = node.mode
        header.uid = Int(node.uid)
        header.gid = Int(node.gid)
        header.size = size
        header.modified = seconds
        header.link = link
        header.user = Array(node.user.prefix(TarHeader.ownerBytesMax))
        header.group = Array(node.group.prefix(TarHeader.ownerBytesMax))
        if let device = node.device {
            header.deviceMajor = Int(device.major)
            header.deviceMinor = Int(device.minor)
        }
        return header
    }

    private var kind: TarHeader.Kind {
        if firstLink != nil { return .hardLink }
        switch node.kind {
        case .directory: return .directory
        case .file: return .file
        case .symlink: return .symlink
        case .fifo, .socket: return .fifo
        case .characterDevice: return .characterDevice
        case .blockDevice: return .blockDevice
        }
    }

    /// What numbers do not fit the header.
    private func add(size: Int, to records: inout PaxRecords) {
        if size > TarHeader.sizeMax { records.add("size", size) }
        if node.uid > TarHeader.numberMax { records.add("uid", Int(node.uid)) }
        if node.gid > TarHeader.numberMax { records.add("gid", Int(node.gid)) }
        if !(0...TarHeader.sizeMax).contains(seconds)
            || !node.modified.isMultiple(of: 1_000_000_000)
        {
            records.add("mtime", nanoseconds: node.modified)
        }
    }

    /// What names do not fit the header, or are not ASCII.
    ///
    /// Names that are not UTF-8 stay in the header, as bytes, as long as they fit.
    private func addNames(to all: inout PaxRecords) {
        var records = PaxRecords()
        var isText = true
        func add(_ key: String, _ text: [UInt8], _ bytesMax: Int, always: Bool = false) {
            let isASCII = text.allSatisfy { $0 < 0x80 }
            if isASCII, text.count <= bytesMax, !always { return }
            let isUTF8 = isASCII || String(validating: text, as: UTF8.self) != nil
            guard isUTF8 || text.count > bytesMax || always else { return }
            isText = isText && isUTF8
            records.add(key, text)
        }
        if let sparse {
            add("GNU.sparse.name", path, 0, always: true)
            records.add("GNU.sparse.major", 1)
            records.add("GNU.sparse.minor", 0)
            records.add("GNU.sparse.realsize", sparse.size)
        } else {
            add("path", path, TarHeader.nameBytesMax)
        }
        add("linkpath", link, TarHeader.nameBytesMax)
        add("uname", node.user, TarHeader.ownerBytesMax)
        add("gname", node.group, TarHeader.ownerBytesMax)
        if !isText { all.add("hdrcharset", Array("BINARY".utf8)) }
        all.append(records)
    }

    /// Extended attributes; ACLs as the text that programs look for.
    private func addAttributes(to records: inout PaxRecords) {
        guard firstLink == nil else { return }
        for attribute in node.attributes {
            let key: String? =
                switch String(decoding: attribute.name, as: UTF8.self) {
                case "system.posix_acl_access": "SCHILY.acl.access"
                case "system.posix_acl_default": "SCHILY.acl.default"
                default: nil
                }
            if let key, let text = ACLText.text(of: attribute.value) {
                records.add(key, text)
            } else {
                records.add(attribute: attribute.name, attribute.value)
            }
        }
    }
}
