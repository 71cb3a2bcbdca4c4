import MetaLearning
import Recording
import Training

extension RunResolver {
  /// The runs with what each is expected to take of memory; refused when it is more than there is.
  ///
  /// Runs that are made `apart`, one after the other, take no memory together.
  func measured(
    _ runs: [RunConfiguration],
    apart: Bool = false
  ) throws(ConfigurationError) -> [RunConfiguration] {
    var measured: [RunConfiguration] = []
    for var run in runs {
      let need = run.memoryEstimate()
      let limit = min(Double(RunConfiguration.largestBytes), physicalMemory())
      guard need.bytes <= limit, need.isAddressable else {
        let room =
          need.bytes > limit
          ? "the \(memoryText(limit)) there are for it" : "one run can address"
        let name = run.method.descriptor.name
        throw tooLarge("\(name) on these sizes needs", need.bytes, room, Self.sizes(run))
      }
      run.memory = need
      measured.append(run)
    }
    guard !apart else { return measured }
    let total = Self.totalBytes(measured)
    guard total <= physicalMemory() else {
      throw tooLarge(
        "the \(runs.count) runs need",
        total,
        "the \(memoryText(physicalMemory())) there are; use fewer --methods or"
      )
    }
    return measured
  }

  /// What of a run may be smaller.
  private static func sizes(_ run: RunConfiguration) -> String {
    guard let sizes = (run.method as? any BatchMethod)?.sizes, let last = sizes.last else {
      return usualSizes
    }
    return "\(sizes.dropLast().joined(separator: ", ")) or \(last)"
  }

  private static let usualSizes = "--width, --shot, --query, --meta-batch or inner-steps"

  private func tooLarge(
    _ what: String,
    _ bytes: Double,
    _ room: String,
    _ sizes: String = usualSizes
  ) -> ConfigurationError {
    let remedy = room.hasSuffix(" or") ? "" : "; use"
    return ConfigurationError(
      .usage,
      "\(what) about \(memoryText(bytes)) of memory, more than \(room)\(remedy) a smaller \(sizes)"
    )
  }

  /// The program without runs, measured.
  private static let programBytes = Double(24 << 20)

  /// The program, all runs side by side, the arenas and the images they share.
  package static func totalBytes(_ runs: [RunConfiguration]) -> Double {
    let images = runs.first?.distribution.byteCount ?? 0
    let needs = runs.compactMap(\.memory)
    let workspaces = needs.map(\.workspaces).max() ?? 0
    return needs.reduce(programBytes + Double(images) + workspaces) { $0 + $1.own }
  }
}

/// Bytes as a person reads them: `312 MiB`, `1.4 GiB`.
package func memoryText(_ bytes: Double) -> String {
  let mebibytes = bytes / 1_048_576
  guard mebibytes >= 1024 else { return "\(max(Int(mebibytes.rounded()), 1)) MiB" }
  return "\((mebibytes / 1024 * 10).rounded() / 10) GiB"
}
