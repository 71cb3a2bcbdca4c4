import Testing

@testable import NCursesTerminal

@Suite struct FramePacerTests {
  @Test func slowWritesHalveTheRateDownToOneASecond() {
    var pacer = FramePacer()
    let rates = (0..<7).map { _ in
      defer { pacer.frameWritten(in: 10) }
      return (1 / pacer.interval).rounded()
    }
    #expect(rates == [30, 15, 8, 4, 2, 1, 1])
  }

  @Test func quickWritesBringTheRateBackSlowly() {
    var pacer = FramePacer()
    pacer.frameWritten(in: 10)
    for _ in 0..<19 { pacer.frameWritten(in: 0) }
    #expect(pacer.interval == 1.0 / 15)
    pacer.frameWritten(in: 0)
    #expect(pacer.interval == 1.0 / 30)
  }

  @Test func aMiddlingWriteEndsTheSpellOfQuickOnes() {
    var pacer = FramePacer()
    pacer.frameWritten(in: 10)
    for _ in 0..<19 { pacer.frameWritten(in: 0) }
    pacer.frameWritten(in: 0.02)
    pacer.frameWritten(in: 0)
    #expect(pacer.interval == 1.0 / 15)
  }
}
