// The calls for pseudo terminals and child processes that Swift's Glibc module lacks.
#pragma once
#include <stdbool.h>
#include <sys/types.h>
#include <termios.h>

/// Opens a pair of `rows` × `columns`; both ends close on exec. Returns 0 or an errno.
int pty_open(int rows, int columns, int *controller, int *terminal);

/// Changes the size; the kernel then sends SIGWINCH to the foreground processes.
int pty_resize(int controller, int rows, int columns);

/// Starts `path` as a session leader whose controlling terminal and standard descriptors are the
/// terminal end of `controller`. Signals are as a shell would leave them. Returns 0 or an errno.
int pty_spawn(int controller, const char *path, char *const arguments[], char *const environment[],
              pid_t *child);

/// A descriptor that becomes readable when `child` has ended; -1 on failure.
int pty_process_descriptor(pid_t child);

/// True if `child` is stopped now; the state is reported once.
bool pty_take_stop(pid_t child);

/// Waits for an ended child: its exit status, or 128 + the signal that killed it.
int pty_exit_status(pid_t child);
