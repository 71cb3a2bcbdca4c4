import Kernels

/// This program's version, as every `config.json` says it.
package let version = "0.1.0"

/// What `--version` says: the version, the commit it was built from, and the kernels' instruction set.
package func versionLine(commit: String?) -> String {
  "metatop \(version) (commit \(commit ?? "unknown"), \(kernelNames))"
}

/// The instruction set that this machine's kernels are made for, of all that it could take.
package var kernelNames: String {
  let all = KernelTable.available.map(\.name).joined(separator: ", ")
  let engine = MatrixEngine.isAvailable ? ", with AMX for bfloat16" : ""
  return "\(KernelTable.forThisMachine.name) of \(all)\(engine)"
}
