import CPostgres

/// Options of a connection by libpq's names for them, in libpq's order.
struct ConnectionOptions: Sendable {
    struct Option: Sendable {
        var name: String
        /// The variable that it has in the environment, if any.
        var variable: String?
        var value: String?
    }

    private(set) var options: [Option]

    /// What libpq goes by when nothing is said: the environment, a service, what was built in.
    static func defaults() throws -> ConnectionOptions {
        let library = try PostgresLibrary.loaded
        guard let list = library.defaults() else {
            throw SourceError("libpq has no memory for its options")
        }
        defer { library.freeOptions(list) }
        return ConnectionOptions(copying: list)
    }

    /// What a URL says; nil when libpq does not understand it. Its reason may quote a password, and is
    /// not kept.
    static func parsed(_ url: String) throws -> ConnectionOptions? {
        let library = try PostgresLibrary.loaded
        var reason: UnsafeMutablePointer<CChar>?
        let list = library.parse(url, &reason)
        defer {
            library.freeMemory(reason)
            library.freeOptions(list)
        }
        return list.map(ConnectionOptions.init(copying:))
    }

    private init(copying list: PostgresLibrary.Options) {
        options = []
        var next = list
        while let keyword = next.pointee.keyword {
            options.append(
                Option(
                    name: String(cString: keyword),
                    variable: next.pointee.envvar.map { String(cString: $0) },
                    value: next.pointee.val.map { String(cString: $0) }))
            next += 1
        }
    }

    subscript(name: String) -> String? {
        get { options.first { $0.name == name }?.value }
        set {
            if let index = options.firstIndex(where: { $0.name == name }) {
                options[index].value = newValue
            } else {
                options.append(Option(name: name, value: newValue))
            }
        }
    }

    /// Those that have a value.
    var given: [Option] { options.filter { $0.value?.isEmpty == false } }
}
