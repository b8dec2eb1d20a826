// SPDX-License-Identifier: ISC
#include "proto/dsn_parameter.h"

#include "base/err.h"
#include "proto/queue_record.h"
#include "proto/uxtext.h"
#include "proto/xtext.h"

/* ---- words ----------------------------------------------------------------------------------- */

struct word {
    struct str name;
    int value;
};

static const struct word ret_words[] = {
    {STR_INIT("FULL"), QUEUE_RET_FULL},
    {STR_INIT("HDRS"), QUEUE_RET_HEADERS},
};

static const struct word notify_words[] = {
    {STR_INIT("NEVER"), QUEUE_NOTIFY_NEVER},
    {STR_INIT("SUCCESS"), QUEUE_NOTIFY_SUCCESS},
    {STR_INIT("FAILURE"), QUEUE_NOTIFY_FAILURE},
    {STR_INIT("DELAY"), QUEUE_NOTIFY_DELAY},
};

enum {
    RET_WORDS = sizeof(ret_words) / sizeof(ret_words[0]),
    NOTIFY_WORDS = sizeof(notify_words) / sizeof(notify_words[0]),
};

/* The value of a word, 0 for one that is not in the list. */
static int find_word(struct str name, const struct word *words, int count)
{
    for (int i = 0; i < count; i++) {
        if (str_equal_fold(name, words[i].name)) {
            return words[i].value;
        }
    }
    return 0;
}

int dsn_parameter_parse_ret(struct str value, int *ret)
{
    int found = find_word(value, ret_words, RET_WORDS);
    if (found == 0) {
        return -ERR_SYNTAX;
    }
    *ret = found;
    return 0;
}

void dsn_parameter_write_ret(int ret, struct buf *out)
{
    for (int i = 0; i < RET_WORDS; i++) {
        if (ret_words[i].value == ret) {
            buf_put(out, ret_words[i].name);
        }
    }
}

int dsn_parameter_parse_notify(struct str value, int *notify)
{
    struct str name;
    int sum = 0;
    while (str_next_token(&value, ",", &name)) {
        int found = find_word(name, notify_words, NOTIFY_WORDS);
        if (found == 0) {
            return -ERR_SYNTAX;
        }
        sum |= found;
    }
    bool contradicts = (sum & QUEUE_NOTIFY_NEVER) != 0 && sum != QUEUE_NOTIFY_NEVER;
    if (sum == 0 || contradicts) {
        return -ERR_SYNTAX;
    }
    *notify = sum;
    return 0;
}

void dsn_parameter_write_notify(int notify, struct buf *out)
{
    const char *between = "";
    for (int i = 0; i < NOTIFY_WORDS; i++) {
        if ((notify & notify_words[i].value) != 0) {
            buf_put_text(out, between);
            buf_put(out, notify_words[i].name);
            between = ",";
        }
    }
}

/* ---- encoded text ---------------------------------------------------------------------------- */

static bool is_printable(struct str text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (!char_is_print(text.data[i])) {
            return false;
        }
    }
    return true;
}

static bool has_control(struct str text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] >= 0 && !char_is_print(text.data[i])) {
            return true;
        }
    }
    return false;
}

static int decode(struct str value, bool is_utf8, struct buf *out)
{
    size_t size_before = out->size;
    int error = is_utf8 ? uxtext_parse(value, out) : xtext_parse(value, out);
    struct str decoded = str_skip(buf_str(out), size_before);
    if (error == 0 && (is_utf8 ? has_control(decoded) : !is_printable(decoded))) {
        buf_truncate(out, size_before);
        error = -ERR_SYNTAX;
    }
    return error;
}

int dsn_parameter_parse_envid(struct str value, struct buf *out)
{
    if (value.size > DSN_ENVID_MAX) {
        return -ERR_LIMIT;
    }
    return value.size == 0 ? -ERR_SYNTAX : decode(value, false, out);
}

void dsn_parameter_write_envid(struct str envid, struct buf *out)
{
    xtext_write(envid, out);
}

/* RFC 3461 4.2 wants an atom of RFC 822. */
static bool is_address_type(struct str type)
{
    for (size_t i = 0; i < type.size; i++) {
        if (!char_is_print(type.data[i]) || str_find(STR(" ()<>@,;:\\\".[]"), type.data[i]) >= 0) {
            return false;
        }
    }
    return type.size > 0;
}

/* Whether the address that follows a type and its semicolon is UTF-8 (RFC 6533 3). */
static bool is_utf8(struct str type)
{
    return str_equal_fold(type, STR("utf-8;"));
}

int dsn_parameter_parse_orcpt(struct str value, struct buf *out)
{
    ptrdiff_t semicolon = str_find(value, ';');
    if (value.size > DSN_ORCPT_MAX) {
        return -ERR_LIMIT;
    }
    if (semicolon < 0 || !is_address_type(str_first(value, (size_t)semicolon))) {
        return -ERR_SYNTAX;
    }
    struct str type = str_first(value, (size_t)semicolon + 1);
    size_t size_before = out->size;
    buf_put(out, type);
    int error = decode(str_skip(value, type.size), is_utf8(type), out);
    if (error != 0) {
        buf_truncate(out, size_before);
    }
    return error;
}

void dsn_parameter_write_orcpt(struct str orcpt, struct buf *out)
{
    struct str type = str_first(orcpt, (size_t)(str_find(orcpt, ';') + 1));
    struct str address = str_skip(orcpt, type.size);
    buf_put(out, type);
    if (is_utf8(type)) {
        uxtext_write(address, out);
    } else {
        xtext_write(address, out);
    }
}
