import Glibc
import VarveCodec
import VarveCrypto
import VarveFormat
import VarveSystem

// What each part of a first snapshot costs on one core, over the bytes of the given files and
// directories: the sum that the CPU time of the whole is measured against.
//
//   parts PATH...

/// CPU seconds of this process.
func processorSeconds() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
    return Double(seconds) + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
}

struct Part {
    var name: String
    var seconds = 0.0
    var bytes = 0

    mutating func measure(_ count: Int, _ body: () throws -> Void) rethrows {
        let start = processorSeconds()
        try body()
        seconds += processorSeconds() - start
        bytes += count
    }
}

/// All regular files below the paths, in order of names.
func files(_ path: String) throws -> [String] {
    guard try File.status(of: path, follow: false).kind == .directory else { return [path] }
    let entries = try File.openDirectory(path).entries().sorted {
        $0.name.lexicographicallyPrecedes($1.name)
    }
    return try entries.flatMap { entry -> [String] in
        let below = path + "/" + String(decoding: entry.name, as: UTF8.self)
        return entry.kind == .regular || entry.kind == .directory ? try files(below) : []
    }
}

/// Measures all parts over the bytes that come in, a megabyte at a time.
final class Bench {
    var walk = Part(name: "walk and look at every file")
    var read = Part(name: "open and read")
    var scan = Part(name: "scan for cuts and samples")
    var hash = Part(name: "SHA-256 of chunks")
    var sketch = Part(name: "super-features")
    var compress = Part(name: "zstd 3 of frames")
    var seal = Part(name: "AES-256-GCM")
    var name = Part(name: "SHA-256 of packs")
    var write = Part(name: "write")

    private let gear: Gear
    private let parameters: ChunkerParameters
    private var samples = SampleBuffer()
    private var compressor: Compressor
    private var sealer: UnitSealer
    private let frame = ByteBuffer(capacity: 1 << 20)
    private var filled = 0
    private let target = ByteBuffer(capacity: Compressor.boundBytes(1 << 20) + 256)
    private let output: File

    init(output: consuming File) throws {
        let compressor = try Compressor()
        guard let parameters = ChunkerParameters(average: 64 << 10),
            let id = KeyringID(randomBytes(16))
        else { throw CryptoError.unacceptableParameters }
        let keyring = Keyring(
            id: id, chunkerSecret: randomBytes(32),
            epochs: [Keyring.Epoch(created: 0, rootKey: randomBytes(32))])
        let sealer = try UnitSealer(SealingKeys(keyring))
        gear = try Gear(secret: keyring.chunkerSecret)
        self.parameters = parameters
        self.compressor = compressor
        self.sealer = sealer
        self.output = output
    }

    func add(_ path: String) throws {
        var count = 0
        let file = try File.openToRead(path)
        repeat {
            let room = UnsafeMutableRawBufferPointer(rebasing: frame.bytes[filled...])
            try read.measure(0) { count = try file.read(into: room) }
            read.bytes += count
            filled += count
            if filled == frame.bytes.count { try flush() }
        } while count > 0
    }

    func flush() throws {
        let bytes = UnsafeRawBufferPointer(rebasing: frame.bytes[..<filled])
        guard !bytes.isEmpty else { return }
        filled = 0
        samples.removeAll()
        scan.measure(bytes.count) {
            gear.scan(bytes, from: 0, to: bytes.count, into: &samples)
        }
        var cuts: [Int64] = []
        var selector = CutSelector(parameters)
        selector.feed(
            samples.samples, base: 0, scannedEnd: Int64(bytes.count), into: &cuts)
        if let last = selector.finish() { cuts.append(last) }
        var start = 0
        for cut in cuts {
            let range = start..<Int(cut)
            hash.measure(range.count) {
                _ = SHA256.digest(UnsafeRawBufferPointer(rebasing: bytes[range]))
            }
            sketch.measure(range.count) {
                _ = gear.superFeatures(samples.samples, chunk: range)
            }
            start = range.upperBound
        }
        try store(bytes)
    }

    private func store(_ bytes: UnsafeRawBufferPointer) throws {
        let overhead = UnitHeader.byteCount
        let room = UnsafeMutableRawBufferPointer(rebasing: target.bytes[overhead...])
        var stored = 0
        try compress.measure(bytes.count) {
            stored = try compressor.compress(bytes, into: room, level: 3) ?? 0
        }
        let unit = UnsafeMutableRawBufferPointer(
            rebasing: target.bytes[..<(stored + UnitHeader.overhead)])
        let digest = SHA256.digest([])
        try seal.measure(stored) { try sealer.seal(.dataFrame, unit, digest: digest) }
        let whole = UnsafeRawBufferPointer(unit)
        name.measure(stored) { _ = SHA256.digest(whole) }
        try write.measure(stored) { try output.write(whole) }
    }
}

let paths = Array(CommandLine.arguments.dropFirst())
guard !paths.isEmpty else {
    print("usage: parts PATH...")
    exit(64)
}
let scratch = (Environment.value("TMPDIR") ?? "/tmp") + "/varve-parts-" + randomName()
let bench = try Bench(output: try File.createExclusively(scratch, mode: 0o600))
try File.remove(scratch)
var found: [String] = []
try bench.walk.measure(0) {
    found = try paths.flatMap(files)
    for path in found { _ = try File.status(of: path, follow: false) }
}
for path in found { try bench.add(path) }
try bench.flush()
let all = [
    bench.walk, bench.read, bench.scan, bench.hash, bench.sketch, bench.compress, bench.seal,
    bench.name, bench.write,
]
func fixed(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
}
print("| part | CPU | bytes |\n|---|--:|--:|")
for part in all { print("| \(part.name) | \(fixed(part.seconds)) s | \(part.bytes) |") }
print("| sum | \(fixed(all.reduce(0) { $0 + $1.seconds })) s | |")
