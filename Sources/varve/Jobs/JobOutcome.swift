import VarveFormat
import VarveJobs
import VarveSystem

/// What has become of a job so far: input are the ends of its steps, output are the exit status and what hooks
/// are told.
struct JobOutcome {
    var snapshot: SnapshotID?
    var isIncomplete = false
    /// What could not be taken.
    var failed: [String] = []
    private(set) var failures: [Failure] = []
    private var isOver = false

    /// A step of the job, or a hook, failed: what people are told.
    mutating func fail(_ error: any Error) -> Failure {
        let failure: Failure
        switch error {
        case HookFailure.interrupted: failure = Failure(Failure.interruptedStatus, "\(error)")
        case is HookFailure: failure = Failure(Failure.failedStatus, "\(error)")
        default: failure = Failure(error)
        }
        failures.append(failure)
        return failure
    }

    /// No step but cleaning up follows.
    mutating func finish() { isOver = true }

    /// The first failure decides, before what is only incomplete.
    var status: Int32 {
        if failures.contains(where: { $0.status == Failure.interruptedStatus }) {
            return Failure.interruptedStatus
        }
        if let first = failures.first { return first.status }
        return isIncomplete ? Failure.incompleteStatus : 0
    }

    var progress: JobProgress {
        var progress = JobProgress()
        progress.snapshot = snapshot?.hex ?? ""
        switch status {
        case 0: progress.status = .success
        case Failure.incompleteStatus: progress.status = .incomplete
        case Failure.interruptedStatus: progress.status = .interrupted
        default: progress.status = .failed
        }
        if !isOver, failures.isEmpty { progress.status = .running }
        progress.error =
            failures.first.map(\.message)
            ?? (isIncomplete ? failed.joined(separator: "; ") : "")
        return progress
    }
}
