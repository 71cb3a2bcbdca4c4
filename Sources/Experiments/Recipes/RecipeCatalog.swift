import Files

/// The recipes that are found: those of the folders of `Places`, then those in the program itself.
package struct RecipeCatalog {
  /// By name.
  package private(set) var recipes: [Recipe] = []
  /// What could not be read.
  package private(set) var errors: [DatasetError] = []
  private var origins: [String: String] = [:]

  private static let largestFile = 1 << 16

  /// Every recipe by the rule for what ships; the first of a name counts.
  package static func found(_ places: Places = .here) -> Self {
    var catalog = Self()
    for folder in places.folders(of: .recipes) {
      for name in SystemFile.names(in: folder).sorted() where name.hasSuffix(".yaml") {
        let path = "\(folder)/\(name)"
        do throws(DatasetError) {
          let bytes = try SystemFile.content(path, limit: largestFile)
          try catalog.add(String(decoding: bytes, as: UTF8.self), path)
        } catch {
          catalog.errors.append(error)
        }
      }
    }
    for (name, bytes) in ShippedRecipes.all where catalog.origins[name] == nil {
      do throws(DatasetError) {
        try catalog.add(String(decoding: bytes, as: UTF8.self), "Recipes/\(name).yaml (in metatop)")
      } catch {
        catalog.errors.append(error)
      }
    }
    catalog.recipes.sort { $0.name < $1.name }
    return catalog
  }

  /// The names alone, which the first frame of the dashboard waits for: files as they ship are not parsed.
  package static func names(_ places: Places = .here) -> [String] {
    let shipped = Dictionary(uniqueKeysWithValues: ShippedRecipes.all.map { ($0.name, $0.bytes) })
    var names = Set(shipped.keys)
    for folder in places.folders(of: .recipes) {
      for name in SystemFile.names(in: folder) where name.hasSuffix(".yaml") {
        let path = "\(folder)/\(name)"
        guard let bytes = try? SystemFile.content(path, limit: largestFile),
          shipped[String(name.dropLast(5))].map({ !$0.elementsEqual(bytes) }) ?? true,
          let recipe = try? Recipe(text: String(decoding: bytes, as: UTF8.self), path: path)
        else { continue }
        names.insert(recipe.name)
      }
    }
    return names.sorted()
  }

  private mutating func add(_ text: String, _ path: String) throws(DatasetError) {
    let recipe = try Recipe(text: text, path: path)
    guard origins[recipe.name] == nil else { return }
    origins[recipe.name] = path
    recipes.append(recipe)
  }

  /// Where a recipe was read.
  package func origin(of name: String) -> String { origins[name] ?? "" }

  package func recipe(_ name: String) throws(Failure) -> Recipe {
    if let recipe = recipes.first(where: { $0.name == name }) { return recipe }
    if let error = errors.first(where: { $0.path.hasSuffix("/\(name).yaml") }) {
      throw Failure(status: Failure.badData, sentence: error.description)
    }
    throw Failure(
      status: Failure.usage,
      sentence: "there is no recipe \"\(name.printable)\"; `metatop recipe list` lists all"
    )
  }

  /// The rows of a recipe as arguments of a comparison: of each method the first, with one seed.
  package func arguments(of name: String) -> [String] {
    guard let recipe = recipes.first(where: { $0.name == name }) else { return [] }
    var rows: [Recipe.Row] = []
    for row in recipe.rows where !rows.contains(where: { $0.method == row.method }) {
      rows.append(row)
    }
    return ["--methods=" + rows.map(\.method).joined(separator: ",")]
      + recipe.options.map { "--\($0.name)=\($0.value)" }
      + recipe.settings.map { "--set=\($0.name)=\($0.value)" }
      + rows.flatMap { row in row.settings.map { "--set=\(row.method).\($0.name)=\($0.value)" } }
  }
}
