import TestSupport

/// The names of all files below a directory with their lengths and SHA-256.
func contents(_ path: String) throws -> [String: String] {
    try listing(path).filter { $0.value.hasPrefix("regular ") }
}
