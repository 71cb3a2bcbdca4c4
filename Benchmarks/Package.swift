// swift-tools-version: 6.0
// A package of its own, so that nothing needed for measuring reaches the product. `Product` is a
// link to the product's sources: compiled here again, they keep their `package` access.
import PackageDescription

let optimised: [CSetting] = [.unsafeFlags(["-O3", "-fno-math-errno", "-ffp-contract=fast"])]

/// A target of the product, compiled from its own sources.
func product(
  _ name: String,
  _ dependencies: [Target.Dependency] = [],
  resources: [Resource]? = nil
) -> Target {
  .target(name: name, dependencies: dependencies, path: "Product/\(name)", resources: resources)
}

let package = Package(
  name: "metatop-benchmarks",
  dependencies: [.package(url: "https://github.com/jpsim/Yams", from: "6.0.0")],
  targets: [
    product("Events"),
    .target(name: "CKernels", path: "Product/CKernels", cSettings: optimised),
    .systemLibrary(name: "CZlib", path: "Product/CZlib"),
    product("Files", ["CZlib"]),
    product("Recording", ["Events", "Files"]),
    .systemLibrary(name: "CImageCodecs", path: "Product/CImageCodecs"),
    .systemLibrary(name: "COpenBLAS", path: "Product/COpenBLAS"),
    product("CellGrid"),
    product("Dashboard", ["CellGrid", "Events", .product(name: "Yams", package: "Yams")]),
    product("Kernels", ["CKernels", "COpenBLAS"]),
    product("Autodiff", ["Kernels"]),
    product("Models", ["Autodiff"]),
    product(
      "Tasks",
      ["Files", "Kernels", "CImageCodecs", .product(name: "Yams", package: "Yams")],
      resources: [.embedInCode("Shipped")]
    ),
    product("MetaLearning", ["Autodiff", "Models", "Tasks", "Events"]),
    product(
      "Training",
      ["MetaLearning", "Tasks", "Models", "Autodiff", "Kernels", "Recording", "Files", "Events"]
    ),
    .target(name: "CAllocationCount"),
    .executableTarget(
      name: "benchmark",
      dependencies: [
        "Training", "MetaLearning", "Tasks", "Models", "Autodiff", "Kernels", "CKernels",
        "COpenBLAS", "Recording", "Files", "Events", "Dashboard", "CellGrid",
        "CAllocationCount",
      ]
    ),
  ],
  swiftLanguageModes: [.v6]
)
