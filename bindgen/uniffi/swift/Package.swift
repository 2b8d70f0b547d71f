// swift-tools-version:5.9
import PackageDescription

// `make xcframework` writes the framework and the generated source beside this file.
let package = Package(
    name: "Trustformers",
    platforms: [.macOS(.v13), .iOS(.v16)],
    products: [.library(name: "Trustformers", targets: ["Trustformers"])],
    targets: [
        .binaryTarget(name: "trustformersFFI", path: "trustformersFFI.xcframework"),
        .target(name: "Trustformers", dependencies: ["trustformersFFI"]),
    ]
)
