#define _GNU_SOURCE
#include "Internal.h"
#include <signal.h>
#include <stddef.h>

static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP};
enum { crash_count = sizeof crashes / sizeof *crashes };

static struct sigaction previous[crash_count];

// A stack overflow leaves no room for a handler on its own stack. Threads other than the one that
// installs the handlers bring their own or do without: then only their overflow goes unhandled.
static _Alignas(16) char stack[64 * 1024];

/// Takes the screen down, then lets the crash go on to whoever would have had it: Swift's
/// backtracer if it is on, else the default action. Their reports land on a readable terminal.
static void crashed(int signal, siginfo_t *info, void *context) {
  (void)context;
  term_guard_restore(true);
  for (int i = 0; i < crash_count; i++) {
    if (crashes[i] == signal) sigaction(signal, &previous[i], NULL);
  }
  // Returning runs a faulting instruction again, and so faults again. A signal that was sent
  // (abort(), kill) and a breakpoint do not repeat by themselves.
  if (info->si_code <= 0 || signal == SIGTRAP) raise(signal);
}

void term_guard_install_crash_handlers(void) {
  stack_t current;
  if (sigaltstack(NULL, &current) == 0 && (current.ss_flags & SS_DISABLE)) {
    stack_t own = {.ss_sp = stack, .ss_size = sizeof stack};
    sigaltstack(&own, NULL);
  }
  struct sigaction action = {.sa_sigaction = crashed, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < crash_count; i++) sigaction(crashes[i], &action, &previous[i]);
}
