// SPDX-License-Identifier: ISC
/* sim/check/dsn_form - whether a delivery status notification has the form it must have
 *
 * Stricter than its readers are: every part says what bytes it holds, lines are of a length that
 * mail may have, fields are those of RFC 3464 in its order, and action and status agree.
 *
 * Grammar   RFC 6522, RFC 3464 2.2 and 2.3, RFC 2045 2.7 and 2.8, RFC 3834 5 (Auto-Submitted)
 * Blocks    never; pure
 */
#ifndef CHECK_DSN_FORM_H
#define CHECK_DSN_FORM_H

#include "check/dsn.h"

/* dsn is the message, taken apart. False: problem says what is wrong. */
MUST_USE bool dsn_form_is_right(struct str message, const struct dsn *dsn,
                                char problem[DSN_PROBLEM_MAX]);

#endif
