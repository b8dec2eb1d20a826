// SPDX-License-Identifier: ISC
/* A text read as main.cf gives definitions that survive writing and reading again; places in the
 * file stay inside it; an edit changes one name and no other; expansion stays within its limit. */
#include "conf/main_cf.h"

#include "conf/conf_list.h"
#include "conf/expand.h"
#include "fuzz/fuzz.h"

enum { LINE_MAX_BYTES = 4096, OUTPUT_MAX = 1 << 20 };

/* Every name has the same value, which is enough to take every branch. */
static int find(void *context, struct str name, struct str *value)
{
    *value = *(struct str *)context;
    return name.size % 2 == 0;
}

static void check_expansion(struct mem *mem, struct str value)
{
    struct expand_source source = {find, &(struct str){value.data, value.size % 7}};
    struct expand_problem problem = {NULL, 0};
    struct buf out;
    buf_init(&out, mem, LINE_MAX_BYTES);
    int error = expand_text(value, &source, &out, &problem);
    FUZZ_CHECK(out.size <= LINE_MAX_BYTES);
    FUZZ_CHECK(problem.text == NULL || (error != 0 && problem.offset <= value.size));
    buf_done(&out);
}

static void check_list(struct str value)
{
    struct str item;
    size_t total = 0;
    while (conf_list_next(&value, &item)) {
        total += item.size;
        FUZZ_CHECK(total <= LINE_MAX_BYTES);
    }
}

static void check_place(const struct main_cf_entry *entry)
{
    int row;
    int column;
    logical_line_position(&entry->line, entry->value_offset, &row, &column);
    FUZZ_CHECK(row >= entry->line.line && column >= 1);
}

/* The value of the last definition of name, or no data. */
static struct str last_value(struct str text, struct str name, struct buf *joined, struct buf *kept)
{
    struct main_cf_reader reader;
    struct main_cf_entry entry;
    struct str found = {0};
    main_cf_reader_init(&reader, text, joined);
    while (main_cf_next(&reader, &entry)) {
        if (entry.problem == NULL && str_equal(entry.name, name)) {
            buf_clear(kept);
            buf_put(kept, entry.value);
            found = buf_str(kept);
        }
    }
    return found;
}

static void check_edit(struct mem *mem, struct str text, struct str name, struct str value)
{
    struct buf changed;
    struct buf joined;
    struct buf kept;
    buf_init(&changed, mem, OUTPUT_MAX);
    buf_init(&joined, mem, LINE_MAX_BYTES);
    buf_init(&kept, mem, LINE_MAX_BYTES);
    main_cf_write(text, MAIN_CF_SET, name, value, &changed);
    struct str read = last_value(buf_str(&changed), name, &joined, &kept);
    FUZZ_CHECK(buf_error(&changed) != 0 || name.data[0] == '#' || str_equal(read, value));
    buf_clear(&changed);
    main_cf_write(text, MAIN_CF_REMOVE, name, value, &changed);
    FUZZ_CHECK(changed.size <= text.size + 1);
    FUZZ_CHECK(last_value(buf_str(&changed), name, &joined, &kept).data == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem *mem = fuzz_mem();
    struct str text = str_of(data, size < LINE_MAX_BYTES / 4 ? size : LINE_MAX_BYTES / 4);
    struct main_cf_reader reader;
    struct main_cf_entry entry;
    struct buf joined;
    buf_init(&joined, mem, LINE_MAX_BYTES);
    main_cf_reader_init(&reader, text, &joined);
    bool edited = false;
    while (main_cf_next(&reader, &entry)) {
        if (entry.problem != NULL) {
            continue;
        }
        check_place(&entry);
        check_list(entry.value);
        check_expansion(mem, entry.value);
        if (!edited) {
            check_edit(mem, text, entry.name, entry.value);
            edited = true;
        }
    }
    mem_destroy(mem);
    return 0;
}
