#define _GNU_SOURCE
#include "CTermGuard.h"
#include "Internal.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

static const int handled[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP, SIGCONT,
                              SIGUSR1, SIGUSR2, SIGALRM};
static const uint32_t ending = 1u | 1u << SIGINT | 1u << SIGTERM | 1u << SIGHUP | 1u << SIGQUIT |
                               1u << SIGUSR1 | 1u << SIGUSR2 | 1u << SIGALRM;
static const int64_t patience = 2; // seconds an ending signal may wait before the next one forces it

static atomic_bool installed;
static atomic_uint pending;
static atomic_llong first_ending; // when the oldest untaken ending signal came
static int signal_pipe[2] = {-1, -1};
static int wake_event = -1;

static int64_t monotonic_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec;
}

/// The loop has not taken an ending signal for a while: it is stuck, for example in a write to a
/// terminal that no longer reads. Without this only SIGKILL would help, and that restores nothing.
static void end_now(int signal) {
  term_guard_restore(false);
  struct sigaction action = {.sa_handler = SIG_DFL};
  sigaction(signal, &action, NULL);
  raise(signal);
}

static void note(int signal, siginfo_t *info, void *context) {
  (void)context;
  int saved = errno;
  // The terminal sends it for Ctrl-C, which is a key; a person or a program means an end.
  bool typed = signal == SIGINT && info->si_code > 0;
  uint32_t bit = typed ? 1u : 1u << signal;
  uint32_t before = atomic_fetch_or(&pending, bit);
  if (bit & ending) {
    if (!(before & ending)) {
      atomic_store(&first_ending, monotonic_seconds());
    } else if (monotonic_seconds() - atomic_load(&first_ending) >= patience) {
      end_now(signal);
    }
  }
  if (before == 0) (void)!write(signal_pipe[1], "s", 1);
  errno = saved;
}

int term_guard_install(void) {
  if (atomic_exchange(&installed, true)) return 0;
  wake_event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_event < 0 || pipe2(signal_pipe, O_CLOEXEC | O_NONBLOCK) != 0) {
    atomic_store(&installed, false);
    return errno;
  }
  // No SA_RESTART: a signal must be able to interrupt a blocked call.
  struct sigaction action = {.sa_sigaction = note, .sa_flags = SA_SIGINFO};
  sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < sizeof handled / sizeof *handled; i++) sigaction(handled[i], &action, NULL);
  struct sigaction ignore = {.sa_handler = SIG_IGN};
  sigaction(SIGPIPE, &ignore, NULL);
  term_guard_install_crash_handlers();
  return 0;
}

int term_guard_signal_descriptor(void) { return signal_pipe[0]; }

uint32_t term_guard_take_signals(void) {
  char drain[16];
  while (read(signal_pipe[0], drain, sizeof drain) > 0) {
  }
  return atomic_exchange(&pending, 0);
}

bool term_guard_is_main_thread(void) { return gettid() == getpid(); }

int term_guard_wake_descriptor(void) { return wake_event; }

void term_guard_wake(void) {
  int saved = errno;
  const uint64_t one = 1;
  if (wake_event >= 0) (void)!write(wake_event, &one, sizeof one);
  errno = saved;
}

void term_guard_clear_wakes(void) {
  uint64_t count;
  (void)!read(wake_event, &count, sizeof count);
}
