import Testing

@Suite("Layers")
struct LayerTests {
    let tree: SourceTree
    let manifest: Manifest

    init() throws {
        tree = try SourceTree.current.get()
        manifest = Manifest(lines: try #require(tree.file("Package.swift")).lines)
    }

    @Test("each C module is imported by exactly one target")
    func modulesInC() {
        let modules = targetFolders.filter { tree.paths.contains("\($0)/module.modulemap") }
        #expect(modules.count >= 3)
        for folder in modules {
            let module = folder.split(separator: "/")[1]
            let targets = imports.filter { $0.module == module }.map(\.target)
            #expect(Set(targets).count == 1, "\(module) is imported by \(Set(targets).sorted())")
        }
    }

    @Test("a target imports only what stands above it in Package.swift")
    func order() throws {
        for (target, module, place) in imports {
            let above = try #require(manifest.position(module))
            let below = try #require(manifest.position(target), "\(target) is not in Package.swift")
            #expect(above < below, "\(place): \(target) imports \(module)")
        }
        #expect(imports.count > 50, "few imports were found, so the search for them is wrong")
    }

    @Test("a target depends only on what stands above it in Package.swift")
    func dependencies() {
        for (position, target) in manifest.targets.enumerated() {
            let above = manifest.targets.prefix(position).map(\.name)
            let rest = target.dependencies.filter { !above.contains($0) }
            #expect(rest == [], "\(target.name) depends on \(rest)")
        }
    }

    @Test("every folder of sources or tests is a target, so that none is forgotten")
    func folders() {
        let declared = Set(manifest.targets.map(\.name))
        let folders = targetFolders.map { String($0.split(separator: "/")[1]) }
        #expect(Set(folders).subtracting(declared) == [])
    }

    @Test("every target is compiled with the same settings, which make warnings errors")
    func settings() throws {
        let package = try #require(tree.file("Package.swift"))
        #expect(manifest.compiledDeclarations >= 3)
        #expect(manifest.commonSettings == manifest.compiledDeclarations)
        #expect(package.lines.contains { $0.contains(".treatAllWarnings(as: .error)") })
    }

    /// Folders such as `Sources/VarveFormat`.
    private var targetFolders: Set<String> {
        let places = tree.paths.filter { $0.hasPrefix("Sources/") || $0.hasPrefix("Tests/") }
        return Set(places.map { $0.split(separator: "/").prefix(2).joined(separator: "/") })
    }

    private var imports: [(target: String, module: String, place: String)] {
        tree.code.flatMap { file -> [(target: String, module: String, place: String)] in
            let parts = file.path.split(separator: "/")
            guard parts.count > 2, ["Sources", "Tests"].contains(parts[0]) else { return [] }
            return manifest.imports(of: file).map { (String(parts[1]), $0.module, $0.place) }
        }
    }
}
