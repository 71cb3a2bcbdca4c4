import Dispatch
import Events
import Foundation
import MetaLearning
import Models
import Tasks
import Training

// Temporary front door for measuring.
var arguments: [String: String] = [:]
for pair in CommandLine.arguments.dropFirst() {
  let parts = pair.split(separator: "=").map(String.init)
  arguments[parts[0]] = parts.count > 1 ? parts[1] : "1"
}
let configurations = (arguments["methods"] ?? "maml").split(separator: ",").map {
  name -> RunConfiguration in
  let method = MethodCatalog.method(String(name)) ?? MAML()
  var values = HyperparameterValues(method.descriptor.hyperparameters)
  for (key, value) in arguments {
    if let descriptor = values.descriptor(key), let number = try? descriptor.parse(value) {
      try? values.set(key, to: number)
    }
  }
  return RunConfiguration(
    method: method,
    model: MLP(inputs: 1, hidden: [40, 40], outputs: 1),
    distribution: Sinusoid(),
    values: values,
    shot: Int(arguments["shot"] ?? "10") ?? 10,
    queryShot: Int(arguments["shot"] ?? "10") ?? 10,
    totalSteps: Int(arguments["steps"] ?? "20000") ?? 20000,
    metaBatchSize: Int(arguments["meta-batch"] ?? "25") ?? 25,
    seed: UInt64(arguments["seed"] ?? "0") ?? 0,
    threads: Int(arguments["threads"] ?? "2") ?? 2,
    evaluateEvery: Int(arguments["evaluate-every"] ?? "0") ?? 0,
    evaluationEpisodes: 100,
    probeEvery: Int(arguments["probe-every"] ?? "1000000") ?? 50
  )
}
let comparison = Comparison(configurations) { event in
  switch event {
  case .step(let report):
    if report.step % 5000 == 0 {
      print(
        report.run.rawValue,
        report.step,
        report.queryLoss,
        report.seconds,
        Double(report.step) / report.seconds,
        report.probes ?? ""
      )
    }
  case .validation(let report): print(report)
  case .statusChanged: print(event)
  default: break
  }
}
let done = DispatchSemaphore(value: 0)
DispatchQueue.global().async {
  comparison.run()
  done.signal()
}
done.wait()
print(
  comparison.metaTest(episodes: 600).map { "\($0.loss) ± \($0.confidence95) \($0.lossByInnerStep)" }
)
