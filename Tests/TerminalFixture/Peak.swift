import Glibc

/// Runs a program to its end and writes the most memory it had, in KiB, into a file.
///
/// A parent's memory counts as its child's until the child has become the program; this one has
/// little, a test process much.
func runForPeak(_ arguments: [String]) -> Int32 {
  guard arguments.count > 1 else { return 64 }
  var words: [UnsafeMutablePointer<CChar>?] = arguments.dropFirst().map { strdup($0) }
  words.append(nil)
  var (child, status, usage) = (pid_t(), Int32(), rusage())
  guard posix_spawn(&child, arguments[1], nil, nil, words, environ) == 0,
    wait4(child, &status, 0, &usage) == child, let file = fopen(arguments[0], "w")
  else { return 71 }
  fputs("\(usage.ru_maxrss)\n", file)
  fclose(file)
  let signal = status & 0x7F
  return signal == 0 ? status >> 8 & 0xFF : 128 + signal
}
