import CellGrid
import Dashboard
import Events

/// What the main loop needs of the screen's state; the loop's tests script one.
protocol Screen {
  mutating func apply(_ event: RunEvent)
  mutating func noteDropped(_ count: Int)
  mutating func handle(_ input: InputEvent) -> [DashboardEffect]
  /// Tells the time in seconds since the loop began.
  mutating func tick(now: Double)
  var needsRedraw: Bool { get }
  mutating func markDrawn()
  /// Says what the loop did, or could not do.
  mutating func note(_ text: String, isProblem: Bool)
  /// What came of checking a form's values.
  mutating func answer(_ answer: ComparisonForm.Answer)
  /// What the screen shows is being recorded, or no longer.
  mutating func noteRecording(_ isOn: Bool)
  /// How long what was checked takes by a measurement, in seconds.
  mutating func answer(seconds: Double)
  /// How a path goes on that was being typed, and the names that begin so.
  mutating func complete(_ path: String, candidates: [String])
  /// Tells the size of the next frame.
  mutating func resize(to size: GridSize)
  func render(size: GridSize) -> CellGrid
  /// Nothing more will be typed, and there is nothing more to say.
  var isDone: Bool { get }
  mutating func endInput()
  /// Whether what is typed means something already; until then it waits where it is.
  var takesInput: Bool { get }
  /// Whether there is more to be told already than was told at the last look.
  var isBehind: Bool { get }
}

extension Screen {
  var takesInput: Bool { true }
  var isBehind: Bool { false }
  var isDone: Bool { false }
  mutating func endInput() {}
}

extension DashboardState: Screen {}
