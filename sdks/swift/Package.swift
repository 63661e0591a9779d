// swift-tools-version: 6.0
import PackageDescription

let strict: [SwiftSetting] = [.unsafeFlags(["-warnings-as-errors"]), .define("SEGOPS_URLSESSION")]
// A package with unsafe flags cannot be a dependency, so only ci.sh asks for them.
let settings: [SwiftSetting] = Context.environment["SEGOPS_STRICT"] == "1" ? strict : []

let package = Package(
    name: "SegOps",
    platforms: [.iOS(.v16), .macOS(.v13), .tvOS(.v16), .watchOS(.v9), .visionOS(.v1)],
    products: [.library(name: "SegOps", targets: ["SegOps"])],
    targets: [
        // Apple's SDKs have a module `zlib` of their own.
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"]), .yum(["zlib-devel"])]),
        .systemLibrary(name: "CCurl", providers: [.apt(["libcurl4-openssl-dev"]), .yum(["libcurl-devel"])]),
        .target(
            name: "SegOps",
            dependencies: [
                .target(name: "CZlib", condition: .when(platforms: [.linux])),
                .target(name: "CCurl", condition: .when(platforms: [.linux])),
            ],
            resources: [.copy("Resources/PrivacyInfo.xcprivacy")],
            swiftSettings: settings,
            linkerSettings: [.linkedLibrary("z")]),
        .testTarget(
            name: "SegOpsTests", dependencies: ["SegOps", .target(name: "CZlib", condition: .when(platforms: [.linux]))],
            swiftSettings: settings),
        .executableTarget(name: "Example", dependencies: ["SegOps"], path: "example", swiftSettings: settings),
        .executableTarget(
            name: "ConformanceDriver", dependencies: ["SegOps"], path: "conformance", exclude: ["run"], swiftSettings: settings),
        .executableTarget(
            name: "TrackBenchmark", dependencies: ["SegOps", .target(name: "CZlib", condition: .when(platforms: [.linux]))], path: "bench",
            swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
