import Files

extension RunDirectory {
  /// How its comparison stood on the screen when somebody left it.
  package var view: String { path + "/view.yaml" }

  /// Keeps that; what cannot be written is only a matter of taste.
  package func keep(view text: String) {
    try? SystemFile.replace(view, with: [Array(text.utf8)[...]], isDurable: false)
  }
}
