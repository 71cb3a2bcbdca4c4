import Files
import Recording
import Training

extension RunResolver {
  /// Every file of tensors that the options name.
  func files(
    _ record: inout RunData
  ) throws(ConfigurationError) -> (
    initial: TensorFile?, episodes: TensorFile?, validation: TensorFile?
  ) {
    (
      try file(.initial, options.initial, &record.initial),
      try file(.episodes, options.episodes, &record.episodes),
      try file(.validationEpisodes, options.validationEpisodes, &record.validation)
    )
  }

  /// Reads a file of tensors; `record` gets its digest, so that another content is noticed later.
  func file(
    _ option: OptionName,
    _ path: String?,
    _ record: inout RunData.File?
  ) throws(ConfigurationError) -> TensorFile? {
    guard let path else { return nil }
    do throws(SafetensorsError) {
      let bytes: [UInt8]
      do {
        bytes = try SystemFile.read(path)
      } catch {
        throw SafetensorsError(path: path, reason: "cannot be read (\(error.reason))")
      }
      let file = try TensorFile(bytes: bytes, path: path)
      record = RunData.File(path: Self.absolute(path), sha256: Self.digest(of: bytes))
      return file
    } catch {
      throw badFile(option, error)
    }
  }

  /// The SHA-256 of a file, as `sha256sum` prints it.
  static func digest(of path: String) throws(SystemError) -> String {
    digest(of: try SystemFile.read(path))
  }

  private static func digest(of bytes: [UInt8]) -> String {
    var digest = SHA256()
    // In pieces, because the digest keeps what it is given until it has taken it in.
    let piece = 1 << 16
    for start in stride(from: 0, to: bytes.count, by: piece) {
      digest.add(bytes[start..<min(start + piece, bytes.count)])
    }
    return digest.digits
  }

  /// What is said of a file of initial parameters has no meaning without one.
  func checkInitialOptions() throws(ConfigurationError) {
    guard options.initial == nil else { return }
    for (option, isGiven) in [
      (OptionName.initialMissing, options.initialMissing != nil),
      (.initialHead, options.initialHead != nil),
    ] where isGiven {
      throw problem(option, "is for a file of initial parameters; give --initial as well")
    }
  }

  /// Says that the file of initial parameters does not fit while nothing has been written yet.
  func checkInitial(_ run: RunConfiguration) throws(ConfigurationError) {
    do throws(SafetensorsError) {
      try run.checkInitial()
    } catch {
      throw badFile(.initial, error)
    }
  }

  func badFile(_ option: OptionName, _ error: SafetensorsError) -> ConfigurationError {
    ConfigurationError(.badData, "\(options.origin(of: option)): \(error)")
  }
}
