/// The walls of ARCHITECTURE.md: what each target may import, and nothing else.
enum Walls {
  static let arrows: [String: Set<String>] = [
    "Events": [],
    "CKernels": [],
    "COpenBLAS": [],
    "Kernels": ["CKernels", "COpenBLAS"],
    "Autodiff": ["Kernels"],
    "Models": ["Autodiff"],
    "CImageCodecs": [],
    "Tasks": ["Kernels", "CImageCodecs", "Yams"],
    "MetaLearning": ["Autodiff", "Models", "Tasks", "Events"],
    "Training": ["MetaLearning", "Tasks", "Models", "Autodiff", "Kernels", "Events"],
    "Recording": ["Training", "Tasks", "Events"],
    "CellGrid": [],
    "Dashboard": ["CellGrid", "Events", "Yams"],
    "CNCurses": [],
    "CTermGuard": [],
    "NCursesTerminal": ["CellGrid", "CNCurses", "CTermGuard"],
    "metatop": [
      "Events", "Kernels", "Autodiff", "Models", "Tasks", "MetaLearning", "Training", "Recording",
      "CellGrid", "Dashboard", "NCursesTerminal", "CTermGuard", "Yams", "ArgumentParser",
    ],
  ]

  static let engineTower: Set<String> = [
    "Kernels", "CKernels", "COpenBLAS", "Autodiff", "Models", "CImageCodecs", "Tasks",
    "MetaLearning", "Training", "Recording",
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
