let wanted = CommandLine.arguments.dropFirst()
if wanted.isEmpty || wanted.contains(BusBenchmark.name) { await BusBenchmark.run() }
