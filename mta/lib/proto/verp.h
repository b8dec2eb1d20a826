// SPDX-License-Identifier: ISC
/* proto/verp - the recipient inside the sender's address: a notice then says by its own recipient
 * whom it is about
 *
 * Shape     list@s.example and joe@r.example with the delimiters "+=": list+joe=r.example@s.example
 * Blocks    never; pure
 */
#ifndef PROTO_VERP_H
#define PROTO_VERP_H

#include "base/buf.h"
#include "base/str.h"

/* Two characters out of allowed (verp_delimiter_filter). */
bool verp_delimiters_are_valid(struct str delimiters, struct str allowed);

/* Appends the sender with the recipient in it; all addresses in internal form, delimiters valid. A
 * recipient without domain has no second delimiter; a sender without domain stays so. */
void verp_write(struct str sender, struct str recipient, struct str delimiters, struct buf *out);

#endif
