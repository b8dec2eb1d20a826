// SPDX-License-Identifier: ISC
/* An event that was read from a line of either form is written into a line of the other form and
 * read again as the same event at the same time. */
#include "log/log_line.h"

#include "fuzz/fuzz.h"

#define SECOND_NS  INT64_C(1000000000)
#define NOW_WALL_S INT64_C(1795491957)

enum { MEMORY_MAX = 1 << 20 };

static void check_again(const struct log_line *parsed, enum log_format format, struct arena *arena)
{
    struct buf line;
    struct log_line again;

    buf_init(&line, arena->mem, MEMORY_MAX);
    log_line_write(&line, format, parsed);
    FUZZ_CHECK(log_line_parse(buf_str(&line), NOW_WALL_S, 0, arena, &again) == 0);
    FUZZ_CHECK(again.head.wall_ns / SECOND_NS == parsed->head.wall_ns / SECOND_NS);
    FUZZ_CHECK(str_equal(again.head.tag, parsed->head.tag));
    FUZZ_CHECK(again.head.pid == parsed->head.pid);
    FUZZ_CHECK(again.event == parsed->event);
    buf_done(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem *mem = fuzz_mem();
    struct str line = str_of(data, size);
    struct log_line parsed;
    struct arena arena;

    arena_init(&arena, mem, MEMORY_MAX);
    if (log_line_parse(line, NOW_WALL_S, 0, &arena, &parsed) == 0 &&
        parsed.event != LOG_EVENT_COUNT) {
        check_again(&parsed, LOG_FORMAT_JSON, &arena);
        if (!str_starts_with(line, STR("{"))) {
            check_again(&parsed, LOG_FORMAT_TEXT, &arena);
        }
    }
    arena_done(&arena);
    mem_destroy(mem);
    return 0;
}
