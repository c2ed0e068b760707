// swift-tools-version: 6.2
// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import PackageDescription

/// Every Swift target is checked as strictly as the language allows.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

#if arch(x86_64)
/// What the kernels are built for: `FERROSPIKE_CPU=x86-64-v3` for every processor with AVX2 and FMA, `x86-64-v4` for those with AVX-512; unset, for
/// this machine. Both give the same results to the last bit.
let level = Context.environment["FERROSPIKE_CPU"] ?? (hasAVX512() ? "x86-64-v4" : "x86-64-v3")
if !["x86-64-v3", "x86-64-v4"].contains(level) { fatalError("FERROSPIKE_CPU is \(level); expected x86-64-v3 or x86-64-v4") }
let levelFlags: [SwiftSetting] = [.unsafeFlags(["-Xcc", "-march=\(level)"])]
let levelName: [SwiftSetting] = level == "x86-64-v4" ? [.define("FERROSPIKE_AVX512")] : []

func hasAVX512() -> Bool {
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else { return false }
    let flags = text.split(separator: "\n").first { $0.hasPrefix("flags") }?.split(separator: " ") ?? []
    return ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"].allSatisfy { flag in flags.contains { $0 == flag } }
}
#else
let levelFlags: [SwiftSetting] = []
let levelName: [SwiftSetting] = []
#endif

/// Targets with hot loops: vectors and fused multiply-adds on x86-64 (without them each `addingProduct` becomes a library call,
/// tens of times slower), and optimised in debug builds too, so that tests run at speed.
/// These flags are why Ferrospike is used as a program, not as a package dependency.
let kernel = strict + levelFlags + levelName + [.unsafeFlags(["-O"], .when(configuration: .debug))]

func system(_ name: String, _ pkgConfig: String, _ debian: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([debian])])
}

func room(
    _ name: String, _ dependencies: [Target.Dependency], _ settings: [SwiftSetting] = strict,
    resources: [Resource] = []
) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name + "Tests", dependencies: dependencies + [.target(name: name)], swiftSettings: strict)
}

/// What libFuzzer calls, which has no start of its own: with FERROSPIKE_FUZZER alone, by `make sanitize`.
let fuzzers: [Target] =
    Context.environment["FERROSPIKE_FUZZER"] == nil
    ? []
    : [
        .executableTarget(
            name: "ferrospike-fuzz", dependencies: ["FerroCore", "FerroHDF5", "FerroRecordings"], swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])])
    ]

let package = Package(
    name: "ferrospike",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "ferrospike", targets: ["ferrospike"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/swiftcsv/SwiftCSV", from: "0.10.0"),
    ],
    targets: [
        // Listed from the ground up: a target may import only rows above its own.
        system("CFFTW", "fftw3f", "libfftw3-dev"),
        system("CHDF5", "hdf5", "libhdf5-dev"),
        system("CDeflate", "libdeflate", "libdeflate-dev"),
        system("CXXHash", "libxxhash", "libxxhash-dev"),
        system("CZlib", "zlib", "zlib1g-dev"),

        room("FerroCore", [], kernel),
        room("FerroHDF5", ["CHDF5", "CDeflate", "CZlib", "FerroCore"], kernel),
        room("FerroRecordings", ["FerroCore", "FerroHDF5"], kernel),
        room("FerroDSP", ["CFFTW", "FerroCore"], kernel),
        room("FerroSpikes", ["FerroCore"], kernel),
        room("FerroStatistics", ["FerroCore"], kernel),
        room(
            "FerroPipeline",
            [
                "CXXHash", "FerroCore", "FerroHDF5", "FerroRecordings", "FerroDSP", "FerroSpikes",
                .product(name: "Yams", package: "Yams"),
            ]),
        room(
            "FerroStudy",
            [
                "FerroCore", "FerroStatistics", "FerroPipeline", "FerroRecordings",
                .product(name: "Yams", package: "Yams"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "SwiftCSV", package: "SwiftCSV"),
            ]),
        room(
            "FerroReport",
            [
                "FerroCore", "FerroHDF5", "FerroStatistics", "FerroPipeline", "FerroStudy", "FerroRecordings",
                .product(name: "Mustache", package: "swift-mustache"),
            ]),
        room(
            "FerroSimulation",
            [
                "FerroCore", "FerroRecordings", "FerroDSP", "FerroSpikes", "FerroStatistics", "FerroPipeline", "FerroStudy",
                .product(name: "Yams", package: "Yams"),
            ], kernel),

        .executableTarget(
            name: "ferrospike",
            dependencies: [
                "FerroCore", "FerroRecordings", "FerroPipeline", "FerroStudy", "FerroReport", "FerroSimulation",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict + levelName),
        .executableTarget(
            name: "ferrospike-bench",
            dependencies: ["FerroCore", "FerroRecordings", "FerroDSP", "FerroSpikes", "FerroPipeline", "FerroSimulation"],
            swiftSettings: strict),
        .executableTarget(
            name: "ferrospike-calibrate", dependencies: ["FerroCore", "FerroStatistics", "FerroPipeline", "FerroStudy", "FerroSimulation"],
            swiftSettings: strict),

        tests("FerroCore", []),
        tests("FerroHDF5", ["CZlib", "FerroCore"]),
        tests("FerroRecordings", ["FerroCore", "FerroHDF5"]),
        tests("FerroDSP", ["FerroCore"]),
        tests("FerroSpikes", ["FerroCore"]),
        tests("FerroStatistics", ["FerroCore"]),
        tests("FerroPipeline", ["FerroCore", "FerroHDF5", "FerroRecordings", "FerroDSP", "FerroSpikes"]),
        tests(
            "FerroStudy",
            ["FerroCore", "FerroHDF5", "FerroStatistics", "FerroPipeline", .product(name: "GRDB", package: "GRDB.swift")]),
        tests("FerroReport", ["FerroCore", "FerroHDF5", "FerroStatistics", "FerroPipeline", "FerroStudy", "FerroRecordings"]),
        tests("FerroSimulation", ["FerroCore", "FerroRecordings", "FerroPipeline", "FerroSpikes", "FerroStatistics", "FerroStudy"]),
        .testTarget(name: "CommandLineTests", dependencies: ["FerroCore", "FerroRecordings", "ferrospike"], swiftSettings: strict),
    ] + fuzzers
)
