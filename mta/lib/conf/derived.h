// SPDX-License-Identifier: ISC
/* conf/derived - defaults that are found out rather than written down
 *
 * Blocks    never; pure
 */
#ifndef CONF_DERIVED_H
#define CONF_DERIVED_H

#include "base/buf.h"
#include "base/str.h"
#include "sys/net.h"

/* myhostname: the machine's name; one without a dot gets ".domain", where domain is mydomain as
 * set, or empty for "localdomain". */
void derived_host_name(struct buf *out, struct str machine, struct str domain);

/* mydomain: myhostname without its first label, or "localdomain". */
struct str derived_domain(struct str host_name);

/* mynetworks for mynetworks_style host, subnet or class; interfaces and protocols are
 * inet_interfaces and inet_protocols, addresses those of the machine. The system tells us no
 * netmasks, so subnet means the whole of 127.0.0.0/8 but of other networks our address only. */
void derived_networks(struct buf *out, struct str style, struct str interfaces,
                      struct str protocols, const struct sys_address *addresses, int count);

#endif
