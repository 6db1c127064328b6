import VarveArchive
import VarveSystem

/// What a program writes; at its end the program must have succeeded.
final class ProgramInput: ContentInput {
    private let process: ChildProcess
    private let input: any ContentInput
    private let name: String

    /// `name` is what messages call it.
    init(_ process: ChildProcess, name: String) throws {
        self.process = process
        self.name = name
        input = StreamInput(try process.output.duplicate()).content
    }

    func read(into room: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = try input.read(into: room)
        if count == 0 { try Self.checkEnd(of: process, name) }
        return count
    }

    /// Waits for the program, and throws what it said when it failed.
    static func checkEnd(of process: ChildProcess, _ name: String) throws {
        let end = try process.wait()
        guard !end.isSuccess else { return }
        let lines = process.errorText.split(separator: "\n")
        // A query that is quoted behind the error may be long.
        let errors = lines.filter { $0.contains("error:") || $0.contains("ERROR:") }.prefix(3)
        let said = (errors.isEmpty ? lines.suffix(3) : errors[...]).joined(separator: "; ")
        throw SourceError("\(name) ended with \(end)" + (said.isEmpty ? "" : ": \(said)"))
    }
}
