// SPDX-License-Identifier: ISC
/* What is read is written with the escapes of the log, read again and the same. */
#include "proto/json_object.h"

#include "fuzz/fuzz.h"
#include "log/value.h"

enum { MEMORY_MAX = 1 << 20 };

/* False: a string is longer than the log writes. */
static bool write_object(const struct json_object *object, struct buf *out)
{
    buf_put_char(out, '{');
    for (size_t i = 0; i < object->count; i++) {
        const struct json_member *member = &object->members[i];
        if (member->name.size > LOG_LINE_MAX || member->value.size > LOG_LINE_MAX) {
            return false;
        }
        buf_put_text(out, i == 0 ? "" : ",");
        log_put_json_string(out, member->name);
        buf_put_char(out, ':');
        if (member->is_string) {
            log_put_json_string(out, member->value);
        } else {
            buf_put(out, member->value);
        }
    }
    buf_put_char(out, '}');
    return true;
}

static void check_same(const struct json_object *a, const struct json_object *b)
{
    FUZZ_CHECK(a->count == b->count);
    for (size_t i = 0; i < a->count; i++) {
        FUZZ_CHECK(str_equal(a->members[i].name, b->members[i].name));
        FUZZ_CHECK(str_equal(a->members[i].value, b->members[i].value));
        FUZZ_CHECK(a->members[i].is_string == b->members[i].is_string);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem *mem = fuzz_mem();
    struct json_object object;
    struct json_object again;
    struct arena arena;
    struct buf out;

    arena_init(&arena, mem, MEMORY_MAX);
    buf_init(&out, mem, MEMORY_MAX);
    if (json_object_parse(str_of(data, size), &arena, &object) == 0 &&
        write_object(&object, &out)) {
        FUZZ_CHECK(json_object_parse(buf_str(&out), &arena, &again) == 0);
        check_same(&object, &again);
    }
    buf_done(&out);
    arena_done(&arena);
    mem_destroy(mem);
    return 0;
}
