import Synchronization
import VarveFormat
import VarveRepository
import VarveSystem

/// What a zip archive is made of besides the bytes of its files.
private enum ZipMark: Sendable {
    /// Data follows, up to `end`.
    case begin(ZipEntry)
    case end
    case whole(ZipEntry, [UInt8])
}

extension ArchivePlan {
    func writeZip(to output: borrowing File) throws {
        var writer = try ZipWriter()
        try ReadAhead<ZipMark>(repository: repository).run { feed in
            try layOutZip(feed)
        } use: { window in
            var start = 0
            for (offset, mark) in window.marks {
                try writer.add(
                    UnsafeRawBufferPointer(rebasing: window.bytes[start..<offset]), to: output)
                start = offset
                switch mark {
                case .begin(let entry): try writer.begin(entry, to: output)
                case .end: try writer.end(to: output)
                case .whole(let entry, let bytes): try writer.add(entry, bytes, to: output)
                }
            }
            try writer.add(
                UnsafeRawBufferPointer(rebasing: window.bytes[start...]), to: output)
            progress.add(bytes: window.bytes.count)
        }
        try writer.finish(to: output)
    }

    private func layOutZip(_ feed: WindowFeed<ZipMark>) throws {
        var walk = try ArchiveWalk(content, repository)
        var losses = ZipLosses()
        while let node = try walk.next() {
            let path = walk.path
            if let obstacle = ZipLosses.obstacle(node, path) {
                note(path, obstacle)
                continue
            }
            losses.add(node)
            if let remark = ZipLosses.remark(path) { note(path, remark) }
            show(node, path)
            let entry = ZipEntry(node, path: path)
            guard entry.method == .deflated else {
                try feed.append(.whole(entry, node.target ?? []))
                continue
            }
            try feed.append(.begin(entry))
            try feed.append(plain: node, &walk.reader)
            try feed.append(.end)
        }
        for sentence in losses.sentences { note(Array("zip".utf8), sentence) }
    }
}

/// What of a tree is lost in a zip archive.
struct ZipLosses {
    private var linked = 0
    private var attributed = 0

    /// Why an entry cannot be in an archive at all; nil when it can.
    static func obstacle(_ node: Node, _ path: [UInt8]) -> String? {
        switch node.kind {
        case .directory, .file, .symlink:
            path.count > ZipEntry.pathBytesMax ? "its path is too long for zip; left out" : nil
        case .fifo: "a fifo is left out: zip keeps none"
        case .socket: "a socket is left out: no archive keeps one"
        case .characterDevice, .blockDevice: "a device is left out: zip keeps none"
        }
    }

    /// What may come back differently.
    static func remark(_ path: [UInt8]) -> String? {
        guard path.contains(where: { $0 >= 0x80 }), String(validating: path, as: UTF8.self) == nil
        else { return nil }
        return "its name is not UTF-8; zip keeps the bytes, but programs may read them differently"
    }

    mutating func add(_ node: Node) {
        if node.hardLinkGroup != nil { linked += 1 }
        if !node.attributes.isEmpty { attributed += 1 }
    }

    var sentences: [String] {
        var all: [String] = []
        if linked > 0 {
            all.append("hard links are lost: \(linked) names became files of their own")
        }
        if attributed > 0 {
            all.append("extended attributes and ACLs are lost: \(attributed) entries had some")
        }
        return all
    }
}

extension ZipEntry {
    init(_ node: Node, path: [UInt8]) {
        let type: UInt32 =
            switch node.kind {
            case .directory: 0o040000
            case .symlink: 0o120000
            default: 0o100000
            }
        self.init(path: path, mode: type | node.mode)
        uid = node.uid
        gid = node.gid
        modified = CalendarTime.seconds(nanoseconds: node.modified)
        localTime = Self.dosTime(CalendarTime.local(seconds: modified))
        size = node.kind == .directory ? 0 : node.target?.count ?? node.size
    }

    /// Seven bits of years since 1980, months, days, hours, minutes, and seconds by two.
    static func dosTime(_ time: CalendarTime) -> UInt32 {
        guard time.year >= 1980 else { return 1 << 21 | 1 << 16 }
        guard time.year <= 2107 else { return 127 << 25 | 12 << 21 | 31 << 16 }
        let date = (time.year - 1980) << 9 | time.month << 5 | time.day
        return UInt32(date << 16 | time.hour << 11 | time.minute << 5 | min(time.second, 59) / 2)
    }
}
