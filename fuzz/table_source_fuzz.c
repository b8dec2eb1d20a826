// SPDX-License-Identifier: ISC
/* Entries written one a line read back the same; line numbers rise; every line is counted. */
#include "table/table_source.h"

#include "base/err.h"
#include "fuzz/fuzz.h"

enum { TEXT_MAX = 8 << 20 };

static void check_entry(struct str key, struct str value)
{
    FUZZ_CHECK(key.size > 0);
    FUZZ_CHECK(str_equal(value, str_trim_space(value)));
}

/* Writes the entries of text, one a line. */
static void rewrite(struct mem *mem, struct str text, struct buf *out)
{
    struct table_source source;
    struct table_source_entry entry;
    int last_line = 0;
    table_source_init(&source, mem, text);
    for (;;) {
        int result = table_source_next(&source, &entry);
        if (result == 0) {
            break;
        }
        FUZZ_CHECK(result == 1 || result == -ERR_SYNTAX || result == -ERR_LIMIT);
        FUZZ_CHECK(source.line_number > last_line && source.line_number <= source.lines_read);
        last_line = source.line_number;
        if (result == 1) {
            check_entry(entry.key, entry.value);
            buf_put(out, entry.key);
            buf_put_char(out, '\t');
            buf_put(out, entry.value);
            buf_put_char(out, '\n');
        }
    }
    table_source_done(&source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem *mem = fuzz_mem();
    struct buf once;
    struct buf twice;
    buf_init(&once, mem, TEXT_MAX);
    buf_init(&twice, mem, TEXT_MAX);
    rewrite(mem, str_of(data, size), &once);
    rewrite(mem, buf_str(&once), &twice);
    FUZZ_CHECK(str_equal(buf_str(&once), buf_str(&twice)));
    mem_destroy(mem);
    return 0;
}
