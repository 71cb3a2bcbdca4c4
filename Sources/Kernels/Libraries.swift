import COpenBLAS

/// What the numerical library says of itself, for people.
package var blasDescription: String {
  guard let text = openblas_get_config() else { return "OpenBLAS (version unknown)" }
  return String(cString: text).split(separator: " ").prefix(2).joined(separator: " ")
}
