import VarveFormat
import VarveRepository

/// An entry of a snapshot, for people and for programs.
enum NodeText {
    /// "-rw-r--r--  anna staff  1.3 GiB  2026-11-21 10:02:11  /srv/app/db".
    static func long(_ path: [UInt8], _ node: Node) -> String {
        [
            permissions(node), owner(node.user, node.uid).padded(to: 8),
            owner(node.group, node.gid).padded(to: 8), short(path, node),
        ].joined(separator: "  ")
    }

    /// "  1.3 GiB  2026-11-21 10:02:11  /srv/app/db".
    static func short(_ path: [UInt8], _ node: Node) -> String {
        let line = [
            (node.kind == .file ? Amounts.bytes(node.size) : "").aligned(to: 9),
            TimeText.local(node.modified), Shown.path(path),
        ].joined(separator: "  ")
        return node.target.map { line + " -> " + Shown.path($0) } ?? line
    }

    static func json(
        _ path: [UInt8], _ node: Node, _ messageType: String = "node"
    ) -> JSONValue {
        var fields: [JSONValue.Field] = [.init("message_type", .text(messageType))]
        fields += Shown.fields("name", node.name)
        fields.append(.init("type", .text(name(of: node.kind))))
        fields += Shown.fields("path", path)
        fields += [
            .init("uid", .integer(Int(node.uid))), .init("gid", .integer(Int(node.gid))),
            .init("user", .text(String(decoding: node.user, as: UTF8.self))),
            .init("group", .text(String(decoding: node.group, as: UTF8.self))),
            .init("mode", .integer(Int(node.mode))),
            .init("permissions", .text(permissions(node))),
            .init("mtime", .text(Timestamp.text(nanoseconds: node.modified))),
        ]
        if node.kind == .file { fields.append(.init("size", .integer(node.size))) }
        if let target = node.target { fields += Shown.fields("linktarget", target) }
        return .object(fields)
    }

    private static func owner(_ name: [UInt8], _ number: UInt32) -> String {
        name.isEmpty ? "\(number)" : Shown.path(name)
    }

    /// The type as programs read it: "file", "dir".
    static func type(_ node: Node) -> String { name(of: node.kind) }

    private static func name(of kind: Node.Kind) -> String {
        switch kind {
        case .directory: "dir"
        case .file: "file"
        case .symlink: "symlink"
        case .fifo: "fifo"
        case .characterDevice: "chardev"
        case .blockDevice: "dev"
        case .socket: "socket"
        }
    }

    private static func letter(of kind: Node.Kind) -> String {
        switch kind {
        case .directory: "d"
        case .file: "-"
        case .symlink: "l"
        case .fifo: "p"
        case .characterDevice: "c"
        case .blockDevice: "b"
        case .socket: "s"
        }
    }

    /// "drwxr-sr-x", as `ls` writes it.
    static func permissions(_ node: Node) -> String {
        let specials: [(bit: UInt32, set: Character, unset: Character)] = [
            (0o4000, "s", "S"), (0o2000, "s", "S"), (0o1000, "t", "T"),
        ]
        var text = letter(of: node.kind)
        for (index, special) in specials.enumerated() {
            let bits = node.mode >> (6 - 3 * UInt32(index)) & 7
            text += bits & 4 != 0 ? "r" : "-"
            text += bits & 2 != 0 ? "w" : "-"
            let isExecutable = bits & 1 != 0
            if node.mode & special.bit != 0 {
                text.append(isExecutable ? special.set : special.unset)
            } else {
                text += isExecutable ? "x" : "-"
            }
        }
        return text
    }
}
