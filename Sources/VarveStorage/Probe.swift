import Synchronization
import VarveSystem

/// What a probe of a storage found.
public struct ProbeReport: Sendable, Equatable {
    public var racers: Int
    public var rounds: Int
    /// Nanoseconds for the whole probe.
    public var duration: Int64

    /// Under which the names of probes lie.
    static let prefix = "probe/"
}

/// Lets a storage show all that a repository rests on; `.refused` with what it lacks.
///
/// What it was tried with is removed afterwards, whatever comes of it.
public func probe(_ storage: any Storage) throws(StorageError) {
    try probeReading(storage)
    try probeCreateOnly(storage)
}

/// Tests whether what was put is there at once, whole, in parts and in listings, and gone at once when
/// it was removed.
func probeReading(_ storage: any Storage) throws(StorageError) {
    let directory = ProbeReport.prefix + randomName() + "/"
    let name = directory + "whole"
    let bytes = randomBytes(3_000)
    do throws(StorageError) {
        try storage.put(name, bytes, copies: .one)
        try demand(storage, "it does not give back at once what was put") {
            () throws(StorageError) in try storage.get(name, limit: bytes.count) == bytes
        }
        try demand(storage, "it does not give back a part of what was put") {
            () throws(StorageError) in
            try storage.read(name, at: 1_000, count: 500) == Array(bytes[1_000..<1_500])
        }
        try demand(storage, "it does not list at once what was put") {
            () throws(StorageError) in
            try storage.list(directory).map { "\($0.name) \($0.bytes)" } == ["\(name) 3000"]
        }
    } catch {
        try? storage.remove(name)
        throw error
    }
    try storage.remove(name)
    try demand(storage, "it still lists what was removed") { () throws(StorageError) in
        try storage.list(directory).isEmpty
    }
}

private func demand(
    _ storage: any Storage, _ lack: String, _ test: () throws(StorageError) -> Bool
) throws(StorageError) {
    let holds: Bool
    do throws(StorageError) {
        holds = try test()
    } catch  where error.kind == .missing || error.kind == .truncated || error.kind == .tooLarge {
        holds = false
    }
    if !holds { throw StorageError(.refused, storage.location, lack) }
}

/// Lets `racers` threads create the same name at once, `rounds` times; `.refused` unless each name
/// had exactly one winner and holds that winner's bytes.
///
/// The names are removed afterwards, whatever comes of it.
@discardableResult
public func probeCreateOnly(
    _ storage: any Storage, racers: Int = 16, rounds: Int = 8
) throws(StorageError) -> ProbeReport {
    let start = Clock.monotonicNanoseconds()
    let directory = ProbeReport.prefix + randomName() + "/"
    for round in 1...rounds {
        let name = directory + "\(round)"
        do throws(StorageError) {
            try race(storage, name, racers: racers)
        } catch {
            // What is left of a probe harms nobody; the first error is the one to tell.
            try? storage.remove(name)
            throw error
        }
        try storage.remove(name)
    }
    let duration = Clock.monotonicNanoseconds() - start
    return ProbeReport(racers: racers, rounds: rounds, duration: duration)
}

private func race(_ storage: any Storage, _ name: String, racers: Int) throws(StorageError) {
    let winners = Mutex<[Int]>([])
    do {
        try WorkerThreads.run(count: racers, name: "probe") { racer in
            if try storage.create(name, content(of: racer), copies: .one) {
                winners.withLock { $0.append(racer) }
            }
        }
    } catch let error as StorageError {
        throw error
    } catch {
        throw StorageError(.failed, storage.location, "the probe could not run: \(error)")
    }
    let won = winners.withLock { $0 }
    guard won.count == 1, let winner = won.first else {
        throw StorageError(
            .refused, storage.location,
            "it cannot create a name only once: \(won.count) of \(racers) racers made the same one")
    }
    guard try storage.get(name, limit: 4096, copy: .first) == content(of: winner) else {
        throw StorageError(
            .refused, storage.location,
            "it cannot create a name only once: the winner's bytes were replaced")
    }
}

private func content(of racer: Int) -> [UInt8] { Array("racer \(racer)".utf8) }
