import Glibc

/// The files a person's own keys and view are kept in, by the XDG rules.
package struct UserFiles {
  package let keys: String?
  package let view: String?
  /// The newest comparisons of the form.
  package let recent: String?

  package static func found(_ places: Places = .here) -> Self {
    Self(
      keys: places.configuration.map { "\($0)/keys.yaml" },
      view: places.state.map { "\($0)/view.yaml" },
      recent: places.state.map { "\($0)/recent.yaml" }
    )
  }

  /// The file's text; nil where there is no such file or none that can be read.
  package static func text(_ path: String?) -> String? {
    guard let path, let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self)
  }

  /// Writes a file whole or not at all; where that is impossible nothing is kept.
  package static func keep(_ text: String, in file: String?) {
    guard let target = file else { return }
    let folder = target.split(separator: "/").dropLast()
    var path = ""
    for part in folder {
      path += "/\(part)"
      mkdir(path, 0o700)
    }
    let temporary = "\(target).\(getpid())"
    guard let file = fopen(temporary, "w") else { return }
    let isWritten = fputs(text, file) >= 0 && fflush(file) == 0
    fclose(file)
    if !isWritten || rename(temporary, target) != 0 { unlink(temporary) }
  }
}
