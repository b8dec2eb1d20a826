// SPDX-License-Identifier: ISC
/* postcat - show what is in queue files
 *
 *     postcat [-bdehorv] [-s OFFSET] FILE...         "-", or no FILE at all: standard input
 *     postcat [-c DIRECTORY] -q [...] QUEUEID...     the files of these messages, in any queue
 *
 *     -e  the envelope, and what was extracted from the header
 *     -h  the header        -b  the body        without any of them: all three
 *     -o  the offset of each record in the file
 *     -d  the type of each record as a decimal number
 *     -v  pointer and padding records too, and the type of lines of the content in words
 *     -r  in the order of the file: pointer records are not followed
 *     -s  begin with the record at that offset
 *
 * The output is Postfix's, byte for byte, but for what makes it clearer: a record that belongs
 * elsewhere or has an unknown type is shown with a warning that names its offset; a header line that
 * takes several records is header to its end, also with -b; control characters in the envelope are
 * shown as "?"; -r does what it says also without -v.
 *
 * Errors    damage ends the command, and is reported as "FILE: offset N: what is wrong there"
 * Status    0; 1 for a file that cannot be read, or is damaged; 64 for wrong usage; 78 for a bad
 *           configuration (which is read for -q alone)
 * Rights    of the caller, who must be able to read the file
 */
#ifndef POSTCAT_POSTCAT_H
#define POSTCAT_POSTCAT_H

#include "sys/sys.h"

int postcat_main(struct sys *sys, int argc, char **argv);

#endif
