/// The walls of ARCHITECTURE.md: what each target may import, and nothing else.
enum Walls {
  static let arrows: [String: Set<String>] = [
    "Events": [],
    "CZlib": [],
    "Files": ["CZlib"],
    "Recording": ["Events", "Files"],
    "CKernels": [],
    "COpenBLAS": [],
    "Kernels": ["CKernels", "COpenBLAS"],
    "Autodiff": ["Kernels"],
    "Models": ["Autodiff"],
    "CImageCodecs": [],
    "Tasks": ["Files", "Kernels", "CImageCodecs", "Yams"],
    "MetaLearning": ["Autodiff", "Models", "Tasks", "Events"],
    "Training": [
      "MetaLearning", "Tasks", "Models", "Autodiff", "Kernels", "Recording", "Files", "Events",
    ],
    "CellGrid": [],
    "Dashboard": ["CellGrid", "Events", "Yams"],
    "CNCurses": [],
    "CTermGuard": [],
    "NCursesTerminal": ["CellGrid", "CNCurses", "CTermGuard"],
    "Experiments": [
      "Training", "MetaLearning", "Tasks", "Models", "Kernels", "Recording", "Files", "Events",
      "Yams",
    ],
    "Sweeps": [
      "Experiments", "Training", "MetaLearning", "Tasks", "Kernels", "Recording", "Files", "Events",
      "Yams",
    ],
    "metatop": [
      "Sweeps", "Experiments", "Training", "MetaLearning", "Tasks", "Models", "Kernels",
      "Recording", "Files", "Events", "CellGrid", "Dashboard", "NCursesTerminal", "CTermGuard",
      "Yams", "ArgumentParser",
    ],
  ]

  /// What both towers, or either, may stand on.
  static let ground: Set<String> = ["Events", "Files", "CZlib", "Recording"]

  static let engineTower: Set<String> = [
    "Kernels", "CKernels", "COpenBLAS", "Autodiff", "Models", "CImageCodecs", "Tasks",
    "MetaLearning", "Training", "Experiments", "Sweeps",
  ]
  static let screenTower: Set<String> = [
    "CellGrid", "Dashboard", "NCursesTerminal", "CNCurses", "CTermGuard",
  ]

  /// Part of Swift and the system; every target may use them.
  static let system: Set<String> = [
    "Swift", "Glibc", "Musl", "Foundation", "Dispatch", "Synchronization",
  ]

  /// Everything that can be reached from a target.
  static func reachable(from target: String) -> Set<String> {
    var found: Set<String> = []
    var open = [target]
    while let next = open.popLast() {
      for neighbour in arrows[next, default: []] where found.insert(neighbour).inserted {
        open.append(neighbour)
      }
    }
    return found
  }
}
