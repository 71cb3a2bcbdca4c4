/// How a path goes on that is being typed.
package struct PathCompletion: Equatable, Sendable {
  /// As far as all candidates agree; what was typed where there is none.
  package let path: String
  /// Names that begin so, in their order; folders end in a stroke.
  package let candidates: [String]

  /// Looks into the folder that the text names so far; `~` stands for a home folder and stays.
  package init(_ text: String) {
    let end = text.lastIndex(of: "/").map { text.index(after: $0) } ?? text.startIndex
    let (folder, beginning) = (String(text[..<end]), String(text[end...]))
    let place = folder.isEmpty ? "." : SystemFile.expanded(folder)
    guard folder.isEmpty || folder.hasSuffix("/"), let listing = try? FolderListing(place) else {
      (path, candidates) = (text, [])
      return
    }
    let names = (listing.folders.map { $0.name + "/" } + listing.files.map(\.name))
      .filter { $0.hasPrefix(beginning) }.sorted()
    candidates = names
    path =
      names.first.map { first in
        folder + names.dropFirst().reduce(first) { $0.commonPrefix($1) }
      } ?? text
  }
}

extension String {
  fileprivate func commonPrefix(_ other: String) -> String {
    String(zip(self, other).prefix { $0 == $1 }.map(\.0))
  }
}
