// SPDX-License-Identifier: ISC
/* mail/notice_text - the texts of notices: built in, or those of bounce_template_file
 *
 * In a text, $name is a parameter's value; delay_warning_time and maximal_queue_lifetime with the
 * suffix _seconds, _minutes, _hours, _days or _weeks are that time in that unit, as a whole number.
 *
 * Errors    a template with an error is not used, the built-in one takes its place, and problems
 *           has a line that says where and why: "/etc/bounce.cf, line 3: unknown header: X-Foo"
 * Memory    the file's text on the heap given, until done; templates are views
 * Blocks    load, for the disk
 * See       proto/notice_template.h for the file's grammar
 */
#ifndef MAIL_NOTICE_TEXT_H
#define MAIL_NOTICE_TEXT_H

#include "conf/conf.h"
#include "proto/notice_template.h"

enum { NOTICE_TEXT_BYTES_MAX = 256 * 1024 };

struct notice_texts {
    const struct conf *conf;
    struct notice_template templates[NOTICE_KINDS]; /* all members given, but for
                                                       postmaster_subject of some */
    struct buf file;
};

/* path empty: the built-in texts. 0, or why the file cannot be read, with a line in problems; the
 * texts can be used in both cases. problems must be initialised. */
MUST_USE int notice_text_load(struct notice_texts *texts, struct sys *sys, const struct conf *conf,
                              struct str path, struct buf *problems);
void notice_text_done(struct notice_texts *texts);

/* Appends the text with all names replaced. A time that is less than one of its unit, and so is
 * shown as 0, gets a line in problems. */
void notice_text_expand(const struct notice_texts *texts, enum notice_kind kind, struct buf *out,
                        struct buf *problems);

/* True when notices of that kind carry other than ASCII characters by the template's own choice. */
bool notice_text_is_ascii(const struct notice_template *template);

#endif
