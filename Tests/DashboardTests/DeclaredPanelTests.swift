import CellGrid
import Events
import Testing

@testable import Dashboard

/// Panels of methods that nobody has written yet, from their declarations alone.
@Suite struct DeclaredPanelTests {
  /// A run with these probes and panels, measured once.
  static func state(
    _ probes: [ProbeDescriptor],
    _ panels: [PanelDescription],
    _ values: [Float],
    moments: [MomentDescription] = [],
    hyperparameters: [HyperparameterDescriptor] = [],
    adaptation: AdaptationAxis = .innerSteps(count: 1),
    capabilities: TerminalCapabilities = .full
  ) -> DashboardState {
    var state = DashboardState(theme: .terminal, capabilities: capabilities)
    state.apply(
      .started(
        RunDescription(
          id: RunID(0),
          methodID: "tomorrow",
          methodName: "Tomorrow",
          citation: "",
          task: DemoEvents.task,
          model: "MLP",
          layers: ["layer1", "layer2", "head"],
          parameterCounts: [:],
          hyperparameters: hyperparameters,
          values: Dictionary(
            uniqueKeysWithValues: hyperparameters.map { ($0.id, $0.defaultValue) }
          ),
          probes: probes,
          panels: panels,
          moments: moments,
          adaptation: adaptation,
          totalSteps: 100,
          metaBatchSize: 4,
          seed: 0,
          threads: 1,
          color: 0
        )
      )
    )
    for step in 1...8 {
      state.apply(
        .step(
          StepReport(
            run: RunID(0),
            step: step,
            seconds: Double(step),
            queryLoss: 1,
            supportLoss: 1,
            metaGradientNorm: 1,
            probes: StepProbes(
              supportLosses: [2, 1],
              queryLosses: [3, 1.5],
              innerGradientNorms: [1, 1, 1],
              values: values.map { $0 * Float(step) / 8 }
            )
          )
        )
      )
    }
    state.tick(now: 8)
    return state
  }

  private func picture(_ state: DashboardState, _ columns: Int, _ rows: Int) -> String {
    let look = Look(theme: .terminal, capabilities: state.capabilities)
    var painter = Painter(size: GridSize(columns: columns, rows: rows), look: look)
    DeclaredPanel(state: state, id: "own").draw(on: &painter, in: Rect(painter.grid.size))
    #expect(painter.grid.violation == nil)
    return painter.grid.dump()
  }

  private static let everyStyle: DashboardState = {
    let probes = [
      ProbeDescriptor(key: "plain", label: "ρ plain", help: "", unit: "ms"),
      ProbeDescriptor(key: "signed", label: "signed", help: "", style: .signed),
      ProbeDescriptor(key: "share", label: "share", help: "", style: .percent),
      ProbeDescriptor(key: "full", label: "full", help: "", style: .gauge(0...4)),
      ProbeDescriptor(
        key: "lamp",
        label: "lamp",
        help: "",
        style: .lamp(on: "lit", off: "dark", above: 0.5)
      ),
      ProbeDescriptor(key: "w/1", label: "weights", help: "", style: .histogram),
      ProbeDescriptor(key: "w/2", label: "weights", help: "", style: .histogram),
      ProbeDescriptor(key: "w/3", label: "weights", help: "", style: .histogram),
      ProbeDescriptor(key: "c/1", label: "course", help: "", style: .curve(axis: "time t")),
      ProbeDescriptor(key: "c/2", label: "course", help: "", style: .curve(axis: "time t")),
    ]
    let panel = PanelDescription(
      id: "own",
      title: "own numbers",
      parts: [
        .rows([
          "plain", "signed", "share", "full", "lamp", "w", "c", "inner-lr", "query_loss", "absent",
        ])
      ]
    )
    let rate = HyperparameterDescriptor(
      id: "inner-lr",
      symbol: "α",
      kind: .logarithmic(0...1),
      defaultValue: 0.01,
      help: ""
    )
    return state(
      probes,
      [panel],
      [12, -0.25, 0.5, 3, 1, 1, 4, 2, 1, 2],
      hyperparameters: [rate]
    )
  }()

