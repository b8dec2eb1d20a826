// SPDX-License-Identifier: ISC
#include "base/option.h"

#include <stdbool.h>
#include <string.h>

void option_init(struct option *option, char **argv, const char *letters)
{
    *option = (struct option){.letters = letters, .next = argv, .word = ""};
    if (*argv != NULL) {
        option->next++;
    }
}

/* Takes the next word if it holds options. */
static bool take_word(struct option *option)
{
    const char *word = *option->next;
    if (word == NULL || word[0] != '-' || word[1] == '\0') {
        return false;
    }
    option->next++;
    option->word = word + 1;
    return strcmp(word, "--") != 0;
}

/* The value is the rest of the word, or the next one when there is none and there must be one. */
static bool take_value(struct option *option, bool may_be_empty)
{
    option->value = option->word;
    option->word = "";
    if (option->value[0] != '\0' || may_be_empty) {
        return true;
    }
    option->value = *option->next;
    if (option->value == NULL) {
        return false;
    }
    option->next++;
    return true;
}

int option_next(struct option *option)
{
    option->value = NULL;
    if (option->word[0] == '\0' && !take_word(option)) {
        option->word = "";
        return OPTION_END;
    }
    char letter = *option->word++;
    const char *found = letter == ':' ? NULL : strchr(option->letters, letter);
    if (found == NULL) {
        return OPTION_BAD;
    }
    bool has_value = found[1] == ':';
    return !has_value || take_value(option, found[2] == ':') ? letter : OPTION_BAD;
}
