// SPDX-License-Identifier: ISC
/* First byte: which written form follows. Each address that is read, from a path or a header
 * list, has no control byte and round trips; a list always comes to its end, and what people
 * typed has no syntax errors. */
#include "proto/address.h"

#include "base/err.h"
#include "fuzz/fuzz.h"

static void check_internal(struct mem *mem, struct str internal)
{
    struct buf external;
    struct buf again;

    FUZZ_CHECK(internal.size <= ADDRESS_BYTES_MAX);
    for (size_t i = 0; i < internal.size; i++) {
        FUZZ_CHECK((uint8_t)internal.data[i] >= ' ' && internal.data[i] != 0x7f);
    }
    if (internal.size == 0) {
        return;
    }
    buf_init(&external, mem, 4 * ADDRESS_BYTES_MAX);
    buf_init(&again, mem, 2 * ADDRESS_BYTES_MAX);
    address_write(internal, &external);
    FUZZ_CHECK(address_parse_path(buf_str(&external), &again) == 0);
    FUZZ_CHECK(str_equal(buf_str(&again), internal));
    struct str list = buf_str(&external);
    buf_clear(&again);
    FUZZ_CHECK(address_list_next(&list, &again) == 1);
    FUZZ_CHECK(str_equal(buf_str(&again), internal));
    buf_done(&external);
    buf_done(&again);
}

static void check_list(struct mem *mem, struct str list)
{
    struct buf internal;
    int result = 1;

    buf_init(&internal, mem, 1 << 20);
    while (result != 0) {
        size_t size_before = list.size;
        buf_clear(&internal);
        result = address_list_next(&list, &internal);
        FUZZ_CHECK(result == 0 || list.size < size_before);
        if (result > 0) {
            check_internal(mem, buf_str(&internal));
        }
    }
    buf_done(&internal);
}

static void check_lenient(struct mem *mem, struct str list)
{
    struct buf internal;
    int result = 1;

    buf_init(&internal, mem, 1 << 20);
    while (result != 0) {
        size_t size_before = list.size;
        buf_clear(&internal);
        result = address_list_next_lenient(&list, &internal);
        FUZZ_CHECK(result == 0 || list.size < size_before);
        FUZZ_CHECK(result != -ERR_SYNTAX && internal.size <= ADDRESS_BYTES_MAX);
        for (size_t i = 0; i < internal.size; i++) {
            FUZZ_CHECK((uint8_t)internal.data[i] >= ' ' && internal.data[i] != 0x7f);
        }
    }
    buf_done(&internal);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem *mem = fuzz_mem();
    struct str input = str_of(data, size);
    struct buf internal;
    bool is_list = fuzz_byte(&input) % 2 == 0;

    buf_init(&internal, mem, 1 << 20);
    if (is_list) {
        check_list(mem, input);
        check_lenient(mem, input);
    } else if (address_parse_path(input, &internal) == 0) {
        check_internal(mem, buf_str(&internal));
    }
    (void)address_domain_is_valid(input);
    mem_destroy(mem);
    return 0;
}
