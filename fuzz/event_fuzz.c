// SPDX-License-Identifier: ISC
/* Whatever a remote host says, a text line stays one line of printable text within its limit, what
 * stands in <> ends at its own >, and a JSON line is one flat object. */
#include "log/event.h"

#include <stdbool.h>

#include "fuzz/fuzz.h"

enum { OUTPUT_MAX = 1 << 20 };

static void check_printable(struct str text)
{
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];
        FUZZ_CHECK(c >= 0x20 && c != 0x7f);
    }
}

static void check_brackets(struct str text)
{
    int opened = 0;
    int closed = 0;
    for (size_t i = 0; i < text.size; i++) {
        opened += text.data[i] == '<';
        closed += text.data[i] == '>';
        FUZZ_CHECK(closed <= opened && opened <= closed + 1);
    }
    FUZZ_CHECK(opened == closed && opened == 3);
}

/* Strings with their escapes are skipped; outside them only what an object of this depth has. */
static void check_json(struct str text)
{
    bool in_string = false;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (in_string && c == '\\') {
            i++;
        } else if (c == '"') {
            in_string = !in_string;
        } else if (!in_string) {
            FUZZ_CHECK(char_is_digit(c) || c == ',' || c == ':' || c == '.' || c == '-');
        }
    }
    FUZZ_CHECK(!in_string);
}

static struct str take_piece(struct str *input)
{
    size_t size = fuzz_byte(input);
    struct str piece = str_first(*input, size);
    *input = str_skip(*input, piece.size);
    return piece.data == NULL ? str_from("") : piece;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem *mem = fuzz_mem();
    struct buf out;
    struct str input = str_of(data, size);
    struct log_fields fields = {.queue_id = take_piece(&input),
                                .client_name = take_piece(&input),
                                .client_address = take_piece(&input),
                                .stage = take_piece(&input),
                                .sender = take_piece(&input),
                                .recipient = take_piece(&input),
                                .helo = take_piece(&input),
                                .protocol = take_piece(&input)};
    if (fields.helo.size == 0) {
        fields.helo = STR("h");
    }
    buf_init(&out, mem, OUTPUT_MAX);
    log_event_text(&out, LOG_reject, &fields);
    check_printable(buf_str(&out));
    check_brackets(buf_str(&out));
    fields.reply = input;
    buf_clear(&out);
    log_event_text(&out, LOG_reject, &fields);
    check_printable(buf_str(&out));
    buf_clear(&out);
    log_event_json(&out, LOG_reject, &fields);
    check_printable(buf_str(&out));
    check_json(buf_str(&out));
    buf_done(&out);
    mem_destroy(mem);
    return 0;
}
