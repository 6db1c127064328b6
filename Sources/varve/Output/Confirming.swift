import VarveSystem

extension Console {
    /// Asks whether to go on with what `sentence` says; fails without a yes, and where nobody can be
    /// asked.
    func confirm(_ sentence: String) throws {
        guard Terminal.isTerminal(0), !isJSON else {
            throw Failure(
                Failure.failedStatus,
                "\(sentence); nothing was changed; `--yes` says that it is meant")
        }
        try flush()
        try Console.errors.write(Array("\(sentence); go on? [y/N]: ".utf8))
        guard readLine()?.lowercased().hasPrefix("y") == true else {
            throw Failure(Failure.failedStatus, "nothing was changed")
        }
    }
}
