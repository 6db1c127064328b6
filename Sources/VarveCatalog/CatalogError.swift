/// Why the catalog has no answer.
public enum CatalogError: Error, Equatable, Sendable {
    /// A file of it cannot be read or is not what was written: drop everything and rebuild.
    case damaged
}
