import Glibc

/// A library that is loaded when it is first needed, and stays.
public struct LoadedLibrary {
    /// Why it cannot be used.
    public struct Failure: Error {
        public let reason: String
    }

    private let handle: UnsafeMutableRawPointer

    /// Loads the first that is there under one of the names.
    public init(_ names: String...) throws(Failure) {
        guard let handle = names.lazy.compactMap({ dlopen($0, RTLD_NOW | RTLD_LOCAL) }).first
        else {
            throw Failure(reason: dlerror().map { String(cString: $0) } ?? "it is not there")
        }
        self.handle = handle
    }

    /// Looks a function up by its name; the wanted type says how it is called.
    public func callAsFunction<Function>(_ name: String) throws(Failure) -> Function {
        guard let symbol = dlsym(handle, name) else {
            throw Failure(reason: "it has no \(name)")
        }
        return unsafeBitCast(symbol, to: Function.self)
    }
}
