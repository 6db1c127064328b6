import CFuse
import Synchronization

/// What libfuse has to say: the last line of it, for whoever reports an error.
enum FuseLog {
    private static let line = Mutex("")

    /// Takes libfuse's lines from now on; it would write them to standard error.
    static func take(from library: FuseLibrary) {
        line.withLock { $0 = "" }
        varve_fuse_take_log(library.setLog) { text in
            if let text { FuseLog.add(String(cString: text)) }
        }
    }

    private static func add(_ text: String) {
        var text = text[...]
        while text.last?.isNewline == true { text = text.dropLast() }
        if text.hasPrefix("fuse: ") { text = text.dropFirst(6) }
        line.withLock { $0 = String(text) }
    }

    static var last: String { line.withLock { $0 } }
}
