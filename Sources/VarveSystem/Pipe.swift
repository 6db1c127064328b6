import CSystem
import Glibc

/// The two ends of a pipe, closed on `exec`.
public struct Pipe: ~Copyable {
    public let readEnd: File
    public let writeEnd: File

    /// `program` names in errors what the pipe leads to or from.
    public init(to program: String) throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        try attempt(.pipe, program) { varve_pipe(&ends) }
        readEnd = File(descriptor: ends[0], path: "the output of \(program)")
        writeEnd = File(descriptor: ends[1], path: "the output of \(program)")
        // More bytes per switch between the two sides; refused when the user has many pipes.
        _ = varve_pipe_size(readEnd.descriptor, 1 << 20)
    }

    public consuming func keepReadEnd() -> File { readEnd }
    public consuming func keepWriteEnd() -> File { writeEnd }
}
