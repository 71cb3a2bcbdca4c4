// swift-tools-version: 6.0
// The manifest is the map: targets stand in the order of the picture in ARCHITECTURE.md,
// and an arrow that is not written here does not exist.
import PackageDescription

let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

// Vector kernels are always optimised: a debug build would otherwise be a hundred times slower.
let optimised: [CSetting] = [.unsafeFlags(["-O3", "-fno-math-errno", "-ffp-contract=fast"])]

let package = Package(
  name: "metatop",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
  ],
  targets: [
    // Shared vocabulary
    .target(name: "Events"),

    // Engine tower
    .target(name: "CKernels", cSettings: optimised),
    .systemLibrary(name: "COpenBLAS", providers: [.apt(["libopenblas-dev"])]),
    .target(name: "Kernels", dependencies: ["CKernels", "COpenBLAS"]),
    .target(name: "Autodiff", dependencies: ["Kernels"]),
    .target(name: "Models", dependencies: ["Autodiff"]),
    .systemLibrary(
      name: "CImageCodecs",
      providers: [.apt(["libpng-dev", "libturbojpeg0-dev", "zlib1g-dev"])]
    ),
    // What ships with metatop is in the binary too, so that a copy of it alone works.
    .target(
      name: "Tasks",
      dependencies: ["Kernels", "CImageCodecs", yams],
      resources: [.embedInCode("Shipped")]
    ),
    .target(name: "MetaLearning", dependencies: ["Autodiff", "Models", "Tasks", "Events"]),
    .target(
      name: "Training",
      dependencies: ["MetaLearning", "Tasks", "Models", "Autodiff", "Kernels", "Events"]
    ),
    .target(name: "Recording", dependencies: ["Training", "Tasks", "Events"]),

    // Screen tower
    .target(name: "CellGrid"),
    .target(name: "Dashboard", dependencies: ["CellGrid", "Events", yams]),
    .systemLibrary(name: "CNCurses", providers: [.apt(["libncursesw5-dev"])]),
    .target(name: "CTermGuard"),
    .target(name: "NCursesTerminal", dependencies: ["CellGrid", "CNCurses", "CTermGuard"]),

    // The front door
    .executableTarget(
      name: "metatop",
      dependencies: [
        "Events", "Kernels", "Autodiff", "Models", "Tasks", "MetaLearning", "Training", "Recording",
        "CellGrid", "Dashboard", "NCursesTerminal", "CTermGuard", yams, arguments,
      ],
      resources: [.embedInCode("themes")],
      // What computes or draws lies in targets of its own; optimising options and commands as well
      // would make the first build a minute longer.
      swiftSettings: [
        .unsafeFlags(
          ["-Onone", "-no-whole-module-optimization"],
          .when(configuration: .release)
        )
      ]
    ),

    // Tests mirror the sources
    .testTarget(name: "EventsTests", dependencies: ["Events"]),
    .testTarget(name: "KernelsTests", dependencies: ["Kernels"]),
    // Graphs evaluated in double precision: what plans and gradients are compared with.
    .target(
      name: "AutodiffOracle",
      dependencies: ["Autodiff", "Kernels"],
      path: "Tests/AutodiffOracle"
    ),
    .testTarget(name: "AutodiffTests", dependencies: ["Autodiff", "AutodiffOracle", "Kernels"]),
    .testTarget(name: "TasksTests", dependencies: ["Tasks", "Kernels", "CImageCodecs"]),
    .testTarget(
      name: "MetaLearningTests",
      dependencies: [
        "MetaLearning", "Models", "Tasks", "Autodiff", "AutodiffOracle", "Kernels", "Events",
      ]
    ),
    .testTarget(
      name: "TrainingTests",
      dependencies: [
        "Training", "MetaLearning", "Models", "Tasks", "Autodiff", "Kernels", "Events",
      ]
    ),
    .testTarget(name: "CellGridTests", dependencies: ["CellGrid"]),
    .testTarget(
      name: "DashboardTests",
      dependencies: ["Dashboard", "CellGrid", "Events"],
      exclude: ["Screens"]
    ),
    .target(name: "CPseudoTerminal", path: "Tests/CPseudoTerminal"),
    .target(
      name: "VirtualTerminal",
      dependencies: ["CellGrid", "CPseudoTerminal"],
      path: "Tests/VirtualTerminal"
    ),
    // Curses wants a process's main thread and its signals, so its tests run in a child process.
    .executableTarget(
      name: "TerminalFixture",
      dependencies: ["NCursesTerminal", "CTermGuard", "CellGrid", "VirtualTerminal"],
      path: "Tests/TerminalFixture"
    ),
    .testTarget(
      name: "NCursesTerminalTests",
      dependencies: ["NCursesTerminal", "CellGrid", "VirtualTerminal", "TerminalFixture"]
    ),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "metatop", "VirtualTerminal", "TerminalFixture", "CellGrid", "Recording", "Training",
        "MetaLearning", "Tasks", "Kernels", "Events",
      ],
      exclude: ["Earlier"]
    ),
    .testTarget(name: "ArchitectureTests"),
  ],
  swiftLanguageModes: [.v6]
)
