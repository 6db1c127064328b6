public import VarveSystem

/// Makes and changes what is in a directory, at random: everything that a file system holds.
public struct RandomDirectory {
    private var numbers: SeededNumbers
    private let isRoot = Accounts.currentUser == 0

    public init(_ seed: UInt64) { numbers = SeededNumbers(seed) }

    private mutating func next() -> UInt64 { numbers.next() }

    private mutating func below(_ limit: Int) -> Int { numbers.below(limit) }

    /// Removes, replaces and adds some entries.
    public mutating func change(_ directory: borrowing File, depth: Int = 0) throws {
        let names = try directory.entryNames()
        for index in 0..<names.count where below(4) == 0 {
            try remove(names[index], in: directory)
        }
        let kept = try directory.entryNames()
        for index in 0..<kept.count {
            let name = kept[index]
            switch try directory.status(of: name).kind {
            case .directory where depth < 4:
                try change(try directory.openDirectory(name), depth: depth + 1)
            case .regular where below(4) == 0:
                let file = try directory.openToChange(name)
                try fill(file)
            default: break
            }
        }
        for _ in 0..<(3 + below(6)) { try add(to: directory, depth: depth) }
    }

    private func remove(_ name: [UInt8], in directory: borrowing File) throws {
        guard try directory.status(of: name).kind == .directory else {
            return try directory.remove(name)
        }
        let below = try directory.openDirectory(name)
        let names = try below.entryNames()
        for index in 0..<names.count { try remove(names[index], in: below) }
        try directory.removeDirectory(name)
    }

    private mutating func name() -> [UInt8] {
        let letters = Array("ab \n\\*".utf8) + [0xff, 0xc3, 0xa9]
        return (0...below(6)).map { _ in letters[below(letters.count)] }
    }

    private mutating func add(to directory: borrowing File, depth: Int) throws {
        let name = name()
        guard (try? directory.status(of: name)) == nil else { return }
        switch below(isRoot ? 9 : 8) {
        case 0 where depth < 4:
            try directory.makeDirectory(name, mode: 0o755)
            for _ in 0..<below(8) { try add(to: directory.openDirectory(name), depth: depth + 1) }
        case 1: try directory.makeSymlink(to: [0x2f] + self.name(), name)
        case 2: try directory.makeNode(name, kind: .fifo, mode: 0o600)
        case 3: try link(name, in: directory)
        case 8:
            try directory.makeNode(
                name, kind: .characterDevice, mode: 0o600, deviceNumber: UInt64(below(4_000)))
        default:
            let file = try directory.createFile(name)
            try fill(file)
        }
        try dress(name, in: directory)
    }

    /// Another name for something that is there.
    private mutating func link(_ name: [UInt8], in directory: borrowing File) throws {
        let names = try directory.entryNames()
        guard names.count > 0 else { return }
        let other = names[below(names.count)]
        guard try directory.status(of: other).kind != .directory else { return }
        try directory.makeLink(name, to: other, in: directory)
    }

    private mutating func fill(_ file: borrowing File) throws {
        let pieces = below(4)
        var end = 0
        for _ in 0..<pieces {
            let start = end + (below(3) == 0 ? below(1 << 20) : 0)
            let bytes = noise(below(8) == 0 ? below(700_000) : below(5_000), seed: next())
            try bytes.span.withUnsafeBytes { (bytes) throws(SystemError) in
                try file.write(bytes, at: start)
            }
            end = start + bytes.count
        }
        try file.truncate(to: end + (below(3) == 0 ? below(1 << 20) : 0))
    }

    private mutating func dress(_ name: [UInt8], in directory: borrowing File) throws {
        guard let status = try? directory.status(of: name) else { return }
        if isRoot { try directory.setOwner(name, uid: UInt32(below(3)), gid: UInt32(below(3))) }
        if [.regular, .directory].contains(status.kind), below(3) == 0 {
            try? directory.setExtendedAttribute(
                of: name, Array("user.\(below(5))".utf8), noise(below(60), seed: next()))
        }
        if status.kind != .symlink {
            let mode = UInt32(below(0o10000)) | (status.kind == .directory ? 0o700 : 0o600)
            try directory.setMode(name, mode)
        }
        try directory.setTimes(
            name, mtimeNanoseconds: Int64(truncatingIfNeeded: next() >> 2) - (1 << 60))
    }
}
