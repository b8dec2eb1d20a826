// SPDX-License-Identifier: ISC
#include "proto/smtp_command.h"

#include "base/err.h"

/* ---- verb and argument --------------------------------------------------------------------- */

static const struct str verb_names[SMTP_VERB_COUNT] = {[SMTP_VERB_UNKNOWN] = STR_INIT("UNKNOWN"),
#define X(verb) [SMTP_VERB_##verb] = STR_INIT(#verb),
                                                       SMTP_VERB_LIST(X)
#undef X
};

static enum smtp_verb find_verb(struct str name)
{
    for (int verb = SMTP_VERB_UNKNOWN + 1; verb < SMTP_VERB_COUNT; verb++) {
        if (str_equal_fold(name, verb_names[verb])) {
            return (enum smtp_verb)verb;
        }
    }
    return SMTP_VERB_UNKNOWN;
}

void smtp_command_parse(struct str line, struct smtp_command *command)
{
    struct str rest = line;

    (void)str_next_token(&rest, " \t", &command->name);
    command->verb = find_verb(command->name);
    command->argument = str_trim(rest);
}

const char *smtp_command_verb_name(enum smtp_verb verb)
{
    return verb_names[verb].data;
}

/* ---- path and parameters ------------------------------------------------------------------- */

/* Takes "FROM:" and blanks behind it. */
static bool take_keyword(struct str *rest, struct str keyword)
{
    struct str after = str_skip(*rest, keyword.size);

    if (!str_starts_with_fold(*rest, keyword) || after.size == 0 || after.data[0] != ':') {
        return false;
    }
    *rest = str_trim(str_skip(after, 1));
    return true;
}

/* Bytes of the address at the start of text: up to the bracket that closes the first one, or
 * up to a blank when it has none. Quoted strings are skipped; 0 when something stays open. */
static size_t address_size(struct str text)
{
    bool in_brackets = text.size > 0 && text.data[0] == '<';
    bool quoted = false;
    size_t i = 0;

    for (; i < text.size; i++) {
        char c = text.data[i];
        if (c == '\\') {
            i++;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (!quoted && in_brackets && c == '>') {
            return i + 1;
        } else if (!quoted && !in_brackets && (c == ' ' || c == '\t')) {
            return i;
        }
    }
    return in_brackets || quoted || i > text.size ? 0 : text.size;
}

static bool take_address(struct str *rest, struct str *address)
{
    size_t size = address_size(*rest);

    if (size == 0) {
        return false;
    }
    *address = str_first(*rest, size);
    *rest = str_skip(*rest, size);
    return rest->size == 0 || rest->data[0] == ' ' || rest->data[0] == '\t';
}

static bool is_parameter_name(struct str name)
{
    if (name.size == 0 || !char_is_alnum(name.data[0])) {
        return false;
    }
    for (size_t i = 1; i < name.size; i++) {
        if (!char_is_alnum(name.data[i]) && name.data[i] != '-') {
            return false;
        }
    }
    return true;
}

static bool is_parameter_value(struct str value)
{
    for (size_t i = 0; i < value.size; i++) {
        if (value.data[i] >= 0 && !char_is_print(value.data[i])) {
            return false;
        }
    }
    return value.size > 0;
}

static int parse_parameter(struct str word, struct smtp_parameter *parameter)
{
    ptrdiff_t equals = str_find(word, '=');

    parameter->name = equals < 0 ? word : str_first(word, (size_t)equals);
    parameter->value = equals < 0 ? str_of(NULL, 0) : str_skip(word, (size_t)equals + 1);
    if (!is_parameter_name(parameter->name)) {
        return -ERR_INVALID;
    }
    return equals < 0 || is_parameter_value(parameter->value) ? 0 : -ERR_INVALID;
}

int smtp_command_parse_path(struct str argument, struct str keyword, struct smtp_path *path)
{
    struct str rest = argument;
    struct str word;

    path->parameter_count = 0;
    if (!take_keyword(&rest, keyword) || !take_address(&rest, &path->address)) {
        return -ERR_SYNTAX;
    }
    while (str_next_token(&rest, " \t", &word)) {
        if (path->parameter_count == SMTP_PARAMETERS_MAX) {
            return -ERR_LIMIT;
        }
        int error = parse_parameter(word, &path->parameters[path->parameter_count]);
        if (error != 0) {
            return error;
        }
        path->parameter_count++;
    }
    return 0;
}
