import CSystem
import Glibc

/// The names in a directory, sorted by their bytes, each once, in little memory.
public struct EntryNames: Sendable {
    /// All names, one after the other.
    private var bytes: [UInt8] = []
    /// Where each name starts and ends, in order of the names.
    private var ranges: [Range<Int>] = []

    public init() {}

    /// These names.
    public init(_ names: some Collection<[UInt8]>) {
        for name in names { name.withUnsafeBytes { append($0) } }
        sort()
    }

    public var count: Int { ranges.count }

    public subscript(index: Int) -> [UInt8] { Array(bytes[ranges[index]]) }

    /// Whether this name is among them.
    public func contains(_ name: some Collection<UInt8>) -> Bool {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if bytes[ranges[middle]].lexicographicallyPrecedes(name) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low < count && bytes[ranges[low]].elementsEqual(name)
    }

    /// The names that end so, and have something in front of that.
    public func names(endingIn ending: [UInt8]) -> [[UInt8]] {
        ranges.filter {
            $0.count > ending.count && bytes[$0].suffix(ending.count).elementsEqual(ending)
        }.map { Array(bytes[$0]) }
    }

    /// Adds names that may be there already.
    public mutating func add(_ names: some Collection<[UInt8]>) {
        for name in names { name.withUnsafeBytes { append($0) } }
        sort()
    }

    mutating func append(_ name: UnsafeRawBufferPointer) {
        ranges.append(bytes.count..<bytes.count + name.count)
        bytes.append(contentsOf: name)
    }

    mutating func sort() {
        bytes.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            ranges.sort { first, second in
                let common = min(first.count, second.count)
                let order = memcmp(start + first.lowerBound, start + second.lowerBound, common)
                return order == 0 ? first.count < second.count : order < 0
            }
        }
        dropRepeated()
    }

    /// The kernel may list a name twice while entries come and go.
    private mutating func dropRepeated() {
        var kept = 0
        for index in ranges.indices {
            if kept > 0, bytes[ranges[kept - 1]].elementsEqual(bytes[ranges[index]]) { continue }
            ranges[kept] = ranges[index]
            kept += 1
        }
        ranges.removeLast(ranges.count - kept)
    }
}

extension File {
    /// The names in this directory but "." and "..", sorted.
    public func entryNames() throws(SystemError) -> EntryNames {
        var names = EntryNames()
        try forEachEntry { name, _, _ in names.append(name) }
        names.sort()
        return names
    }
}
