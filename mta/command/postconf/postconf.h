// SPDX-License-Identifier: ISC
/* command/postconf - show and edit main.cf, show master.cf and the texts of notices
 *
 *     postconf [-c directory] [-dnx] [-fhH] [-o name=value]... [name...]
 *         shows `name = value`, sorted; without names, all parameters
 *         -d defaults instead of what is set    -n only what is set
 *         -x with $name replaced                -f long lines folded
 *         -h values alone                       -H names alone
 *         -o as if main.cf said so
 *     postconf [-c directory] -e name=value...   sets; -e may be left out
 *     postconf [-c directory] -X name...         removes
 *     postconf [-c directory] -# name...         turns into comments
 *
 *     postconf [-c directory] -M [service[/type]...]            lines of master.cf
 *     postconf [-c directory] -F [service[/type[/field]]...]    its columns, one a line
 *     postconf [-c directory] -P [service[/type[/name]]...]     its options -o
 *
 *     postconf [-c directory] -b [file]   texts of notices, $name replaced
 *     postconf [-c directory] -t [file]   their templates, as they may stand in a file; both of
 *         that file, else of bounce_template_file, else built in
 *
 * An edit keeps comments and all other lines; the new file is complete and on disk before it
 * takes the name of the old one. A name that nobody knows is a warning, as is a parameter of
 * main.cf that nobody uses.
 *
 * Rights    those of the caller
 */
#ifndef POSTCONF_POSTCONF_H
#define POSTCONF_POSTCONF_H

#include "sys/sys.h"

int postconf_main(struct sys *sys, int argc, char **argv);

#endif
