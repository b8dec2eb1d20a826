// SPDX-License-Identifier: ISC
/* Every line is a command; a path that is taken apart gives addresses that round trip: internal
 * to external to internal is the same again. */
#include "proto/smtp_command.h"

#include "fuzz/fuzz.h"
#include "proto/address.h"

static void check_path(struct str argument, struct str keyword)
{
    struct mem *mem = fuzz_mem();
    struct smtp_path path;
    struct buf internal;
    struct buf external;
    struct buf again;

    buf_init(&internal, mem, 2 * ADDRESS_BYTES_MAX);
    buf_init(&external, mem, 4 * ADDRESS_BYTES_MAX);
    buf_init(&again, mem, 2 * ADDRESS_BYTES_MAX);
    if (smtp_command_parse_path(argument, keyword, &path) == 0) {
        FUZZ_CHECK(path.parameter_count <= SMTP_PARAMETERS_MAX);
        FUZZ_CHECK(path.address.size > 0);
        if (address_parse_path(path.address, &internal) == 0) {
            address_write(buf_str(&internal), &external);
            FUZZ_CHECK(internal.size == 0 || address_parse_path(buf_str(&external), &again) == 0);
            FUZZ_CHECK(str_equal(buf_str(&internal), buf_str(&again)));
        }
    }
    mem_destroy(mem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct smtp_command command;

    smtp_command_parse(str_of(data, size), &command);
    FUZZ_CHECK(command.verb < SMTP_VERB_COUNT);
    FUZZ_CHECK(command.name.size + command.argument.size <= size);
    if (command.verb == SMTP_VERB_MAIL) {
        check_path(command.argument, STR("FROM"));
    } else if (command.verb == SMTP_VERB_RCPT) {
        check_path(command.argument, STR("TO"));
    }
    return 0;
}
