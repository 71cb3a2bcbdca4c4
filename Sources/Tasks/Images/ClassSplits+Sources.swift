import Files
import Kernels

extension ClassSplits {
  /// A split by lot: 64, 16 and 20 of each hundred classes, the same for the same seed; where those are
  /// too few for the episodes asked for and the classes suffice, as many as an episode needs.
  init(byLotOf classes: [Int], way: Int?, seed: UInt64) {
    var draws = RandomDraws(RandomStream(seed: seed))
    let order = draws.sample(classes.count, below: classes.count).map { EpisodeClass(classes[$0]) }
    let shares = Shares(count: classes.count, least: way ?? 2, floor: 2)
    self.init(
      metaTrain: Array(order.dropLast(shares.validation + shares.test)),
      metaValidation: Array(order.dropLast(shares.test).suffix(shares.validation)),
      metaTest: order.suffix(shares.test)
    )
    origin = .lot
  }

  /// Takes a sixth of the training classes to validate, or as many as an episode needs, where nothing
  /// else is set apart for it.
  mutating func holdOutValidation(_ options: ImageOptions, _ report: inout LoadReport) {
    var draws = RandomDraws(RandomStream(seed: options.seed).split(2))
    let count = metaTrain.count
    let order = draws.sample(count, below: count).map { metaTrain[$0] }
    let held = Shares(count: count, least: options.asked.way ?? 0, floor: 0).heldOut
    metaValidation = Array(order.suffix(held))
    metaTrain = Array(order.dropLast(held))
    origin = .validationHeldOut
    guard held > 0 else { return }
    report.notes.append(
      "no classes are set apart for meta-validation: \(held) of the \(count) training classes serve"
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
          throw DatasetError(path: path, reason: "class \(name) appears twice; keep one")
        }
        parts[split, default: []].append(EpisodeClass(index))
      }
    }
    if used.count < names.count {
      let rest = names.count - used.count
      report.notes.append(
        "\(plural(rest, "class")) \(rest == 1 ? "is" : "are") in no split of splits.json"
      )
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