  @Test func everyStyle() {
    #expect(
      picture(Self.everyStyle, 60, 12) == """
        ╭─ own numbers ● Tomorrow ──────────────────────── step 8 ─╮
        │ ρ plain   12.000 ms  ▁▂▃▄▅▆▇█                            │
        │ signed      −0.2500  █▇▆▅▄▃▂▁                            │
        │ share        50.0 %  ▁▂▃▄▅▆▇█                            │
        │ full          3.000  ██████████████████████████▎········ │
        │ lamp       ● lit                                         │
        │ weights      2.0000  ▃▃▃▃▃▃▃▃▃▃▃▃████████████▅▅▅▅▅▅▅▅▅▅▅ │
        │ course       2.0000  ▁▁▁▁▁▁▁▁▁▁▁▁▁▁██████████████ time t │
        │ inner-lr     0.0100                                      │
        │ query loss   1.5000                                      │
        │                                                          │
        ╰──────────────────────────────────────────────────────────╯
        """
    )
  }

  @Test func panelsAreDrawnAtEverySize() {
    for method in ["cml", "metaperturb"] {
      for form in ["regression", "classification"] {
        let panel = DemoEvents.declared(method, form).panels[0]
        for capabilities in [TerminalCapabilities.full, .ascii] {
          let task = form == "regression" ? DemoEvents.task : DemoEvents.images
          let state = DashboardState.demo(steps: 30, task: task, capabilities: capabilities)
          for (columns, rows) in [(0, 0), (1, 1), (4, 3), (12, 4), (36, 9), (40, 12), (200, 50)] {
            let look = Look(theme: .terminal, capabilities: capabilities)
            var painter = Painter(size: GridSize(columns: columns, rows: rows), look: look)
            DeclaredPanel(state: state, id: panel.id)
              .draw(on: &painter, in: Rect(painter.grid.size))
            #expect(painter.grid.violation == nil, "\(panel.id) at \(columns)×\(rows)")
          }
        }
      }
    }
  }

  /// Whatever a recording declares: a screen is drawn, within its cells and without control characters.
  @Test func hostileDeclarationsAreDrawn() {
    let escape = "\u{1b}]0;owned\u{7}\u{202e}漢字"
    let probes = (0..<1_000).map {
      ProbeDescriptor(
        key: "p/\($0)\(escape)",
        label: escape,
        asciiLabel: escape,
        help: escape,
        layer: "\($0)\(escape)",
        style: $0 % 2 == 0 ? .lamp(on: escape, off: escape, above: .nan) : .gauge(0...1e-300),
        unit: escape
      )
    }
    let panels = (0..<16).map { index in
      PanelDescription(
        id: "own-\(index)",
        title: escape,
        letter: index % 2 == 0 ? "\u{7}" : "l",
        parts: [
          .rows(["p", "own-\(index)", escape, "support_loss"]), .cells(["p"], columns: 8),
          .table(
            PanelTable(
              lines: escape,
              total: escape,
              columns: (0..<12).map {
                .init("p", title: escape, hasHistory: true, rank: $0 == 0 ? .max : .min)
              }
            )
          ), .plane(title: escape), .accuracyByDraws(title: escape, hasBars: true),
        ]
      )
    }
    let moments = MomentDescription.Place.allCases.map {
      MomentDescription(
        id: $0.rawValue,
        title: escape,
        equation: "{k} {next} {probe:p/1} {} {{{ }",
        words: "{probe:\($0.rawValue)} {\(escape)} {words}",
        place: $0,
        switchID: "nothing"
      )
    }
    var state = Self.state(
      probes,
      panels,
      (0..<1_000).map { [Float.nan, .infinity, -.infinity, 3e38, 0][$0 % 5] },
      moments: moments,
      adaptation: .innerSteps(count: .max)
    )
    for kind in state.panelKinds {
      state.panel = kind
      for (columns, rows) in [(40, 12), (80, 24), (120, 40), (200, 50)] {
        let grid = state.render(size: GridSize(columns: columns, rows: rows))
        #expect(grid.violation == nil, "\(kind) at \(columns)×\(rows)")
      }
    }
    for preset in ["1", "2", "3", "4", "5"] as [Character] {
      _ = state.press(.character(preset), .character("i"), .character("C"), .character("p"))
      #expect(state.render(size: GridSize(columns: 120, rows: 40)).violation == nil)
    }
    // Every panel that can be had has a letter of its own, as far as the alphabet goes.
    #expect(Set(state.letters.values).count == state.letters.count)
  }

  @Test func aMomentIsFilledInOnce() {
    let moments = [
      MomentDescription(
        id: "one",
        title: "one",
        equation: "θ{next} = θ{k} − {inner-lr}",
        words: "p = {probe:p}, q = {probe:q}, {unknown}, {probe:p",
        place: .insteadOfInnerStep
      )
    ]
    let rate = HyperparameterDescriptor(
      id: "inner-lr",
      symbol: "α",
      kind: .logarithmic(0...1),
      defaultValue: 0.01,
      help: ""
    )
    let state = Self.state(
      [ProbeDescriptor(key: "p", label: "{probe:p}", help: "")],
      [],
      [0.5],
      moments: moments,
      hyperparameters: [rate],
      adaptation: .innerSteps(count: 2)
    )
    let run = state.runs[0]
    #expect(
      run.innerPhases == [
        .declared(id: "one", step: 0), .query, .metaGradient, .update,
      ]
    )
    let shown = InnerExplanation(state: state, run: run, phase: run.innerPhases[0])
    #expect(shown.equation == "θ₁ = θ₀ − 0.01")
    #expect(shown.words == "p = 0.5000, q = {probe:q}, {unknown}, {probe:p")
  }

  @Test func theSwitchIsTheFocusedMethods() {
    func part(_ id: String, off: Double) -> HyperparameterDescriptor {
      HyperparameterDescriptor(
        id: id,
        symbol: "x",
        kind: .linear(0...2, step: 1),
        defaultValue: 1,
        help: "",
        role: .switch(off: off)
      )
    }
    var state = Self.state([], [], [], hyperparameters: [part("mask", off: 2)])
    #expect(
      state.press(.character("C")) == [.send(.setHyperparameter(RunID(0), id: "mask", value: 2))]
    )
    state.apply(.hyperparameterChanged(RunID(0), id: "mask", value: 2, step: 8))
    #expect(
      state.press(.character("C")) == [.send(.setHyperparameter(RunID(0), id: "mask", value: 1))]
    )
  }

  @Test func otherWaysToAdaptHaveOtherWords() {
    for (axis, word, moments) in [
      (AdaptationAxis.time([0, 0.5]), "t = 0.5000", 4), (.once, "one go", 4), (.none, "none", 3),
    ] {
      let state = Self.state([], [], [], adaptation: axis)
      #expect(state.screen(120, 40).contains(word), "\(axis)")
      #expect(state.runs[0].innerPhases.count == moments)
    }
  }

  @Test func theSameDeclarationShowsWhatARunHas() {
    let panel = DemoEvents.declared("metaperturb", "regression").panels[0]
    let episodic = DashboardState.demo(steps: 30).runs[2]
    // κ, the table's head, all, and two layers.
    #expect(episodic.rows(of: panel) == 5)
    #expect(episodic.quantity("phi_disagreement") == nil)
  }
}
