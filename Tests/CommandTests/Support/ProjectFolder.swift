extension String {
  /// The package's folder, from the path of a file two folders below `Tests`.
  var projectFolder: String {
    split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
  }
}
