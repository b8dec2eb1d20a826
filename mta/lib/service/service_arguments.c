// SPDX-License-Identifier: ISC
#include "service/service_arguments.h"

#include <stddef.h>
#include <string.h>

#include "base/err.h"
#include "base/number.h"

static int complain(struct service_arguments *arguments, const char *complaint)
{
    arguments->complaint = complaint;
    return -ERR_SYNTAX;
}

static int parse_count(struct service_arguments *arguments, const char *text, uint64_t max,
                       int *count)
{
    uint64_t value = 0;

    if (number_parse_u64(str_from(text), max, &value) != 0) {
        return complain(arguments, "a count is not a number within its limits");
    }
    *count = (int)value;
    return 0;
}

static int add_override(struct service_arguments *arguments, const char *text)
{
    if (arguments->override_count == SERVICE_OVERRIDES_MAX) {
        arguments->complaint = "too many -o options";
        return -ERR_LIMIT;
    }
    arguments->overrides[arguments->override_count] = text;
    arguments->override_count++;
    return 0;
}

static int take_flag(struct service_arguments *arguments, char flag)
{
    switch (flag) {
    case 'u':
        arguments->unprivileged = true;
        return 0;
    case 'R':
        arguments->chroot = true;
        return 0;
    case 'v':
        arguments->verbose_count++;
        return 0;
    default:
        return complain(arguments, "unknown option");
    }
}

static int take_value(struct service_arguments *arguments, char flag, const char *value)
{
    switch (flag) {
    case 'n':
        arguments->name = value;
        return 0;
    case 't':
        arguments->transport = value;
        return 0;
    case 'l':
        return parse_count(arguments, value, SERVICE_SESSIONS_MAX, &arguments->sessions_max);
    case 's':
        return parse_count(arguments, value, SERVICE_LISTENERS_MAX, &arguments->listener_count);
    default:
        return add_override(arguments, value);
    }
}

/* One word that begins with "-": flags, the last of which may take the rest of the word or the
 * next word as its value. */
static int take_word(struct service_arguments *arguments, char **argv, int *index)
{
    for (const char *flag = argv[*index] + 1; *flag != '\0'; flag++) {
        if (strchr("ntlso", *flag) == NULL) {
            int error = take_flag(arguments, *flag);
            if (error != 0) {
                return error;
            }
            continue;
        }
        if (flag[1] != '\0') {
            return take_value(arguments, *flag, flag + 1);
        }
        *index += 1;
        if (argv[*index] == NULL) {
            return complain(arguments, "the last option lacks its value");
        }
        return take_value(arguments, *flag, argv[*index]);
    }
    return 0;
}

int service_arguments_parse(struct service_arguments *arguments, int argc, char **argv)
{
    int index = 1;

    memset(arguments, 0, sizeof(*arguments));
    arguments->listener_count = 1;
    while (index < argc && argv[index][0] == '-' && argv[index][1] != '\0') {
        bool last = strcmp(argv[index], "--") == 0;
        int error = last ? 0 : take_word(arguments, argv, &index);
        if (error != 0) {
            return error;
        }
        index++;
        if (last) {
            break;
        }
    }
    if (arguments->name == NULL || arguments->transport == NULL) {
        return complain(arguments, "this program is started by master, not by hand");
    }
    arguments->rest = argv + index;
    arguments->rest_count = argc - index;
    return 0;
}
