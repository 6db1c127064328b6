import Glibc

/// Makes one call, again as long as a signal interrupts it, and turns -1 into an error.
@inline(__always)
@discardableResult
func attempt<Answer: SignedInteger>(
    _ call: SystemCall, _ path: @autoclosure () -> String, _ body: () -> Answer
) throws(SystemError) -> Answer {
    if FileFaults.isInForce { return try attemptWatched(call, path(), body) }
    while true {
        let answer = body()
        if answer >= 0 { return answer }
        let number = errno
        if number != EINTR { throw SystemError(call, path(), errno: number) }
    }
}

/// The same while tests may have a say in it.
@inline(never)
private func attemptWatched<Answer: SignedInteger>(
    _ call: SystemCall, _ path: String, _ body: () -> Answer
) throws(SystemError) -> Answer {
    while true {
        var number = FileFaults.fault(call, path)
        if number == nil {
            let answer = body()
            if answer >= 0 {
                FileFaults.succeeded(call, path)
                return answer
            }
            number = errno
        }
        if let number, number != EINTR { throw SystemError(call, path, errno: number) }
    }
}
