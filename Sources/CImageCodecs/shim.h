#pragma once
#if !__has_include(<png.h>)
#error "libpng is missing: apt-get install libpng-dev"
#endif
#if !__has_include(<turbojpeg.h>)
#error "TurboJPEG is missing: apt-get install libturbojpeg0-dev"
#endif
#include <png.h>
#include <stdint.h>
#include <turbojpeg.h>

// Macros that Swift does not import.
static const uint32_t ci_png_version = PNG_IMAGE_VERSION;
static const uint32_t ci_png_gray = PNG_FORMAT_GRAY;
static const uint32_t ci_png_rgb = PNG_FORMAT_RGB;
static const uint32_t ci_png_color_flag = PNG_FORMAT_FLAG_COLOR;
static const uint32_t ci_png_alpha_flag = PNG_FORMAT_FLAG_ALPHA;
static const uint32_t ci_png_16_bits_as_stored = PNG_IMAGE_FLAG_16BIT_sRGB;

// A cut-short file is a warning to TurboJPEG, and thousands of scans are a bomb, which versions
// before 2.1 cannot be told about.
#ifdef TJFLAG_LIMITSCANS
static const int ci_jpeg_flags = TJFLAG_STOPONWARNING | TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS;
#else
static const int ci_jpeg_flags = TJFLAG_STOPONWARNING | TJFLAG_ACCURATEDCT;
#endif
