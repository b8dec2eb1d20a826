// SPDX-License-Identifier: ISC
/* What is taken is within its limits, can stand in a notice, and is the same again when it is
 * written and read. The first byte chooses the parameter. */
#include "proto/dsn_parameter.h"

#include "fuzz/fuzz.h"

static void check_word(struct mem *mem, struct str value, int (*parse)(struct str, int *),
                       void (*write)(int, struct buf *))
{
    struct buf text;
    int flags = 0;
    int again = 0;

    if (parse(value, &flags) != 0) {
        return;
    }
    buf_init(&text, mem, 100);
    write(flags, &text);
    FUZZ_CHECK(parse(buf_str(&text), &again) == 0);
    FUZZ_CHECK(flags != 0 && flags == again);
}

static void check_text(struct mem *mem, struct str value, size_t bytes_max,
                       int (*parse)(struct str, struct buf *),
                       void (*write)(struct str, struct buf *))
{
    struct buf decoded;
    struct buf text;
    struct buf again;

    buf_init(&decoded, mem, 1000);
    buf_init(&text, mem, 10000);
    buf_init(&again, mem, 1000);
    if (parse(value, &decoded) != 0) {
        FUZZ_CHECK(decoded.size == 0);
        return;
    }
    bool is_utf8 = str_starts_with_fold(value, STR("utf-8;"));
    for (size_t i = 0; i < decoded.size; i++) {
        FUZZ_CHECK(char_is_print(decoded.data[i]) || (is_utf8 && decoded.data[i] < 0));
    }
    write(buf_str(&decoded), &text);
    FUZZ_CHECK(str_is_ascii(buf_str(&text)));
    if (text.size > bytes_max) {
        FUZZ_CHECK(!str_is_ascii(value)); /* UTF-8 as it stood is longer in ASCII */
        return;
    }
    FUZZ_CHECK(parse(buf_str(&text), &again) == 0);
    FUZZ_CHECK(str_equal(buf_str(&decoded), buf_str(&again)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem *mem = fuzz_mem();
    struct str value = str_skip(str_of(data, size), 1);

    switch (size > 0 ? data[0] : 0) {
    case 'r':
        check_word(mem, value, dsn_parameter_parse_ret, dsn_parameter_write_ret);
        break;
    case 'n':
        check_word(mem, value, dsn_parameter_parse_notify, dsn_parameter_write_notify);
        break;
    case 'e':
        check_text(mem, value, DSN_ENVID_MAX, dsn_parameter_parse_envid, dsn_parameter_write_envid);
        break;
    default:
        check_text(mem, value, DSN_ORCPT_MAX, dsn_parameter_parse_orcpt, dsn_parameter_write_orcpt);
        break;
    }
    mem_destroy(mem);
    return 0;
}
