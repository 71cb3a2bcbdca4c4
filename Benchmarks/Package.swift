// swift-tools-version: 6.0
// A package of its own, so that nothing needed for measuring reaches the product. `Product` is a
// link to the product's sources: compiled here again, they keep their `package` access.
import PackageDescription

let package = Package(
  name: "metatop-benchmarks",
  targets: [
    .target(name: "Events", path: "Product/Events"),
    .executableTarget(name: "benchmark", dependencies: ["Events"]),
  ],
  swiftLanguageModes: [.v6]
)
