// SPDX-License-Identifier: ISC
/* log/test_output - for tests: a buffer that each test finds empty
 *
 * Only tests include this file.
 */
#ifndef LOG_TEST_OUTPUT_H
#define LOG_TEST_OUTPUT_H

#include "base/buf.h"

struct test_output {
    struct mem *mem;
    struct buf buf;
};

static inline int test_output_set_up(void **state)
{
    static struct test_output output;
    output.mem = mem_create(0, NULL, NULL);
    buf_init(&output.buf, output.mem, 1 << 20);
    *state = &output;
    return 0;
}

static inline int test_output_tear_down(void **state)
{
    struct test_output *output = *state;
    buf_done(&output->buf);
    assert_int_equal(mem_count(output->mem), 0);
    mem_destroy(output->mem);
    return 0;
}

static inline struct buf *test_output_clean(void **state)
{
    struct test_output *output = *state;
    buf_clear(&output->buf);
    return &output->buf;
}

#endif
