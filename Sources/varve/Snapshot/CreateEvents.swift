import Synchronization
import VarveArchive

/// Listens to a snapshot while it is taken: says what cannot be read, and adds up what was.
final class CreateEvents: Sendable {
    private let printer: EventPrinter
    private let read = Atomic(0)
    private let largest = Mutex<(path: String, bytes: Int)?>(nil)

    private let kinds = Mutex<[Exclusion.Kind: Int]>([:])

    init(_ console: Console) { printer = EventPrinter(during: "archival", console) }

    /// Bytes of the files that were read.
    var bytesRead: Int { read.load(ordering: .relaxed) }

    /// The largest file that was read and whose name says that it is compressed.
    var compressedFile: String? { largest.withLock { $0?.path } }

    /// How many entries were left out, by what; what is in a directory counts with it.
    var excluded: [Exclusion.Kind: Int] { kinds.withLock { $0 } }

    func note(_ event: ArchiveEvent) {
        if case .file(let path, let change, let bytes) = event, change != .unmodified {
            read.wrappingAdd(bytes, ordering: .relaxed)
            // Small files, of which there may be very many, need no advice.
            if bytes >= CreateSummary.adviceBytesMin, CompressedNames.contains(path) {
                largest.withLock { if bytes > $0?.bytes ?? 0 { $0 = (path, bytes) } }
            }
        }
        if case .excluded(_, _, let kind) = event {
            kinds.withLock { $0[kind, default: 0] += 1 }
        }
        printer.print(event)
    }
}
