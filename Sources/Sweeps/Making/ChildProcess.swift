import Glibc

/// Another program, run to its end.
struct ChildProcess {
  let status: Int32
  let output: String
  let errors: String

  /// Runs a program that is looked for in `PATH`, with nothing to read; nil when there is none.
  static func run(_ arguments: [String]) -> ChildProcess? {
    guard let first = arguments.first, let output = Pipe(), let errors = Pipe() else { return nil }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output.writing, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, errors.writing, STDERR_FILENO)
    let words = arguments.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var id = pid_t()
    let code = posix_spawnp(&id, first, &actions, nil, words, environ)
    close(output.writing)
    close(errors.writing)
    defer {
      close(output.reading)
      close(errors.reading)
    }
    guard code == 0 else { return nil }
    // What it complains of is short enough for the pipe's own room while the output is read.
    let said = output.text()
    let complained = errors.text()
    var status: Int32 = 0
    while waitpid(id, &status, 0) < 0, errno == EINTR {}
    let isSignal = status & 0x7f != 0
    return ChildProcess(
      status: isSignal ? 128 + (status & 0x7f) : (status >> 8) & 0xff,
      output: said,
      errors: complained
    )
  }

  private struct Pipe {
    let reading: Int32
    let writing: Int32

    init?() {
      var ends: [Int32] = [0, 0]
      guard pipe(&ends) == 0 else { return nil }
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      (reading, writing) = (ends[0], ends[1])
    }

    /// Everything that comes until the other end closes.
    func text() -> String {
      var bytes: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = read(reading, &buffer, buffer.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { break }
        bytes += buffer[..<count]
      }
      return String(decoding: bytes, as: UTF8.self)
    }
  }
}
