import Synchronization

/// What went wrong, each thing said once.
final class Complaints: Sendable {
    private let said = Mutex<Set<String>>([])
    private let say: @Sendable (String) -> Void

    init(_ say: @escaping @Sendable (String) -> Void) { self.say = say }

    func add(_ text: String) {
        let isNew = said.withLock { said in
            // Whoever meets so many has read enough, and may read some again.
            if said.count >= MountLimits.complaints { said = [] }
            return said.insert(text).inserted
        }
        if isNew { say(text) }
    }
}
