import Glibc

/// Gives each standard descriptor that was closed a place to fail.
///
/// Else the next file that is opened would take its number, and a sentence meant for a person
/// would land in a run's metrics.
package func occupyStandardDescriptors() {
  for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
    _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
  }
}

/// Writes one line to standard error; whatever it names, nothing in it can steer a terminal.
package func complain(_ sentence: String) {
  let line = Array((sentence.printable + "\n").utf8)
  _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

/// Writes bytes to standard output; false when they could not be written whole.
package func say(_ bytes: [UInt8]) -> Bool {
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    guard count > 0 else { return false }
    rest = rest.dropFirst(count)
  }
  return true
}
