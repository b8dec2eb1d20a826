// SPDX-License-Identifier: ISC
/* base/option - options of one letter, as commands have always read them
 *
 *     struct option option;
 *     option_init(&option, argv, "c:rv");
 *     while ((letter = option_next(&option)) != OPTION_END) ...
 *     for (char **rest = option.next; *rest != NULL; rest++) ...
 *
 * Grammar   -a -bc -dVALUE -d VALUE; in the list of letters one with a colon has a value, one with
 *           two colons the rest of its word, which may be empty. Options end at the first word that
 *           is none, and behind --; "-" alone is no option
 * Memory    values are views into argv
 * Blocks    never
 */
#ifndef BASE_OPTION_H
#define BASE_OPTION_H

struct option {
    const char *letters;
    char **next;       /* arguments not read yet; ends with NULL */
    const char *word;  /* rest of the word at hand; empty: none */
    const char *value; /* of the last option, if it has one */
};

enum { OPTION_END = 0, OPTION_BAD = '?' };

void option_init(struct option *option, char **argv, const char *letters);
/* The next letter; OPTION_BAD for one that is not in the list, or that lacks its value. */
int option_next(struct option *option);

#endif
