// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// A target that imports only what stands above it in the list below.
func layer(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

let package = Package(
    name: "varve",
    products: [.executable(name: "varve", targets: ["varve"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // C libraries, each imported by exactly one target.
        .systemLibrary(name: "CSystem"),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CCurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CPostgres", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CFuse", providers: [.apt(["libfuse3-dev"])]),

        // What every byte means: on-disk values and their encoding.
        layer("VarveFormat"),
        // Files, threads and processes, each call named by its purpose.
        layer("VarveSystem", ["CSystem"]),
        // SHA-256, HMAC, HKDF, AES-GCM and scrypt.
        layer("VarveCrypto", ["CCrypto"]),
        // Requests over libcurl, bounded in number and rate.
        layer("VarveHTTP", ["CCurl", "VarveSystem"]),
        // Signatures, credentials and answers of services that speak as AWS does.
        layer("VarveAWS", ["VarveFormat", "VarveSystem", "VarveCrypto", "VarveHTTP"]),
        // Where named byte strings lie: a directory, a bucket, or memory.
        layer("VarveStorage", ["VarveSystem", "VarveCrypto", "VarveHTTP", "VarveAWS"]),
        // Chunker, super-features, compression, sealing and keys.
        layer("VarveCodec", ["CZstd", "CZlib", "VarveFormat", "VarveCrypto"]),
        // This machine's disposable memory: the merged index.
        layer("VarveCatalog", ["VarveFormat", "VarveSystem", "VarveCrypto"]),
        // Keys, log, index, chunks in and chunks out.
        layer(
            "VarveRepository",
            [
                "VarveFormat", "VarveSystem", "VarveCrypto", "VarveStorage", "VarveCodec",
                "VarveCatalog",
            ]),
        // Snapshots of trees and streams, and the way back.
        layer(
            "VarveArchive",
            [
                "VarveFormat", "VarveSystem", "VarveCrypto", "VarveStorage", "VarveCodec",
                "VarveRepository",
            ]),
        // Which snapshots stay.
        layer(
            "VarveMaintenance",
            [
                "VarveFormat", "VarveSystem", "VarveCrypto", "VarveStorage", "VarveCatalog",
                "VarveRepository",
            ]),
        // Databases as sources, and back into them.
        layer(
            "VarveSources",
            [
                "CPostgres", "CSQLite", "VarveFormat", "VarveSystem", "VarveCrypto",
                "VarveRepository", "VarveArchive",
            ]),
        // Job files: what is taken together, what runs around it, which secrets are needed.
        layer(
            "VarveJobs",
            [
                "VarveFormat", "VarveSystem", "VarveCrypto", "VarveCodec", "VarveArchive",
                "VarveMaintenance", "VarveSources", .product(name: "Yams", package: "Yams"),
            ]),
        // A repository as a file system.
        layer(
            "VarveMount",
            ["CFuse", "VarveFormat", "VarveSystem", "VarveCrypto", "VarveRepository"]),
        // The command line.
        .executableTarget(
            name: "varve",
            dependencies: [
                "VarveFormat", "VarveSystem", "VarveCrypto", "VarveHTTP", "VarveAWS",
                "VarveStorage", "VarveCodec", "VarveRepository", "VarveArchive",
                "VarveMaintenance", "VarveSources", "VarveJobs", "VarveMount",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings),

        // What each part of a snapshot costs: see docs/BENCHMARKS.md.
        .executableTarget(
            name: "parts",
            dependencies: ["VarveFormat", "VarveSystem", "VarveCrypto", "VarveCodec"],
            path: "Benchmarks/parts", swiftSettings: settings),

        // What several targets of tests need; nothing that is shipped depends on it.
        .target(
            name: "TestSupport",
            dependencies: [
                "VarveFormat", "VarveSystem", "VarveCrypto", "VarveAWS", "VarveStorage",
            ],
            path: "Tests/TestSupport", swiftSettings: settings),

        // Years of a repository in memory, and what grows meanwhile.
        .executableTarget(
            name: "simulate",
            dependencies: [
                "VarveFormat", "VarveSystem", "VarveCrypto", "VarveStorage", "VarveCodec",
                "VarveRepository", "VarveArchive", "VarveMaintenance", "TestSupport",
            ],
            path: "Benchmarks/simulate", swiftSettings: settings),

        // A server that is far away, or in trouble.
        .executableTarget(
            name: "proxy", dependencies: ["VarveSystem", "TestSupport"],
            path: "Benchmarks/proxy", swiftSettings: settings),

        tests("VarveFormatTests", ["VarveFormat", "TestSupport"]),
        tests("VarveSystemTests", ["VarveSystem", "TestSupport"]),
        tests("VarveCryptoTests", ["VarveCrypto"]),
        tests(
            "VarveAWSTests",
            ["VarveFormat", "VarveSystem", "VarveHTTP", "VarveAWS", "TestSupport"]),
        tests(
            "VarveStorageTests",
            [
                "VarveSystem", "VarveCrypto", "VarveHTTP", "VarveAWS", "VarveStorage",
                "TestSupport",
            ]),
        tests("VarveCodecTests", ["VarveFormat", "VarveCrypto", "VarveCodec", "TestSupport"]),
        tests("VarveCatalogTests", ["VarveFormat", "VarveSystem", "VarveCatalog", "TestSupport"]),
        tests(
            "VarveRepositoryTests",
            [
                "VarveFormat", "VarveSystem", "VarveCrypto", "VarveStorage", "VarveCodec",
                "VarveCatalog", "VarveRepository", "VarveArchive", "TestSupport",
            ]),
        tests(
            "VarveArchiveTests",
            [
                "VarveFormat", "VarveSystem", "VarveCrypto", "VarveStorage", "VarveCodec",
                "VarveRepository", "VarveArchive", "TestSupport",
            ]),
        tests(
            "VarveMaintenanceTests",
            [
                "VarveFormat", "VarveSystem", "VarveCrypto", "VarveStorage", "VarveCodec",
                "VarveCatalog", "VarveRepository", "VarveArchive", "VarveMaintenance",
                "TestSupport",
            ]),
        tests(
            "VarveSourcesTests",
            [
                "VarveFormat", "VarveSystem", "VarveCrypto", "VarveStorage", "VarveCodec",
                "VarveRepository", "VarveArchive", "VarveSources", "TestSupport",
            ]),
        tests(
            "VarveJobsTests",
            [
                "VarveFormat", "VarveSystem", "VarveArchive", "VarveMaintenance", "VarveSources",
                "VarveJobs", "TestSupport",
            ]),
        tests(
            "VarveMountTests",
            [
                "VarveFormat", "VarveSystem", "VarveCrypto", "VarveStorage", "VarveCodec",
                "VarveRepository", "VarveArchive", "VarveMaintenance", "VarveMount", "TestSupport",
            ]),
        tests(
            "SweepTests",
            [
                "VarveFormat", "VarveSystem", "VarveCrypto", "VarveStorage", "VarveCodec",
                "VarveRepository", "VarveArchive", "VarveMaintenance", "TestSupport",
            ]),
        tests(
            "ProtocolTests",
            [
                "VarveFormat", "VarveSystem", "VarveCrypto", "VarveStorage", "VarveCodec",
                "VarveRepository", "VarveMaintenance", "TestSupport",
            ]),
        tests(
            "CommandTests",
            [
                "varve", "VarveFormat", "VarveSystem", "VarveCrypto", "VarveAWS", "VarveStorage",
                "VarveCodec", "VarveRepository", "VarveArchive", "VarveMaintenance",
                "VarveSources", "VarveJobs", "TestSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        tests(
            "FixtureTests",
            [
                "VarveFormat", "VarveSystem", "VarveCrypto", "VarveStorage", "VarveCodec",
                "VarveRepository", "VarveArchive", "TestSupport",
            ]),
        tests(
            "FuzzTests",
            [
                "VarveFormat", "VarveSystem", "VarveCrypto", "VarveAWS", "VarveStorage",
                "VarveCodec", "VarveCatalog", "VarveSources", "VarveJobs", "TestSupport",
            ]),
        tests("TidyTests", []),
    ]
)
