// SPDX-License-Identifier: ISC
/* postilion/postilion_init - make a private mail system below a directory
 *
 * Blocks    for the disk
 */
#ifndef POSTILION_POSTILION_INIT_H
#define POSTILION_POSTILION_INIT_H

#include "sys/sys.h"

/* The arguments after "init". Returns the exit status. */
int postilion_init(struct sys *sys, int argc, char **argv);

#endif
