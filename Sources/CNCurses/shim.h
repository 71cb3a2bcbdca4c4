// Curses as Swift sees it. Nothing here touches a curses global: the screen comes from newterm(),
// all drawing goes to a window of our own, and all output through one call, nc_put_cells().
#pragma once
#if !__has_include(<curses.h>)
#error "ncurses is missing: apt-get install libncursesw5-dev"
#endif
// Without this a bare <curses.h> imports narrow curses, with no cchar_t and no setcchar().
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <term.h>
#include <unistd.h>
#include <wchar.h>

/// One cell as curses wants it; `scalar` 0 is the right half of the wide cell before it.
typedef struct {
  uint32_t scalar;
  uint32_t attributes;
  int32_t pair;
} nc_cell;

// Attributes are macros with casts, which Swift does not import.
static const uint32_t nc_bold = (uint32_t)WA_BOLD;
static const uint32_t nc_dim = (uint32_t)WA_DIM;
static const uint32_t nc_underline = (uint32_t)WA_UNDERLINE;
static const uint32_t nc_reverse = (uint32_t)WA_REVERSE;

/// Columns a scalar takes in the current locale: 0, 1, 2, or -1 when it cannot be shown.
static inline int nc_width(uint32_t scalar) { return wcwidth((wchar_t)scalar); }

/// Puts a run of cells into a row, in blocks so that a cchar_t array stays on the stack.
///
/// The caller has already clipped the run to the window, and never splits a wide cell.
static inline void nc_put_cells(WINDOW *window, int row, int column, const nc_cell *cells, int count) {
  enum { block = 128 };
  cchar_t built[block];
  int done = 0;
  while (done < count) {
    int used = 0, start = done;
    while (done < count && used < block) {
      const nc_cell *cell = &cells[done++];
      if (cell->scalar == 0) continue;
      wchar_t text[2] = {(wchar_t)cell->scalar, 0};
      // The pair goes through the extended argument: a short holds only 32767 of them.
      int pair = cell->pair;
      setcchar(&built[used++], text, (attr_t)cell->attributes, (short)0, &pair);
    }
    mvwadd_wchnstr(window, row, column + start, built, used);
    while (done < count && cells[done].scalar == 0) done++;
  }
}

/// A file in memory, or -1 on a kernel without them.
///
/// The system call itself: glibc declares it only for those who ask for all of GNU's extensions.
static inline int nc_memory_file(void) {
  const unsigned close_on_exec = 1;
  return (int)syscall(SYS_memfd_create, "metatop-frame", close_on_exec);
}

// tigetstr() and friends take char * for what they only read.
static inline const char *nc_string(const char *name) {
  char *value = tigetstr((char *)name);
  return value == (char *)-1 ? NULL : value;
}
static inline int nc_number(const char *name) { return tigetnum((char *)name); }
static inline bool nc_flag(const char *name) { return tigetflag((char *)name) > 0; }

// The names of all capabilities in the order of compiled entries, NULL after the last; as arrays
// of unknown length Swift does not import them.
static inline const char *nc_flag_name(int index) { return boolnames[index]; }
static inline const char *nc_number_name(int index) { return numnames[index]; }
static inline const char *nc_string_name(int index) { return strnames[index]; }
