import CKernels
import COpenBLAS
import Glibc

/// Our small-matrix product, each variant this machine can run, against OpenBLAS on one thread.
///
/// Decides `KernelTable.blasThreshold`: products of more multiply-adds go to OpenBLAS.
enum ProductsBenchmark: Benchmark {
  static let name = "products"

  private struct Product {
    let m: Int
    let n: Int
    let k: Int
    var isLeftTransposed = false

    var multiplyAdds: Int { m * n * k }
    var title: String { "\(m)×\(n)×\(k)" + (isLeftTransposed ? " aᵀ" : "") }
  }

  /// Rows, columns and inner length of the result: the MLP's shapes, then a convolution's.
  private static let products = [
    Product(m: 5, n: 40, k: 40), Product(m: 10, n: 40, k: 40), Product(m: 25, n: 40, k: 40),
    Product(m: 40, n: 40, k: 10, isLeftTransposed: true), Product(m: 100, n: 40, k: 40),
    Product(m: 40, n: 40, k: 100, isLeftTransposed: true), Product(m: 64, n: 64, k: 64),
    Product(m: 96, n: 96, k: 96), Product(m: 49, n: 64, k: 576), Product(m: 128, n: 128, k: 128),
    Product(m: 192, n: 192, k: 192), Product(m: 256, n: 256, k: 256),
    Product(m: 1_764, n: 64, k: 576),
  ]

  private typealias Multiply = (Product, Memory) -> Void

  /// Operands and result, in one cache-line-aligned piece each.
  private struct Memory {
    let a: UnsafeMutablePointer<Float>
    let b: UnsafeMutablePointer<Float>
    let c: UnsafeMutablePointer<Float>

    init(_ product: Product) {
      a = Self.filled(product.m * product.k)
      b = Self.filled(product.k * product.n)
      c = Self.filled(product.m * product.n)
    }

    func free() { for part in [a, b, c] { UnsafeMutableRawPointer(part).deallocate() } }

    private static func filled(_ count: Int) -> UnsafeMutablePointer<Float> {
      let raw = UnsafeMutableRawPointer.allocate(byteCount: count * 4 + 64, alignment: 64)
      let start = raw.bindMemory(to: Float.self, capacity: count)
      for index in 0..<count { start[index] = Float(index % 7) - 3 }
      return start
    }
  }

  static func run() {
    openblas_set_num_threads(1)
    var contenders: [(name: String, multiply: Multiply)] = [("OpenBLAS", multiplyWithBLAS)]
    for name in ["x86-64-v4", "x86-64-v3", "baseline"] {
      guard let table = ck_table_named(name) else { continue }
      contenders.append((name, { multiply(table.pointee.matmul, $0, $1) }))
    }
    print("\nproducts: ns a call (GFLOP/s), best of 7, one thread, \(loadDescription)\n")
    let table = Table(
      [("m×n×k", 13), ("multiply-adds", 13)] + contenders.map { ($0.name, 17) } + [("ratio", 6)]
    )
    for product in products {
      let memory = Memory(product)
      defer { memory.free() }
      let times = nanoseconds(product, memory, contenders.map(\.multiply))
      table.row(
        [product.title, String(product.multiplyAdds)]
          + times.map { time in
            "\(fixed(time)) (\(fixed(2 * Double(product.multiplyAdds) / time, 1)))"
          } + [fixed(times[0] / times[1], 2)]
      )
    }
    print("\nratio: OpenBLAS's time over the widest variant's; above 1 ours is faster")
  }

  /// The best of seven rounds, contenders taking turns.
  private static func nanoseconds(
    _ product: Product,
    _ memory: Memory,
    _ contenders: [Multiply]
  ) -> [Double] {
    let calls = max(4_000_000 / product.multiplyAdds, 1) * 4
    var best = [Double](repeating: .infinity, count: contenders.count)
    for _ in 0..<7 {
      for (index, multiply) in contenders.enumerated() {
        for _ in 0..<max(calls / 4, 1) { multiply(product, memory) }
        let time = ContinuousClock().measure {
          for _ in 0..<calls { multiply(product, memory) }
        }
        best[index] = min(best[index], time.seconds * 1e9 / Double(calls))
      }
    }
    return best
  }

  private typealias Kernel =
    @convention(c) (
      UnsafePointer<Float>?, Int, Int, UnsafePointer<Float>?, UnsafeMutablePointer<Float>?, Int32,
      Int32, Int32, Int32, UnsafePointer<Float>?, Int32
    ) -> Void

  private static func multiply(_ kernel: Kernel?, _ product: Product, _ memory: Memory) {
    kernel?(
      memory.a,
      product.isLeftTransposed ? 1 : product.k,
      product.isLeftTransposed ? product.m : 1,
      memory.b,
      memory.c,
      Int32(product.m),
      Int32(product.n),
      Int32(product.k),
      0,
      nil,
      0
    )
  }

  private static func multiplyWithBLAS(_ product: Product, _ memory: Memory) {
    cblas_sgemm(
      CblasRowMajor,
      product.isLeftTransposed ? CblasTrans : CblasNoTrans,
      CblasNoTrans,
      Int32(product.m),
      Int32(product.n),
      Int32(product.k),
      1,
      memory.a,
      Int32(product.isLeftTransposed ? product.m : product.k),
      memory.b,
      Int32(product.n),
      0,
      memory.c,
      Int32(product.n)
    )
  }
}
