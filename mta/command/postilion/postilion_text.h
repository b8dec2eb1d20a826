// SPDX-License-Identifier: ISC
/* postilion/postilion_text - what the person at the terminal reads
 *
 * Blocks    for the terminal
 */
#ifndef POSTILION_POSTILION_TEXT_H
#define POSTILION_POSTILION_TEXT_H

#include "base/attribute.h"
#include "base/str.h"
#include "sys/sys.h"

/* A line on standard output. */
void postilion_text_say(struct sys *sys, const char *format, ...) PRINTF_LIKE(2, 3);
/* "postilion: warning: ..." and "postilion: fatal: ..." on standard error; the latter returns 1,
 * the exit status. */
void postilion_text_warn(struct sys *sys, const char *format, ...) PRINTF_LIKE(2, 3);
int postilion_text_fail(struct sys *sys, const char *format, ...) PRINTF_LIKE(2, 3);

/* Each line of the text as a warning, or as a fatal error. */
void postilion_text_warn_lines(struct sys *sys, struct str lines);
int postilion_text_fail_lines(struct sys *sys, struct str lines);

/* "postilion: fatal: WHAT PATH: sentence", with the directory that keeps this user out, if any
 * does. Returns 1. */
int postilion_text_fail_path(struct sys *sys, const char *what, const char *path, int error);

#endif
