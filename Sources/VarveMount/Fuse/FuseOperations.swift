import CFuse
import Glibc
import VarveFormat

/// What the kernel asks, answered by the file system; libfuse calls it from our threads.
final class FuseOperations: Sendable {
    let library: FuseLibrary
    let files: FileSystem
    let storing = FuseStoring()

    init(_ library: FuseLibrary, _ files: FileSystem) {
        (self.library, self.files) = (library, files)
    }

    func lookup(_ request: fuse_req_t?, _ parent: FileNumber, _ name: [UInt8]) {
        do throws(Refusal) {
            var entry = FuseAnswers.entry(try files.lookup(name, in: parent))
            // A reply that does not arrive is followed by no `forget`; then a number stays known, which
            // does no harm.
            _ = library.replyEntry(request, &entry)
        } catch {
            guard error == .missing, files.isLasting(parent) else { return refuse(request, error) }
            var entry = FuseAnswers.noEntry
            _ = library.replyEntry(request, &entry)
        }
    }

    func status(_ request: fuse_req_t?, _ number: FileNumber) {
        answer(request) { () throws(Refusal) in
            let found = try files.status(of: number)
            var status = FuseAnswers.status(found.status)
            let seconds = found.isLasting ? FuseAnswers.lasting : FuseAnswers.passing
            _ = library.replyStatus(request, &status, seconds)
        }
    }

    func link(_ request: fuse_req_t?, _ number: FileNumber) {
        answer(request) { () throws(Refusal) in
            let target = try files.target(of: number)
            _ = (target.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer {
                library.replyLink(request, $0.baseAddress)
            }
        }
    }

    func read(_ request: fuse_req_t?, _ number: FileNumber, _ size: Int, at offset: Int) {
        if offset == 0 { storing.store(behind: number, files) }
        answer(request) { () throws(Refusal) in
            try files.read(number, offset: offset, size) { reply(request, $0) }
        }
    }

    func seek(
        _ request: fuse_req_t?, _ number: FileNumber, _ stretch: FileBytes.Stretch, from offset: Int
    ) {
        answer(request) { () throws(Refusal) in
            let place = try files.seek(stretch, in: number, from: offset)
            _ = library.replySeek(request, off_t(place))
        }
    }

    /// The value of an extended attribute, or only its length when there is no room.
    func attribute(_ request: fuse_req_t?, _ number: FileNumber, _ name: [UInt8], room: Int) {
        answer(request) { () throws(Refusal) in
            let attributes = try files.attributes(of: number)
            guard let found = attributes.first(where: { $0.name == name }) else {
                throw .noAttribute
            }
            reply(request, attribute: found.value, room: room)
        }
    }

    /// The names of the extended attributes, each with a zero behind it.
    func attributeNames(_ request: fuse_req_t?, _ number: FileNumber, room: Int) {
        answer(request) { () throws(Refusal) in
            let names = try files.attributes(of: number).flatMap { $0.name + [UInt8(0)] }
            reply(request, attribute: names, room: room)
        }
    }

    func statistics(_ request: fuse_req_t?) {
        var statistics = statvfs()
        statistics.f_bsize = 4_096
        statistics.f_frsize = 4_096
        statistics.f_namemax = 255
        statistics.f_flag = UInt(ST_RDONLY)
        _ = library.replyStatistics(request, &statistics)
    }

    private func reply(_ request: fuse_req_t?, attribute value: [UInt8], room: Int) {
        if room == 0 {
            _ = library.replyAttributeLength(request, value.count)
        } else if value.count > room {
            _ = library.replyError(request, ERANGE)
        } else {
            value.withUnsafeBytes { reply(request, $0) }
        }
    }

    func reply(_ request: fuse_req_t?, _ bytes: UnsafeRawBufferPointer) {
        _ = library.replyBytes(
            request, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
    }

    private func answer(_ request: fuse_req_t?, _ body: () throws(Refusal) -> Void) {
        do throws(Refusal) {
            try body()
        } catch {
            refuse(request, error)
        }
    }

    func refuse(_ request: fuse_req_t?, _ refusal: Refusal) {
        _ = library.replyError(request, FuseAnswers.errorNumber(refusal))
    }
}
