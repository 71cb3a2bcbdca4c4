import Kernels

/// A small deterministic generator whose seed a failing test prints.
package struct SeededNumbers {
  private var stream: RandomStream

  package init(seed: UInt64) { stream = RandomStream(seed: seed) }

  package mutating func normal(_ count: Int) -> [Double] {
    let buffer = AlignedBuffer(count: count)
    stream.fillNormal(buffer, at: 0, count: count)
    return buffer.values(0..<count).map(Double.init)
  }

  package mutating func uniform(_ count: Int) -> [Double] {
    let buffer = AlignedBuffer(count: count)
    stream.fillUniform(buffer, at: 0, count: count)
    return buffer.values(0..<count).map(Double.init)
  }

  package mutating func index(below bound: Int) -> Int {
    min(Int(uniform(1)[0] * Double(bound)), bound - 1)
  }

  package mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[index(below: elements.count)]
  }
}
