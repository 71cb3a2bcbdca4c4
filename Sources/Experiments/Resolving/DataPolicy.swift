import Files
import Recording
import Tasks

/// How recorded runs are given their data again.
package struct DataPolicy {
  /// The folder that takes the place of the recorded one.
  package var folder: String?
  /// The file of episodes that takes the place of the recorded one.
  package var episodes: String?
  /// The same for those to meta-validate on.
  package var validation: String?
  /// The same for initial parameters, which the new runs of a sweep read.
  package var initial: String?
  package var acceptsChanges = false

  package init(folder: String? = nil, acceptsChanges: Bool = false) {
    (self.folder, self.acceptsChanges) = (folder, acceptsChanges)
  }

  /// Puts the places into a run's options, and where data sets are looked for.
  package func apply(to resolver: inout RunResolver) throws(ConfigurationError) {
    if validation != nil, resolver.options.validationEpisodes == nil {
      throw ConfigurationError(
        .usage,
        "--validation-episodes: the run was not meta-validated on a file; leave it out"
      )
    }
    for (option, path) in [
      (OptionName.episodes, episodes), (.validationEpisodes, validation), (.initial, initial),
    ] {
      if let path { try apply(option, RunResolver.absolute(path), &resolver) }
    }
    guard let folder else { return }
    let path = RunResolver.absolute(folder)
    var names = (resolver.options.task ?? TaskCatalog.builtIn[0])
      .split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let places = names.indices.filter { TaskCatalog.parts(of: names[$0]) != nil }
    if let place = places.first {
      guard places.count == 1 else {
        throw ConfigurationError(
          .usage,
          "--data: the run has \(places.count) folders of images, and this names one; put them "
            + "where they were"
        )
      }
      names[place] = (TaskCatalog.parts(of: names[place])?.prefix ?? "") + path
      return try apply(.task, names.joined(separator: ","), &resolver)
    }
    guard names.contains(where: { !DatasetManifest.generated.contains($0) }) else {
      throw ConfigurationError(
        .usage,
        "--data: \(names[0].printable) is generated and lies nowhere; leave it out"
      )
    }
    // A set with a name is found in the folder that has this name, or in Omniglot's own.
    resolver.roots = [path, SystemFile.folder(of: path)] + resolver.roots
  }

  private func apply(
    _ option: OptionName,
    _ text: String,
    _ resolver: inout RunResolver
  ) throws(ConfigurationError) {
    let origin = option == .task ? "--data" : "--\(option.rawValue)"
    do {
      try resolver.options.apply(option, text, origin: origin)
    } catch {
      throw ConfigurationError(.usage, "\(origin): \(error.reason)")
    }
  }
}
