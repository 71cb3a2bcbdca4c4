import CellGrid
import Events

/// The form for a new comparison: fields with what they allow, filled in by keys.
///
/// It knows no engine: whoever opens the screen says which fields there are, and answers whether
/// what was filled in can be trained.
package struct ComparisonForm: Equatable, Sendable {
  package struct Field: Equatable, Sendable {
    package enum Kind: Equatable, Sendable {
      /// One of these; `→` and `←` walk through them, and anything else may be typed.
      case choice([String])
      /// Any of these, chosen from a list with search.
      case subset([String])
      /// Text or a number that is typed.
      case text
    }

    package let id: String
    package let label: String
    /// What is allowed, in a few words.
    package let help: String
    package fileprivate(set) var kind: Kind
    package var value: String
    /// What stands behind the choices of a subset: a method's name and paper.
    package let details: [String: String]

    package init(
      id: String,
      label: String,
      help: String,
      kind: Kind = .text,
      value: String,
      details: [String: String] = [:]
    ) {
      self.details = details
      self.id = id
      self.label = label
      self.help = help
      self.kind = kind
      self.value = value
    }
  }

  /// What became of the filled-in form.
  package struct Answer: Equatable, Sendable {
    package var text: String
    package var isProblem: Bool
    /// What empty fields come to, by their identifiers.
    package var filled: [String: String]

    package init(text: String, isProblem: Bool, filled: [String: String] = [:]) {
      self.text = text
      self.isProblem = isProblem
      self.filled = filled
    }
  }

  /// What it is for, as its panel's title.
  let title: String
  package private(set) var fields: [Field]
  /// Values that go with the fields' own and cannot be changed here.
  private let hidden: [String: String]
  /// Earlier comparisons' values, newest first.
  let recent: [[String: String]]
  private(set) var selected = 0
  /// The selected field's text while it is edited; nil until a key edits it.
  private var input: LineInput?
  /// What the fields began with.
  private let beginning: [String: String]
  /// Fields that somebody has changed: another task leaves them alone.
  private var touched: Set<String> = []
  /// What a task decides for itself where nothing is said.
  private static let ownToTask: Set<String> = [
    "way", "shot", "query", "meta-batch", "steps", "width", "model", "image-size", "split",
  ]
  /// The list of the selected field's choices, while it is open.
  private(set) var list: SubsetList?
  private var recentIndex: Int?
  /// Set once the values were checked; any change takes it away.
  private(set) var answer: Answer? { didSet { measuredSeconds = nil } }
  /// How long what was checked takes, measured.
  var measuredSeconds: Double?

  package init(
    title: String = "new comparison",
    fields: [Field],
    hidden: [String: String] = [:],
    recent: [[String: String]] = []
  ) {
    self.hidden = hidden
    self.title = title
    self.fields = fields
    beginning = Dictionary(
      fields.map { ($0.id, $0.value) },
      uniquingKeysWith: { first, _ in first }
    )
    self.recent = recent
  }

  /// Each field's value by its identifier.
  package var values: [String: String] {
    Dictionary(fields.map { ($0.id, $0.value) }, uniquingKeysWith: { first, _ in first })
      .merging(hidden) { own, _ in own }
  }

  /// Whether Enter starts, because the values were found good and the cost was told.
  var isReady: Bool { answer.map { !$0.isProblem } ?? false }

  mutating func move(_ offset: Int) {
    guard !fields.isEmpty else { return }
    select((selected + offset + fields.count) % fields.count)
  }

  mutating func select(_ place: Int) {
    guard fields.indices.contains(place) else { return }
    (selected, input) = (place, nil)
  }

  /// The selected field's text, with the cursor.
  var edited: LineInput { input ?? LineInput(fields.at(selected)?.value ?? "") }

  /// Takes an answer; what is wrong with a field selects it.
  mutating func take(_ answer: Answer) {
    var answer = answer
    // Sentences name the option; a form has fields.
    let named = fields.indices.first { answer.text.contains("--\(fields[$0].id)") }
    if answer.isProblem, let named {
      select(named)
      let prefix = "--\(fields[named].id): "
      if answer.text.hasPrefix(prefix) {
        answer.text = "\(fields[named].label): \(answer.text.dropFirst(prefix.count))"
      }
    }
    for (id, value) in answer.filled where values[id] == "" { fill(id, with: value) }
    self.answer = answer
  }

  /// Arrows walk through a field's choices; in what was typed they move the cursor.
  mutating func turn(_ offset: Int) {
    guard let field = fields.at(selected) else { return }
    if case .subset = field.kind {
      if offset > 0 { openList(searching: "") }
      return
    }
    guard case .choice(let all) = field.kind, !all.isEmpty,
      let place = all.firstIndex(of: field.value)
    else {
      edit(offset > 0 ? .right : .left)
      return
    }
    set(all[(place + offset + all.count) % all.count])
    input = nil
  }

  /// Whether the text stands there as one of the choices, which typing replaces as a whole: `folder:`
  /// is only a beginning.
  private var isChosen: Bool {
    guard input == nil, let field = fields.at(selected), case .choice(let all) = field.kind else {
      return false
    }
    return all.contains(field.value) && !field.value.hasSuffix(":")
  }

  mutating func insert(_ text: String) {
    guard let field = fields.at(selected) else { return }
    if case .subset = field.kind {
      openList(searching: text)
      return
    }
    var line = isChosen ? LineInput() : edited
    line.insert(text)
    write(line)
  }

  /// Any other key that edits a line; what deletes or moves takes a choice for text.
  mutating func edit(_ key: Key) {
    guard let field = fields.at(selected) else { return }
    if case .subset = field.kind { return }
    var line = edited
    guard line.take(key) else { return }
    write(line)
  }

  /// What a path that was being typed goes on as.
  mutating func complete(_ path: String) {
    guard let start = pathStart else { return }
    write(LineInput(String(edited.text.prefix(start)) + path))
  }

  /// The path in the selected field, from where it begins; nil where there is none.
  var path: String? { pathStart.map { String(edited.text.dropFirst($0)) } }

  private var pathStart: Int? {
    guard let field = fields.at(selected) else { return nil }
    if let prefix = ["folder:", "series:"].first(where: { field.value.hasPrefix($0) }) {
      return prefix.count
    }
    let isFile = ["initial", "episodes", "validation-episodes", "branch"].contains(field.id)
    return isFile || field.value.hasPrefix("/") || field.value.hasPrefix("~")
      || field.value.hasPrefix("./") ? 0 : nil
  }

  /// The selected field's text as a whole.
  mutating func write(_ text: String) { write(LineInput(text)) }

  private mutating func write(_ line: LineInput) {
    if line.text != fields[selected].value { set(line.text) }
    input = line
  }

  /// Fills in the next earlier comparison.
  mutating func useRecent() {
    guard !recent.isEmpty else { return }
    let next = recentIndex.map { ($0 + 1) % recent.count } ?? 0
    (recentIndex, input) = (next, nil)
    for index in fields.indices {
      fields[index].value = recent[next][fields[index].id] ?? fields[index].value
    }
    answer = nil
  }

  mutating func fill(_ id: String, with value: String) {
    guard let index = fields.firstIndex(where: { $0.id == id }) else { return }
    fields[index].value = value
  }

  /// Gives a field these choices, of which the second stands there first: the middle one of three.
  mutating func choose(_ id: String, from choices: [String]) {
    guard let index = fields.firstIndex(where: { $0.id == id }) else { return }
    fields[index].kind = .choice(choices)
    fields[index].value = choices.count > 1 ? choices[1] : choices.first ?? ""
  }

  /// Adds to the choices of a field; what it says stays.
  mutating func offer(_ id: String, _ more: [String]) {
    guard let index = fields.firstIndex(where: { $0.id == id }),
      case .choice(let choices) = fields[index].kind
    else { return }
    fields[index].kind = .choice(choices + more)
  }

  fileprivate mutating func set(_ value: String) {
    let id = fields[selected].id
    fields[selected].value = value
    touched.insert(id)
    answer = nil
    guard id == "task" else { return }
    // Another task has its own shots, sizes and steps; empty fields stand for them.
    for index in fields.indices {
      let own = fields[index].id
      guard Self.ownToTask.contains(own), !touched.contains(own) else { continue }
      fields[index].value = value == beginning["task"] ? beginning[own] ?? "" : ""
    }
  }
}

