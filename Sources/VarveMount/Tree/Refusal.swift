/// Why the kernel gets no answer.
enum Refusal: Error, Sendable, Equatable {
    /// There is no entry of this name, or it went away.
    case missing
    case notDirectory
    case isDirectory
    case noLink
    case noAttribute
    /// There are no data behind this place, or the file ends before it.
    case beyondEnd
    /// What the number stood for is no longer known.
    case stale
    /// More than can be numbered.
    case tooLarge
    /// It cannot be had: damaged, or the storage does not answer. It was reported.
    case unreadable
}
