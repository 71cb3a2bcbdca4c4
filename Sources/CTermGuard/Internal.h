#pragma once
#include <stdbool.h>

/// Takes the screen down with async-signal-safe calls only; the first caller wins.
/// `may_block` is false when the terminal may have stopped reading.
void term_guard_restore(bool may_block);

/// Installs the crash handlers and the stack they run on.
void term_guard_install_crash_handlers(void);
