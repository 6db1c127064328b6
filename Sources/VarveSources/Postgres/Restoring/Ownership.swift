/// What of the roles of the old server is put back.
public struct Ownership: Sendable, Equatable {
    /// Whoever owned an object owns it again; otherwise whoever restores it does.
    public var keepsOwners = true
    /// Who may do what with an object.
    public var keepsPrivileges = true

    public init() {}

    /// Statements of large objects, each on its line: those that are wanted.
    func wanted(_ lines: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard self != Ownership() else { return lines }
        let unwanted =
            (keepsOwners ? [] : ["ALTER LARGE OBJECT "])
            + (keepsPrivileges ? [] : ["GRANT ", "REVOKE "])
        let kept = lines.split(separator: UInt8(ascii: "\n")).filter { line in
            !unwanted.contains { line.starts(with: $0.utf8) }
        }
        return kept.flatMap { $0 + [UInt8(ascii: "\n")] }[...]
    }
}

extension DumpScript {
    /// The same without owners, or without what others may do.
    func with(_ ownership: Ownership) -> DumpScript {
        let wanted =
            ownership.keepsPrivileges
            ? self : filtered { !["ACL", "DEFAULT ACL"].contains($0.type) }
        return ownership.keepsOwners ? wanted : wanted.mapped(\.withoutOwner)
    }
}

extension DumpScript.Entry {
    /// `pg_dump` names the owner in the last statement of an object, on a line of its own; behind it stands the
    /// beginning of the next object's comment.
    fileprivate var withoutOwner: DumpScript.Entry {
        var lines = Array(SQLLines(Array(text.utf8)))
        guard
            let last = lines.lastIndex(where: { line in
                line.startsStatement && line.bytes.starts(with: "ALTER ".utf8)
            }),
            String(decoding: lines[last...].flatMap(\.bytes), as: UTF8.self).contains(
                #/\ OWNER\ TO\ ("([^"]|"")*"|[^\s"]+);[\s-]*$/#)
        else { return self }
        lines.removeSubrange(last...)
        var entry = self
        entry.text = String(decoding: lines.flatMap(\.bytes), as: UTF8.self)
        return entry
    }
}
