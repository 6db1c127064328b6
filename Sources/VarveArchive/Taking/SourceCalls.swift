/// Calls what belongs to a source: what it throws is wrapped, and so told from what the repository throws; an interrupt
/// stays what it is.
func callingSource<Answer>(
    _ wrap: (any Error) -> any Error, _ body: () throws -> Answer
) throws -> Answer {
    do {
        return try body()
    } catch ArchiveError.interrupted {
        throw ArchiveError.interrupted
    } catch {
        throw wrap(error)
    }
}
