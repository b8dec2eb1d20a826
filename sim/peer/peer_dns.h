// SPDX-License-Identifier: ISC
/* sim/peer/peer_dns - a scripted name server: the whole DNS of a scenario
 *
 * Answers by UDP and TCP from zones that change with time and fail as told (zone.h). Follows
 * CNAME records within its zones. A name outside all zones does not exist.
 *
 * Usage     peer-dns NAME -z WALL_NS -a IP... [-p 53] [--] LINE...
 *           where a line "zone DOMAIN" begins a zone and the next ones are its records
 * Reports   answers (peer_report.h)
 */
#ifndef PEER_PEER_DNS_H
#define PEER_PEER_DNS_H

#include "sys/sys.h"

int peer_dns_main(struct sys *sys, int argc, char **argv);

#endif
