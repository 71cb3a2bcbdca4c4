// swift-tools-version: 6.0
// The manifest is the map: targets stand in the order of the picture in ARCHITECTURE.md,
// and an arrow that is not written here does not exist.
import PackageDescription

let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

// Vector kernels are always optimised: a debug build would otherwise be a hundred times slower.
let optimised: [CSetting] = [.unsafeFlags(["-O3", "-fno-math-errno", "-ffp-contract=fast"])]

// Options, plans and commands compute nothing that anybody waits for.
let unoptimised: [SwiftSetting] = [
  .unsafeFlags(["-Onone", "-no-whole-module-optimization"], .when(configuration: .release))
]

// Tests trace, plan and evaluate thousands of graphs, and unoptimised generics take five times as long.
let optimisedForTests: [SwiftSetting] = [
  .unsafeFlags(["-O"], .when(configuration: .debug))
]

let package = Package(
  name: "metatop",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
  ],
  targets: [
    // Shared vocabulary
    .target(name: "Events"),

    // Documents and archives of any owner
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "Files", dependencies: ["CZlib"]),
    .target(name: "Recording", dependencies: ["Events", "Files"]),

    // Engine tower
    .target(name: "CKernels", cSettings: optimised),
    .systemLibrary(name: "COpenBLAS", providers: [.apt(["libopenblas-dev"])]),
    .target(
      name: "Kernels",
      dependencies: ["CKernels", "COpenBLAS"],
      swiftSettings: optimisedForTests
    ),
    .target(name: "Autodiff", dependencies: ["Kernels"], swiftSettings: optimisedForTests),
    .target(name: "Models", dependencies: ["Autodiff"], swiftSettings: optimisedForTests),
    .systemLibrary(
      name: "CImageCodecs",
      providers: [.apt(["libpng-dev", "libturbojpeg0-dev"])]
    ),
    // What ships with metatop is in the binary too, so that a copy of it alone works.
    .target(
      name: "Tasks",
      dependencies: ["Files", "Kernels", "CImageCodecs", yams],
      resources: [.embedInCode("Shipped")]
    ),
    .target(name: "MetaLearning", dependencies: ["Autodiff", "Models", "Tasks", "Events"]),
    .target(
      name: "Training",
      dependencies: [
        "MetaLearning", "Tasks", "Models", "Autodiff", "Kernels", "Recording", "Files", "Events",
      ]
    ),

    // What is computed is in the targets below; optimising what calls them, in these two and in the
    // front door, would make the first build a minute longer.
    .target(
      name: "Experiments",
      dependencies: [
        "Training", "MetaLearning", "Tasks", "Models", "Kernels", "Recording", "Files", "Events",
        yams,
      ],
      resources: [.embedInCode("Shipped")],
      swiftSettings: unoptimised
    ),
    .target(
      name: "Sweeps",
      dependencies: [
        "Experiments", "Training", "MetaLearning", "Tasks", "Kernels", "Recording", "Files",
        "Events", yams,
      ],
      swiftSettings: unoptimised
    ),

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
        "Sweeps", "Experiments", "Training", "MetaLearning", "Tasks", "Models", "Kernels",
        "Recording", "Files", "Events", "CellGrid", "Dashboard", "NCursesTerminal", "CTermGuard",
        yams, arguments,
      ],
      resources: [.embedInCode("themes")],
      swiftSettings: unoptimised
    ),

    // Tests mirror the sources
    .testTarget(name: "EventsTests", dependencies: ["Events"]),
    // What tests of several targets need: folders of their own, reference files, archives.
    .target(name: "TestSupport", dependencies: ["CZlib"], path: "Tests/TestSupport"),
    .testTarget(name: "FilesTests", dependencies: ["Files", "TestSupport"]),
    .testTarget(
      name: "RecordingTests",
      dependencies: ["Recording", "Files", "Events", "TestSupport"]
    ),
    .testTarget(name: "KernelsTests", dependencies: ["Kernels"]),
    // Graphs evaluated in double precision: what plans and gradients are compared with.
    .target(
      name: "AutodiffOracle",
      dependencies: ["Autodiff", "Kernels"],
      path: "Tests/AutodiffOracle",
      swiftSettings: optimisedForTests
    ),
    .testTarget(name: "AutodiffTests", dependencies: ["Autodiff", "AutodiffOracle", "Kernels"]),
    .testTarget(
      name: "TasksTests",
      dependencies: ["Tasks", "Files", "Kernels", "CImageCodecs", "CZlib", "TestSupport"]
    ),
    .testTarget(
      name: "MetaLearningTests",
      dependencies: [
        "MetaLearning", "Models", "Tasks", "Files", "Autodiff", "AutodiffOracle", "Kernels",
        "Events",
      ]
    ),
    .testTarget(
      name: "TrainingTests",
      dependencies: [
        "Training", "MetaLearning", "Models", "Tasks", "Files", "Autodiff", "AutodiffOracle",
        "Kernels", "Events", "TestSupport",
      ]
    ),
    .testTarget(
      name: "ExperimentsTests",
      dependencies: [
        "Experiments", "Training", "MetaLearning", "Tasks", "Models", "Kernels", "Recording",
        "Files",
        "Events",
      ]
    ),
    .testTarget(
      name: "SweepsTests",
      dependencies: ["Sweeps", "Experiments", "Recording", "Files", "Events", "TestSupport"]
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
      dependencies: ["CellGrid", "CPseudoTerminal", "TestSupport"],
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
      dependencies: [
        "NCursesTerminal", "CellGrid", "VirtualTerminal", "TerminalFixture", "TestSupport",
        "CPseudoTerminal",
      ]
    ),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "metatop", "TestSupport", "VirtualTerminal", "TerminalFixture", "CellGrid", "Sweeps",
        "Experiments", "Training", "MetaLearning", "Tasks", "Recording", "Files", "Kernels",
        "Events",
      ],
      exclude: ["Earlier"]
    ),
    .testTarget(name: "ArchitectureTests"),
  ],
  swiftLanguageModes: [.v6]
)
