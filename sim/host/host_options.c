// SPDX-License-Identifier: ISC
#include "host/host_options.h"

#include <stddef.h>
#include <string.h>

#include "base/number.h"

enum { NUMBER_MAX = 1000 * 1000 * 1000 };

static const struct host_option *find(const struct host_option *options, int option_count,
                                      const char *word)
{
    for (int i = 0; i < option_count; i++) {
        if (strcmp(options[i].name, word) == 0) {
            return &options[i];
        }
    }
    return NULL;
}

bool host_options_read(const struct host_option *options, int option_count, char **words,
                       void *command, bool (*operand)(void *command, const char *word))
{
    for (; *words != NULL; words++) {
        const struct host_option *option = find(options, option_count, *words);
        if (option == NULL) {
            if ((*words)[0] == '-' || !operand(command, *words)) {
                return false;
            }
            continue;
        }
        words += option->takes_value ? 1 : 0;
        if (*words == NULL || !option->set(command, *words)) {
            return false;
        }
    }
    return true;
}

bool host_option_u64(const char *value, uint64_t *number)
{
    return number_parse_u64(str_from(value), UINT64_MAX, number) == 0;
}

bool host_option_number(const char *value, int *number)
{
    uint64_t parsed = 0;
    if (number_parse_u64(str_from(value), NUMBER_MAX, &parsed) != 0) {
        return false;
    }
    *number = (int)parsed;
    return true;
}
