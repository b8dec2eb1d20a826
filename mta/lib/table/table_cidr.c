// SPDX-License-Identifier: ISC
/* cidr tables: "network result" lines, if and endif; the first rule that matches answers. */
#include "base/arena.h"
#include "table/cidr.h"
#include "table/table_kind.h"
#include "table/table_source.h"

enum { CIDR_RULES_MAX = 1000000, CIDR_IF_DEPTH_MAX = 32 };

enum cidr_rule_kind { CIDR_RULE_RESULT, CIDR_RULE_IF, CIDR_RULE_ENDIF };

struct cidr_rule {
    enum cidr_rule_kind kind;
    bool is_negated;
    struct cidr network;
    struct str result;
    size_t endif_index; /* of CIDR_RULE_IF */
};

struct cidr_table {
    struct mem *mem;
    struct arena arena;
    struct cidr_rule *rules;
    size_t count;
    size_t capacity;
};

static void cidr_unload(struct sys *sys UNUSED, void *content)
{
    struct cidr_table *table = content;
    mem_free(table->mem, table->rules);
    arena_done(&table->arena);
    mem_free(table->mem, table);
}

static struct cidr_rule *add_rule(struct cidr_table *table, enum cidr_rule_kind kind)
{
    if (table->count == table->capacity) {
        table->capacity = table->capacity == 0 ? 16 : table->capacity * 2;
        table->rules =
            mem_resize(table->mem, table->rules, table->capacity * sizeof(table->rules[0]));
    }
    struct cidr_rule *rule = &table->rules[table->count++];
    *rule = (struct cidr_rule){.kind = kind};
    return rule;
}

struct cidr_reader {
    const struct table_load *load;
    struct table_source source;
    struct cidr_table *table;
    size_t open_ifs[CIDR_IF_DEPTH_MAX]; /* indexes of rules */
    size_t depth;
};

static int bad_line(const struct cidr_reader *reader, const char *what, struct str token)
{
    return table_load_failed(reader->load, -ERR_SYNTAX, "%s, line %d: %s: \"%.*s\"",
                             reader->load->path, reader->source.line_number, what, STR_ARG(token));
}

/* "!10.0.0.0/8 rest": the network goes to rule, text goes on behind it. */
static int read_pattern(struct cidr_reader *reader, struct str *text, struct cidr_rule *rule)
{
    *text = str_trim_space(*text);
    while (str_starts_with(*text, STR("!"))) {
        rule->is_negated = !rule->is_negated;
        *text = str_trim_space(str_skip(*text, 1));
    }
    struct str pattern = STR("");
    bool has_pattern = str_next_token(text, " \t\r\f\v", &pattern);
    if (!has_pattern || cidr_parse(pattern, &rule->network) != 0) {
        return bad_line(reader, "bad network or host bits set", pattern);
    }
    *text = str_trim_space(*text);
    return 0;
}

static int read_if(struct cidr_reader *reader, struct str text)
{
    if (reader->depth == CIDR_IF_DEPTH_MAX) {
        return bad_line(reader, "IF nested too deeply", text);
    }
    reader->open_ifs[reader->depth++] = reader->table->count;
    struct cidr_rule *rule = add_rule(reader->table, CIDR_RULE_IF);
    int error = read_pattern(reader, &text, rule);
    if (error == 0 && text.size > 0) {
        return bad_line(reader, "text after IF pattern", text);
    }
    return error;
}

static int read_endif(struct cidr_reader *reader, struct str text)
{
    if (reader->depth == 0 || text.size > 0) {
        return bad_line(reader, "ENDIF without IF, or text after it", text);
    }
    struct cidr_rule *opening = &reader->table->rules[reader->open_ifs[--reader->depth]];
    opening->endif_index = reader->table->count;
    add_rule(reader->table, CIDR_RULE_ENDIF);
    return 0;
}

static int read_result(struct cidr_reader *reader, struct str line)
{
    struct str text = line;
    struct cidr_rule *rule = add_rule(reader->table, CIDR_RULE_RESULT);
    int error = read_pattern(reader, &text, rule);
    if (error != 0) {
        return error;
    }
    if (text.size == 0) {
        return bad_line(reader, "no result after the network", line);
    }
    rule->result = arena_copy(&reader->table->arena, text);
    return rule->result.data == NULL ? bad_line(reader, "table too large", line) : 0;
}

static int read_line(struct cidr_reader *reader, struct str line)
{
    struct str text = line;
    struct str word = STR("");
    bool has_word = str_next_token(&text, " \t\r\f\v", &word);
    if (!has_word || reader->table->count == CIDR_RULES_MAX) {
        return bad_line(reader, "table too large", line);
    }
    if (str_equal_fold(word, STR("if"))) {
        return read_if(reader, text);
    }
    if (str_equal_fold(word, STR("endif"))) {
        return read_endif(reader, str_trim_space(text));
    }
    return read_result(reader, line);
}

static int read_table(struct cidr_reader *reader)
{
    for (;;) {
        struct str line;
        int error = table_source_next_line(&reader->source, &line);
        if (error < 0) {
            return bad_line(reader, err_sentence(error), STR(""));
        }
        if (error == 0) {
            break;
        }
        error = read_line(reader, line);
        if (error != 0) {
            return error;
        }
    }
    return reader->depth == 0 ? 0 : bad_line(reader, "IF without ENDIF", STR(""));
}

static int cidr_load(const struct table_kind *kind UNUSED, const struct table_load *load,
                     void **content)
{
    struct cidr_table *table = mem_alloc(load->mem, sizeof(*table));
    table->mem = load->mem;
    arena_init(&table->arena, load->mem, TABLE_FILE_BYTES_MAX);
    struct cidr_reader reader = {.load = load, .table = table};
    table_source_init(&reader.source, load->mem, load->text);
    int error = read_table(&reader);
    table_source_done(&reader.source);
    if (error != 0) {
        cidr_unload(load->sys, table);
        return error;
    }
    *content = table;
    return 0;
}

static int cidr_lookup(struct sys *sys UNUSED, void *content, struct str key, struct buf *value)
{
    const struct cidr_table *table = content;
    struct sys_address address;
    if (sys_address_parse(key, 0, &address) != 0) {
        return -ERR_NOT_FOUND; /* a host name is in no network */
    }
    for (size_t i = 0; i < table->count; i++) {
        const struct cidr_rule *rule = &table->rules[i];
        if (rule->kind == CIDR_RULE_ENDIF) {
            continue;
        }
        bool matches = cidr_contains(&rule->network, &address) != rule->is_negated;
        if (rule->kind == CIDR_RULE_IF && !matches) {
            i = rule->endif_index;
        } else if (rule->kind == CIDR_RULE_RESULT && matches) {
            buf_put(value, rule->result);
            return buf_error(value);
        }
    }
    return -ERR_NOT_FOUND;
}

const struct table_kind table_kind_cidr = {
    .name = STR_INIT("cidr"),
    .source = TABLE_SOURCE_TEXT,
    .suffix = "",
    .load = cidr_load,
    .lookup = cidr_lookup,
    .unload = cidr_unload,
};
