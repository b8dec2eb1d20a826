// SPDX-License-Identifier: ISC
/* postmap - build and ask lookup tables
 *
 *     postmap [options] [type:]file ...      builds each table from the text file
 *     postmap -q KEY | -d KEY | -s [options] [type:]file ...
 *
 *   -q KEY   asks the tables in turn, prints the first value; - reads keys from standard input
 *            and prints "key TAB value" for each that is found
 *   -d KEY   removes the key from all tables; - reads keys from standard input
 *   -s       prints every entry, "key TAB value"
 *   -i       adds to the table there is, instead of beginning with an empty one
 *   -r       a later entry replaces an earlier one of the same key
 *   -w       a later entry of the same key is ignored without a warning
 *   -f       keeps upper case in keys
 *   -N, -n   with, without a NUL behind keys and values of a new table
 *   -o       root keeps its rights, instead of taking those of the source file's owner
 *   -p       does not take the source file's read permissions over
 *   -c DIR   configuration directory; only default_database_type is read from it
 *   -v, -u, -U   accepted, without effect
 *
 * Exit status 0; 1 when nothing was found or removed, or after an error.
 *
 * Rights    as root: those of the owner of the source file while it writes
 * See       table/table_source.h (the text form), table/table.h (types)
 */
#ifndef POSTMAP_POSTMAP_H
#define POSTMAP_POSTMAP_H

#include "sys/sys.h"

int postmap_main(struct sys *sys, int argc, char **argv);

#endif
