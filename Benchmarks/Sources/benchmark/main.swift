import Glibc

/// Something to measure; prints what it found.
protocol Benchmark {
  static var name: String { get }
  static func run() async throws
}

let benchmarks: [any Benchmark.Type] = [
  SinusoidBenchmark.self, ProductsBenchmark.self, AllocationsBenchmark.self, BusBenchmark.self,
  RecorderBenchmark.self, DashboardBenchmark.self, ConvolutionBenchmark.self, ImagesBenchmark.self,
  StepProfile.self, EpisodesBenchmark.self, JointBenchmark.self, SoakBenchmark.self,
]
let wanted = Array(CommandLine.arguments.dropFirst())
let known = benchmarks.map { $0.name }

for name in wanted where !known.contains(name) {
  print("\(name): is not a benchmark; use one of \(known.joined(separator: ", "))")
  exit(64)
}
for benchmark in benchmarks where wanted.isEmpty || wanted.contains(benchmark.name) {
  try await benchmark.run()
}
