#define _GNU_SOURCE
#include "CTermGuard.h"
#include "Internal.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

static atomic_bool armed;
static int terminal = -1;
static struct termios modes;
static char restore_sequence[512];
static size_t restore_length;
static int held_errors = -1;  // the memory file that stands in for stderr
static int real_errors = -1;  // stderr as it was
static bool holding;

static void write_all(int descriptor, const char *bytes, size_t count) {
  while (count > 0) {
    ssize_t written = write(descriptor, bytes, count);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    bytes += written;
    count -= (size_t)written;
  }
}

/// Lets library chatter and `fatalError`'s sentence wait in memory instead of tearing the screen.
static void hold_errors(void) {
  if (!isatty(STDERR_FILENO)) return; // sent to a file or a pipe: leave it there
  if (held_errors < 0) held_errors = memfd_create("stderr", MFD_CLOEXEC);
  if (held_errors < 0) return;
  if (real_errors < 0) real_errors = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  if (real_errors < 0) return;
  holding = dup2(held_errors, STDERR_FILENO) >= 0;
}

static void show_errors(void) {
  if (!holding) return;
  holding = false;
  dup2(real_errors, STDERR_FILENO);
  char block[4096];
  off_t offset = 0;
  for (;;) {
    ssize_t count = pread(held_errors, block, sizeof block, offset);
    if (count <= 0) break;
    write_all(STDERR_FILENO, block, (size_t)count);
    offset += count;
  }
  (void)!ftruncate(held_errors, 0);
  lseek(held_errors, 0, SEEK_SET);
}

static void restore_at_exit(void) { term_guard_restore(true); }

int term_guard_arm(int descriptor, const char *restore, size_t length) {
  static bool registered;
  if (length > sizeof restore_sequence) return E2BIG;
  if (tcgetattr(descriptor, &modes) != 0) return errno;
  memcpy(restore_sequence, restore, length);
  restore_length = length;
  terminal = descriptor;
  if (!registered) registered = atexit(restore_at_exit) == 0;
  hold_errors();
  atomic_store(&armed, true);
  return 0;
}

bool term_guard_is_armed(void) { return atomic_load(&armed); }

void term_guard_disarm(void) {
  if (!atomic_exchange(&armed, false)) return;
  tcsetattr(terminal, TCSADRAIN, &modes);
  show_errors();
}

void term_guard_restore(bool may_block) {
  if (!atomic_exchange(&armed, false)) return;
  struct pollfd room = {.fd = terminal, .events = POLLOUT};
  if (may_block || poll(&room, 1, 100) > 0) write_all(terminal, restore_sequence, restore_length);
  tcsetattr(terminal, TCSANOW, &modes);
  show_errors();
}
