import Testing
import VarveSystem

@testable import VarveArchive

@Suite("Of the entries of a directory, each status")
struct SliceStatusesTests {
    private let box: Sandbox
    private let handle: SharedFile
    private let names: EntryNames

    init() throws {
        box = try Sandbox()
        for number in 0..<700 { try box.write("\(number)", [UInt8](repeating: 1, count: number)) }
        handle = SharedFile(try File.openDirectory(box.source))
        names = try handle.file.entryNames()
        // One that is gone again.
        try File.remove(box.source + "/333")
    }

    private func check(_ statuses: SliceStatuses, _ range: Range<Int>) throws {
        var cursor = StatusCursor(statuses)
        for index in range {
            let name = names[index]
            let text = String(decoding: name, as: UTF8.self)
            switch cursor.status(at: index, name) {
            case .success(let status): #expect(status.size == Int64(text))
            case .failure(let error): #expect(error.isMissing && text == "333")
            }
        }
    }

    @Test("is the entry's own, whether a worker does nothing, comes late, or does it all")
    func alone() throws {
        let range = 5..<names.count
        try check(SliceStatuses(handle, names, range), range)
        let done = SliceStatuses(handle, names, range)
        done.lookFromEnd()
        try check(done, range)
        done.lookFromEnd()
        let begun = SliceStatuses(handle, names, range)
        #expect(begun.takeFirst()?.lowerBound == 5)
        begun.lookFromEnd()
        #expect(begun.takeFirst() == nil)
        #expect(begun.takeSeen().count == range.count - TakingLimits.statusesTaken)
    }

    @Test("is the entry's own while a worker looks at them as well")
    func together() throws {
        for _ in 0..<20 {
            let statuses = SliceStatuses(handle, names, 0..<names.count)
            let worker = try WorkerThreads.start(count: 1) { _ in statuses.lookFromEnd() }
            try check(statuses, 0..<names.count)
            try worker.join()
        }
    }
}
