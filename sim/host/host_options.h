// SPDX-License-Identifier: ISC
/* host/host_options - the words behind a command of postsim
 *
 * Blocks    never
 */
#ifndef HOST_HOST_OPTIONS_H
#define HOST_HOST_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct host_option {
    const char *name; /* "--seed" */
    bool takes_value;
    /* Notes it in what the command keeps; false: the value is wrong. */
    bool (*set)(void *command, const char *value);
};

/* Hands every option to its row, every other word to operand. False, at the first that is wrong:
 * then the usage should be shown. */
bool host_options_read(const struct host_option *options, int option_count, char **words,
                       void *command, bool (*operand)(void *command, const char *word));

/* Numbers in values; false when it is none, or too large. */
bool host_option_number(const char *value, int *number);
bool host_option_u64(const char *value, uint64_t *number);

#endif