/// The list of a subset's choices: what is typed searches, blanks put in and take out.
struct SubsetList: Equatable, Sendable {
  var input = LineInput() { didSet { selected = 0 } }
  var selected = 0
}

extension ComparisonForm.Field {
  /// What a subset has chosen, in the order of its choices.
  var chosen: [String] { value.split(separator: ",").map(String.init) }
}

extension ComparisonForm {
  private mutating func openList(searching text: String) {
    var list = SubsetList()
    // A blank opens it too, and searches nothing.
    list.input.insert(text.filter { $0 != " " })
    self.list = list
  }

  mutating func closeList() { list = nil }

  /// The choices that the list shows: those that hold all typed words, in their names or details.
  var listed: [String] {
    guard let list, fields.indices.contains(selected),
      case .subset(let all) = fields[selected].kind
    else { return [] }
    let words = list.input.text.lowercased().split(separator: " ").map(String.init)
    let details = fields[selected].details
    return all.filter { name in
      let text = "\(name) \(details[name] ?? "")".lowercased()
      return words.allSatisfy { text.contains($0) }
    }
  }

  mutating func search(_ change: (inout LineInput) -> Void) {
    if var list {
      change(&list.input)
      self.list = list
    }
  }

  mutating func moveInList(_ offset: Int) {
    let count = listed.count
    guard let list, count > 0 else { return }
    self.list?.selected = (min(list.selected, count - 1) + offset + count) % count
  }

  /// Where the list stands on a screen; nil while none is open.
  func listPlaces(in rect: Rect) -> ListPlaces? {
    guard let list, let field = fields.at(selected), case .subset(let all) = field.kind else {
      return nil
    }
    let count = listed.count
    let selected = min(list.selected, max(count - 1, 0))
    return ListPlaces(all: all.count, count: count, selected: selected, in: rect)
  }

  /// Whether the selected field's choices are a list of their own.
  var hasList: Bool {
    if let field = fields.at(selected), case .subset = field.kind { true } else { false }
  }

  /// Puts the list's selected choice in, or takes it out.
  mutating func toggleListed() {
    if let list { toggleListed(at: min(list.selected, listed.count - 1)) }
  }

  /// The same for any that is shown, wherever the selection is.
  mutating func toggleListed(at place: Int) {
    guard case .subset(let all) = fields[selected].kind, let name = listed.at(place) else { return }
    var chosen = Set(fields[selected].chosen)
    if chosen.remove(name) == nil { chosen.insert(name) }
    set(all.filter(chosen.contains).joined(separator: ","))
  }
}
