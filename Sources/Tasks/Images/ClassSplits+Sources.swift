import Kernels

extension ClassSplits {
  /// A split by lot: 64, 16 and 20 of each hundred classes, the same for the same seed.
  init(byLotOf count: Int, seed: UInt64, path: String) throws(DatasetError) {
    guard count >= 6 else {
      throw DatasetError(
        path: path,
        reason: "has \(count) classes, too few to part; 6 are the least, of which 2 a split"
      )
    }
    var draws = RandomDraws(RandomStream(seed: seed))
    let order = draws.sample(count, below: count).map { EpisodeClass($0) }
    let (validation, test) = (max(count * 16 / 100, 2), max(count * 20 / 100, 2))
    self.init(
      metaTrain: Array(order.dropLast(validation + test)),
      metaValidation: Array(order.dropLast(test).suffix(validation)),
      metaTest: order.suffix(test)
    )
  }

  /// Takes a sixth of the training classes to validate, where nothing else is set apart for it.
  mutating func holdOutValidation(_ seed: UInt64, _ report: inout LoadReport) {
    var draws = RandomDraws(RandomStream(seed: seed).split(2))
    let count = metaTrain.count
    let order = draws.sample(count, below: count).map { metaTrain[$0] }
    metaValidation = Array(order.suffix(count / 6))
    metaTrain = Array(order.dropLast(count / 6))
    report.notes.append(
      "no classes are set apart for meta-validation: \(count / 6) of the \(count) training classes "
        + "serve"
    )
  }
}

/// `splits.json`: `{"train": ["cat", …], "val": […], "test": […]}`.
struct SplitList {
  let path: String

  func splits(of names: [String], _ report: inout LoadReport) throws(DatasetError) -> ClassSplits {
    var parts: [MetaSplit: [EpisodeClass]] = [:]
    var used: Set<String> = []
    for field in try fields() {
      guard let split = MetaSplit(named: field.key), field.value.isArray else {
        throw DatasetError(
          path: path,
          reason:
            "\"\(field.key)\" is not understood; use train, val and test, each a list of classes"
        )
      }
      for member in field.value.elements {
        guard let name = member.string, let index = names.firstIndex(of: name) else {
          throw DatasetError(
            path: path,
            reason:
              "\(member.string ?? "a member of \(field.key)") is no class; there is no folder "
              + "of this name"
          )
        }
        guard used.insert(name).inserted else {
          throw DatasetError(path: path, reason: "class \(name) stands there twice; leave it once")
        }
        parts[split, default: []].append(EpisodeClass(index))
      }
    }
    if used.count < names.count {
      report.notes.append("\(names.count - used.count) classes are in no split of splits.json")
    }
    return ClassSplits(
      metaTrain: parts[.metaTrain] ?? [],
      metaValidation: parts[.metaValidation] ?? [],
      metaTest: parts[.metaTest] ?? []
    )
  }

  private func fields() throws(DatasetError) -> JSONFields {
    let bytes = try SystemFile.content(path, limit: 64 << 20)
    do throws(JSONError) {
      let document = try JSONView(bytes)
      guard document.isObject else {
        throw JSONError(reason: "a list of classes for train, val and test is expected", offset: 0)
      }
      return document.fields
    } catch {
      throw DatasetError(path: path, reason: "is damaged: \(error)")
    }
  }
}
