import Files

/// Lists of pictures with their classes: mini-ImageNet's `{train,val,test}.csv`, or one list, beside
/// `images/` or another folder that holds the pictures.
struct ImageList {
  let root: String
  let listing: FolderListing

  /// A list and the split it is named after.
  struct Source {
    let part: MetaSplit?
    let item: FolderListing.Item
  }

  /// The files of a folder that can be lists, those of splits first and in their order.
  static func lists(in listing: FolderListing) -> [Source] {
    var lists: [Source] = []
    for item in listing.files {
      let parts = item.name.split(separator: ".")
      guard parts.count == 2, let ending = parts.last?.lowercased() else { continue }
      let part = MetaSplit(named: parts[0])
      guard ["csv", "tsv"].contains(ending) || (part != nil && ending == "txt") else { continue }
      lists.append(Source(part: part, item: item))
    }
    return lists.sorted { ($0.part?.rawValue ?? 9) < ($1.part?.rawValue ?? 9) }
  }

  func classes(_ lists: [Source]) throws(DatasetError) -> [PendingClass] {
    var all: [PendingClass] = []
    for (index, list) in lists.enumerated() {
      if index > 0, let part = list.part, lists[index - 1].part == part {
        throw DatasetError(
          path: root,
          reason: "has two lists of \(part.title) images, \(lists[index - 1].item.name) and "
            + "\(list.item.name); leave one of them"
        )
      }
      all += try read(list)
    }
    return all
  }

  private struct Key: Hashable {
    let label: String
    let part: MetaSplit?
  }

  private func read(_ list: Source) throws(DatasetError) -> [PendingClass] {
    let path = list.item.path
    let text = try DelimitedText(try SystemFile.content(path, limit: 1 << 30), path: path)
    let columns = try ListColumns(text.rows, path: path)
    let rows = text.rows.dropFirst(columns.hasHeader ? 1 : 0)
    let place = try place(of: rows, columns, path)
    var classes: [Key: PendingClass] = [:]
    for row in rows {
      let (name, label) = try entry(row, columns, path)
      var part = list.part
      if part == nil, let column = columns.split, row.fields.indices.contains(column) {
        part = MetaSplit(named: row.fields[column])
      }
      classes[Key(label: label, part: part), default: PendingClass(name: label, part: part)].images
        .append(PendingImage(name: name, origin: .file(place.path(of: name))))
    }
    return classes.values.sorted {
      ($0.part?.rawValue ?? 9, $0.name) < ($1.part?.rawValue ?? 9, $1.name)
    }
  }

  /// A line's file and class.
  private func entry(
    _ row: DelimitedText.Row,
    _ columns: ListColumns,
    _ path: String
  ) throws(DatasetError) -> (name: String, label: String) {
    let fields = row.fields
    guard fields.indices.contains(columns.file), fields.indices.contains(columns.label),
      !fields[columns.file].isEmpty, !fields[columns.label].isEmpty
    else {
      throw DatasetError(
        path: path,
        line: row.line,
        reason: "\"\(fields.joined(separator: ","))\" is no pair of \(columns.names)"
      )
    }
    var name = fields[columns.file].replacing("\\", with: "/")
    while name.hasPrefix("./") { name.removeFirst(2) }
    let isOutside =
      name.hasPrefix("/") || name.split(separator: "/").contains("..")
      || name.dropFirst().hasPrefix(":/")
    guard !isOutside else {
      throw DatasetError(
        path: path,
        line: row.line,
        reason: "\(fields[columns.file]) lies outside the folder images/; name a file in it"
      )
    }
    return (name, fields[columns.label])
  }

  // MARK: Where the pictures are

  /// What stands before and behind a name in the list.
  private struct Place {
    let folder: String
    let ending: String

    func path(of name: String) -> String { "\(folder)/\(name)\(ending)" }
  }

  /// Names tried before the list is said to name nothing that is there.
  private static let tried = 100

