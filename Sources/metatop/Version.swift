import Kernels

/// This program's version, as every `config.json` says it.
let version = "0.1.0"

/// What `--version` says: the version, the commit it was built from, and the kernels' instruction set.
func versionLine(commit: String?) -> String {
  "metatop \(version) (commit \(commit ?? "unknown"), \(kernelNames))"
}

/// The instruction set that this machine's kernels are made for, of all that it could take.
var kernelNames: String {
  let all = KernelTable.available.map(\.name).joined(separator: ", ")
  return "\(KernelTable.forThisMachine.name) of \(all)"
}
