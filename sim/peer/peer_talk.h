// SPDX-License-Identifier: ISC
/* sim/peer/peer_talk - a client that says a few lines to a server and shows what it answers
 *
 * Waits for a reply after connecting and behind each line; each reply's lines go to its output.
 *
 * Usage     peer-talk NAME -z WALL_NS -a SERVER [-p PORT] [--] LINE...
 */
#ifndef PEER_PEER_TALK_H
#define PEER_PEER_TALK_H

#include "sys/sys.h"

int peer_talk_main(struct sys *sys, int argc, char **argv);

#endif
