/// What a task is trained with where nothing else is said.
package struct TaskDefaults: Sendable, Equatable {
  /// Classes of an episode; nil where there are none.
  package let way: Int?
  package let shot: Int
  /// Query examples, a class in classification; nil when as many as in the support set.
  package let queryShot: Int?
  package let steps: Int
  package let metaBatchSize: Int
  package let evaluateEvery: Int
  package let evaluationEpisodes: Int
  package let testEpisodes: Int
  /// Inner steps that a meta-validation scores at least; the query set is predicted after each.
  package let validationCurve: Int
  /// The same of the meta-test.
  package let testCurve: Int
  package let probeEvery: Int
  /// Units of each hidden layer of the default network.
  package let width: Int
}

extension TaskDefaults {
  /// Few-shot pictures: 5-way 1-shot with 15 queries a class, as the field compares methods.
  package static func images(steps: Int, width: Int) -> Self {
    Self(
      way: TaskCatalog.usualWay,
      shot: 1,
      queryShot: 15,
      steps: steps,
      metaBatchSize: 4,
      evaluateEvery: 250,
      evaluationEpisodes: 100,
      testEpisodes: 600,
      validationCurve: 1,
      testCurve: 3,
      probeEvery: 20,
      width: width
    )
  }
}

/// The task distributions by name.
package enum TaskCatalog {
  /// Classes of an episode where nothing is said and the task has classes.
  package static let usualWay = 5

  /// What needs no manifest to be known.
  package static let builtIn = ["sinusoid", "glyphs", "omniglot"]

  /// Whether a name means something here, sound or not: `folder:PATH`, a built-in task, or a folder
  /// below one of `roots`.
  package static func knows(_ name: String, roots: [String]) -> Bool {
    if name.hasPrefix("folder:") { return true }
    guard !name.isEmpty, !name.contains("/"), !name.hasPrefix(".") else { return false }
    let library = DatasetLibrary(roots: roots)
    if library.names().contains(name) { return true }
    return (try? library.entry(name))?.folder != nil
  }

  /// Every name that `make` takes, the built-in ones first.
  package static func names(roots: [String]) -> [String] {
    builtIn + DatasetLibrary(roots: roots).names().filter { !builtIn.contains($0) }
  }

  /// Any task by its name on the command line: a built-in one, `folder:PATH`, or the name of a
  /// folder below one of `roots`; pictures are read and decoded here, and nowhere else.
  package static func make(
    name: String,
    way: Int,
    roots: [String]
  ) throws(DatasetError) -> any TaskDistribution {
    if name.hasPrefix("folder:") {
      return try ImageTask(folder: String(name.dropFirst("folder:".count)), way: way)
    }
    guard !name.isEmpty, !name.contains("/"), !name.hasPrefix(".") else {
      throw DatasetError(
        path: name,
        reason: "is no data set's name; for a folder of images use folder:\(name)"
      )
    }
    let library = DatasetLibrary(roots: roots)
    return try make(try library.entry(name), way: way, library)
  }

  private static func make(
    _ entry: DatasetLibrary.Entry,
    way: Int,
    _ library: DatasetLibrary
  ) throws(DatasetError) -> any TaskDistribution {
    let (name, manifest) = (entry.name, entry.manifest)
    switch manifest?.layout ?? DatasetManifest.Layout(rawValue: name) ?? .folder {
    case .sinusoid: return Sinusoid()
    case .glyphs:
      return try ImageTask(glyphs: manifest?.glyphs ?? GlyphParameters(), way: way, name: name)
    case .omniglot:
      return try ImageTask(
        omniglot: try folder(of: entry, library),
        way: way,
        options: manifest?.omniglot ?? OmniglotOptions(),
        splitFile: library.vinyalsList,
        name: name
      )
    case .folder:
      return try ImageTask(
        folder: try folder(of: entry, library),
        way: way,
        options: manifest?.image ?? ImageOptions(),
        name: name
      )
    }
  }

  private static func folder(
    of entry: DatasetLibrary.Entry,
    _ library: DatasetLibrary
  ) throws(DatasetError) -> String {
    if let folder = entry.folder { return folder }
    guard let manifest = entry.manifest else {
      let known = library.names().joined(separator: ", ")
      throw DatasetError(
        path: entry.name,
        reason: "there is no such data set; use \(known), or folder:PATH"
      )
    }
    var reason = "its images are not here; \(manifest.get ?? "see \(manifest.file)")"
    if !library.searched.isEmpty {
      if reason.hasSuffix(".") { reason.removeLast() }
      reason += " (looked in \(library.searched.joined(separator: ", ")))"
    }
    throw DatasetError(path: entry.name, reason: reason)
  }
}
