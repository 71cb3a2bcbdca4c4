import Testing

/// A method is known by its own files; everybody else asks it.
@Suite("Names of methods")
struct MethodNamesTests {
  /// Reads recordings that were made before methods declared their screen; ARCHITECTURE.md says so.
  private static let earlier = "Sources/Recording/RunDirectory/EarlierDeclarations.swift"
  /// Lists files, whose names say what they train.
  private static let recipes = "Sources/Experiments/Recipes/ShippedRecipes.swift"

  @Test(
    "No engine, screen or command knows a method's parts by name",
    arguments: [
      "Sources/Autodiff", "Sources/Models", "Sources/Training", "Sources/Dashboard",
      "Sources/Recording", "Sources/Experiments", "Sources/Sweeps", "Sources/metatop",
    ]
  )
  func unnamed(folder: String) throws {
    let files = try ProjectFiles.files(below: folder)
    #expect(!files.isEmpty)
    for file in files where ![Self.earlier, Self.recipes].contains(where: file.path.hasSuffix) {
      let text = file.text.lowercased()
      for word in ["colearner", "co-learner", "perturb", "cml"] {
        #expect(!text.contains(word), "\(file.path) knows \(word)")
      }
    }
  }
}
