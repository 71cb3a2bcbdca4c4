// What keeps a terminal whole around a full-screen program: signals become bytes in a pipe, a crash
// restores the screen before it is reported, and stderr is held back while the screen is up.
//
// In C because every line of it may run inside a signal handler, where Swift's runtime may not.
// All state belongs to the process, as signal handlers and the controlling terminal do.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Signals ------------------------------------------------------------------------------------

/// Installs the handlers; call it before newterm(), which installs its own where it finds none.
/// Returns 0, or the errno of what failed. Installing twice does nothing.
int term_guard_install(void);

/// Readable while a signal is waiting to be taken.
int term_guard_signal_descriptor(void);

/// The signals since the last call as bits (1 << SIGINT …); a hundred SIGWINCH are one bit. A SIGINT
/// that the terminal sends for Ctrl-C is bit 0 instead: there it is a key.
uint32_t term_guard_take_signals(void);

/// True on the thread the process began with: the only one that may touch curses.
bool term_guard_is_main_thread(void);

// Waking the loop ----------------------------------------------------------------------------

/// Readable after term_guard_wake().
int term_guard_wake_descriptor(void);

/// Wakes the loop; from any thread, and from a signal handler.
void term_guard_wake(void);

/// Forgets all wakes so far.
void term_guard_clear_wakes(void);

// The screen ---------------------------------------------------------------------------------

/// Call before the screen goes up: saves the terminal's modes, holds stderr back if it is the
/// terminal, and from now on a crash or an exit() writes `restore` (copied) to `descriptor`, puts
/// the modes back and shows what stderr said. Returns 0, or the errno of what failed.
int term_guard_arm(int descriptor, const char *restore, size_t length);

/// Call after the screen went down: puts the modes back and shows what stderr said.
void term_guard_disarm(void);

/// True while the screen is up and nothing has crashed.
bool term_guard_is_armed(void);
