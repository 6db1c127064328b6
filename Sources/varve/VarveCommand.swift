import ArgumentParser

/// A command that prints through a console and whose errors end in one place.
protocol VarveCommand: ParsableCommand {
    var common: GlobalOptions { get }
    func run(_ console: Console) throws
}

extension VarveCommand {
    mutating func run() throws {
        let console = Console(
            style: common.output.json ? .json : .text, verbosity: common.output.verbosity)
        do {
            do {
                try Variables.check()
                try run(console)
                try console.flush()
            } catch {
                // What was found before something failed is still shown.
                try? console.flush()
                throw error
            }
        } catch let status as ExitCode {
            throw status
        } catch {
            let failure = Failure(error)
            console.report(failure)
            throw ExitCode(failure.status)
        }
    }
}