  /// The folder that has the first of the pictures which is anywhere.
  private func place(
    of rows: ArraySlice<DelimitedText.Row>,
    _ columns: ListColumns,
    _ path: String
  ) throws(DatasetError) -> Place {
    let others = listing.folders.map(\.path).filter { $0 != root + "/images" }
    let folders = [root + "/images", root] + others.prefix(50)
    for row in rows.prefix(Self.tried) {
      let name = try entry(row, columns, path).name
      for ending in ["", ".jpg", ".png", ".jpeg", ".JPG", ".PNG", ".JPEG"] {
        for folder in folders where SystemFile.size("\(folder)/\(name)\(ending)") != nil {
          return Place(folder: folder, ending: ending)
        }
      }
    }
    return Place(folder: folders[0], ending: "")
  }
}

/// Which column of a list is the file's name, and which the class.
struct ListColumns {
  let file: Int
  let label: Int
  /// Train, val or test.
  let split: Int?
  let hasHeader: Bool
  /// For sentences.
  let names: String

  private static let files = [
    "filename", "file_name", "file", "filepath", "file_path", "image", "image_name", "imagename",
    "image_path", "imagepath", "image_file", "img", "img_name", "img_path", "path", "name",
    "image_id",
    "img_id", "imageid", "id", "fname", "picture", "photo",
  ]
  private static let labels = [
    "label", "labels", "class", "class_name", "classname", "category", "category_name", "target",
    "target_name", "label_name", "species", "breed", "variety", "y", "class_id", "label_id",
    "category_id", "classid", "diagnosis", "type",
  ]
  private static let splits = ["split", "set", "subset", "partition", "data_set", "fold_name"]

  init(_ rows: [DelimitedText.Row], path: String) throws(DatasetError) {
    guard let first = rows.first else {
      throw DatasetError(path: path, reason: "is empty; write lines such as filename,label")
    }
    let header = first.fields.map(Self.plain)
    let named = (
      file: Self.files.lazy.compactMap { header.firstIndex(of: $0) }.first,
      label: Self.labels.lazy.compactMap { header.firstIndex(of: $0) }.first
    )
    if let file = named.file, let label = named.label {
      (self.file, self.label, hasHeader) = (file, label, true)
      split = Self.splits.lazy.compactMap { header.firstIndex(of: $0) }.first
      names = "\(first.fields[file]),\(first.fields[label])"
      return
    }
    split = nil
    names = "filename,label"
    // Without names that say it, the column of files is the one whose fields look like files.
    let isData = first.fields.contains(where: Self.isFile)
    guard let row = isData ? first : rows.dropFirst().first,
      let file = row.fields.firstIndex(where: Self.isFile)
    else {
      guard first.fields.count == 2 else { throw Self.unclear(first, path) }
      (self.file, label, hasHeader) = (0, 1, false)
      return
    }
    let others = row.fields.indices.filter { $0 != file && !Self.isIndex($0, rows, isData) }
    guard others.count <= 1 else { throw Self.unclear(first, path) }
    (self.file, label, hasHeader) = (file, others.first ?? file + 1, !isData)
  }

  /// A header's name in lower case, with underscores between its words.
  private static func plain(_ name: String) -> String {
    name.trimmed.lowercased().replacing(" ", with: "_").replacing("-", with: "_")
  }

  private static func isFile(_ field: String) -> Bool {
    field.contains(".") && FolderListing.isPicture(field)
  }

  /// Whether a column counts the rows, from 0 or 1 on, as pandas and R write it.
  private static func isIndex(_ column: Int, _ rows: [DelimitedText.Row], _ isData: Bool) -> Bool {
    guard column == 0, rows.count > (isData ? 2 : 3) else { return false }
    let numbers = rows.dropFirst(isData ? 0 : 1).prefix(1_000).map {
      $0.fields.first.flatMap { Int($0) }
    }
    guard let first = numbers.first ?? nil, (0...1).contains(first) else { return false }
    return numbers.enumerated().allSatisfy { $0.element == first + $0.offset }
  }

  private static func unclear(_ row: DelimitedText.Row, _ path: String) -> DatasetError {
    DatasetError(
      path: path,
      line: row.line,
      reason: "which column is the file's name and which the class cannot be told from "
        + "\"\(named(row.fields, most: 8))\"; call them filename and label"
    )
  }
}
