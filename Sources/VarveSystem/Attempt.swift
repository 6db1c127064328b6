import Glibc

/// Makes one call, again as long as a signal interrupts it, and turns -1 into an error.
@inline(__always)
@discardableResult
func attempt<Answer: SignedInteger>(
    _ call: SystemCall, _ path: @autoclosure () -> String, _ body: () -> Answer
) throws(SystemError) -> Answer {
    try FileFaults.check(call, path())
    while true {
        let answer = body()
        if answer >= 0 { return answer }
        let number = errno
        if number != EINTR { throw SystemError(call, path(), errno: number) }
    }
}
