import ArgumentParser
import Dashboard
import Experiments
import MetaLearning
import Models
import Tasks

/// What the shells' completions offer for a value, beside files and folders.
extension CompletionKind {
  /// Methods, also those behind the last comma.
  static let methods = separated(MethodCatalog.all.map(\.descriptor.id))

  /// One method.
  static let methodNames = list(MethodCatalog.all.map(\.descriptor.id))

  /// The tasks that can be named here.
  static let tasks = custom { _, _, _ in
    TaskCatalog.names(roots: DataRoots.found()) + [RecordedTask.taskName] + TaskCatalog.pathPrefixes
  }

  static let recipes = custom { _, _, _ in RecipeCatalog.found().recipes.map(\.name) }

  static let themes = custom { _, _, _ in ["auto"] + ThemeFolder.found().themes.map(\.name) }

  static let models = list(ModelCatalog.all.map(\.name))
  static let normalisations = list(Normalisation.allCases.map(\.rawValue))
  static let activations = list(Activation.allCases.map(\.rawValue))
  static let onOrOff = list(["on", "off"])
  static let tensors = file(extensions: ["safetensors"])
  static let settings = file(extensions: ["yaml", "yml"])
  static let checkpoints = list(["last", "best"])

  /// Different words with commas between them.
  static func separated(_ words: [String]) -> Self {
    custom { _, _, prefix in following(prefix, words) }
  }

  /// A list that has begun, with each word that is not in it yet.
  static func following(_ prefix: String, _ words: [String]) -> [String] {
    let given = prefix.split(separator: ",", omittingEmptySubsequences: false).dropLast()
    let begun = given.map { "\($0)," }.joined()
    return words.filter { !given.contains($0[...]) }.map { begun + $0 }
  }
}
