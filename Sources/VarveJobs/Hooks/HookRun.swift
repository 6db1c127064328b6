public import VarveSystem

/// When a hook runs.
public enum HookMoment: String, Sendable {
    case before, after
    case onSuccess = "on_success"
    case onFailure = "on_failure"
}

/// How far a job has come, as hooks are told.
public struct JobProgress: Sendable, Equatable {
    public enum Status: String, Sendable {
        case running, success, incomplete, failed, interrupted
    }

    public var status = Status.running
    /// In hexadecimal digits; empty without a snapshot.
    public var snapshot = ""
    /// Why it failed, or what failed of it; empty when nothing did.
    public var error = ""

    public init() {}
}

/// Why a hook did not do what it is for.
public enum HookFailure: Error, Sendable, Equatable {
    case ended(Invocation, ProcessEnd)
    case notStarted(Invocation, reason: String)
    case timedOut(Invocation, seconds: Int)
    case interrupted(Invocation)
}

extension HookFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .ended(let invocation, let end): "the hook `\(invocation.name)` ended with \(end)"
        case .notStarted(let invocation, let reason):
            "the hook `\(invocation.name)` cannot be started: \(reason)"
        case .timedOut(let invocation, let seconds):
            "the hook `\(invocation.name)` was ended after \(seconds) s"
        case .interrupted(let invocation): "the hook `\(invocation.name)` was interrupted"
        }
    }
}

/// Runs the hooks of one job.
public struct HookRun: Sendable {
    private let job: Job
    private let file: JobFile

    public init(_ job: Job, of file: JobFile) {
        self.job = job
        self.file = file
    }

    /// Runs those of a moment in their order, up to one that fails.
    ///
    /// An interrupt ends them, but for one that came before: what cleans up runs to its end.
    public func run(_ moment: HookMoment, _ progress: JobProgress) throws(HookFailure) {
        for hook in hooks(of: moment) { try run(hook, moment, progress) }
    }

    /// Runs all of a moment, also behind one that fails; answers the failures.
    public func runAll(_ moment: HookMoment, _ progress: JobProgress) -> [HookFailure] {
        hooks(of: moment).compactMap { hook in
            do throws(HookFailure) {
                try run(hook, moment, progress)
                return nil
            } catch {
                return error
            }
        }
    }

    public func hooks(of moment: HookMoment) -> [Hook] {
        switch moment {
        case .before: job.hooks.before
        case .after: job.hooks.after
        case .onSuccess: job.hooks.onSuccess
        case .onFailure: job.hooks.onFailure
        }
    }

    private func run(
        _ hook: Hook, _ moment: HookMoment, _ progress: JobProgress
    ) throws(HookFailure) {
        let words = hook.invocation.words
        let group: ProcessGroup
        do throws(SystemError) {
            group = try ProcessGroup(
                words[0], Array(words.dropFirst()), environment: environment(moment, progress),
                directory: file.directory)
        } catch {
            throw .notStarted(hook.invocation, reason: error.reason)
        }
        let outcome = group.run(
            seconds: hook.timeoutSeconds, isInterruptible: !Interrupts.isRequested)
        switch outcome {
        case .ended(let end):
            guard end.isSuccess else { throw .ended(hook.invocation, end) }
        case .timedOut: throw .timedOut(hook.invocation, seconds: hook.timeoutSeconds)
        case .interrupted: throw .interrupted(hook.invocation)
        }
    }

    private func environment(_ moment: HookMoment, _ progress: JobProgress) -> [String: String] {
        [
            "VARVE_JOB": job.name, "VARVE_HOOK": moment.rawValue, "VARVE_CONFIG": file.path,
            "VARVE_STATUS": progress.status.rawValue, "VARVE_SNAPSHOT_ID": progress.snapshot,
            "VARVE_ERROR": progress.error.split(separator: "\0").joined(),
        ]
    }
}
