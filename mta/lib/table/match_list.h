// SPDX-License-Identifier: ISC
/* table/match_list - is this name or address in a list such as mydestination or mynetworks?
 *
 * Patterns are separated by comma or space, and the first that matches decides:
 *
 *   name            equal, ignoring letter case; with MATCH_LIST_PARENTS also its subdomains
 *   .name           subdomains, with MATCH_LIST_DOMAINS and without MATCH_LIST_PARENTS
 *   10.0.0.0/8, [2001:db8::]/32, 192.0.2.1    network or address (MATCH_LIST_ADDRESS)
 *   type:name       a table that finds the string; with MATCH_LIST_DOMAINS its parent domains are
 *                   asked too, as .parent, with MATCH_LIST_PARENTS as parent
 *   /file           more patterns, from a file
 *   !pattern        a match means: not in the list
 *
 * Limits    MATCH_LIST_PATTERNS_MAX patterns, files MATCH_LIST_FILE_BYTES_MAX and nested 4 deep;
 *           files are read at open
 * Errors    a table or file that could not be read: any other -ERR_*; match_list_why() says it
 * Memory    on the process's heap
 * Blocks    open and ask, for the disk only
 */
#ifndef TABLE_MATCH_LIST_H
#define TABLE_MATCH_LIST_H

#include "conf/conf.h"
#include "sys/net.h"
#include "table/table.h"

struct match_list;

enum match_list_flag {
    MATCH_LIST_DOMAINS = 1, /* relay_domains, mynetworks; without: mydestination */
    MATCH_LIST_PARENTS = 2, /* with DOMAINS: listed in parent_domain_matches_subdomains */
    MATCH_LIST_ADDRESS = 4, /* patterns may be networks; match_list_has_address() may be asked */
};

enum { MATCH_LIST_PATTERNS_MAX = 10000, MATCH_LIST_FILE_BYTES_MAX = 1024 * 1024 };

MUST_USE int match_list_open(struct sys *sys, const struct conf *conf, struct str patterns,
                             unsigned flags, struct match_list **list, char why[TABLE_WHY_MAX]);
/* The list that a parameter holds; one of DOMAINS has PARENTS as parent_domain_matches_subdomains says.
 * `why` begins with the parameter's name. */
MUST_USE int match_list_open_param(struct sys *sys, const struct conf *conf, enum conf_param param,
                                   unsigned flags, struct match_list **list,
                                   char why[TABLE_WHY_MAX]);
void match_list_close(struct match_list *list); /* accepts NULL. Instant. */

/* 1 in the list, 0 not, -ERR_* not known now. */
MUST_USE int match_list_has_name(struct match_list *list, struct str name);
MUST_USE int match_list_has_address(struct match_list *list, const struct sys_address *address);
const char *match_list_why(const struct match_list *list);

#endif
