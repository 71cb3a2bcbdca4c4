#pragma once
#if !__has_include(<curses.h>)
#error "ncurses is missing: apt-get install libncursesw5-dev"
#endif
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <term.h>
