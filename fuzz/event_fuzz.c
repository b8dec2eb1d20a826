// SPDX-License-Identifier: ISC
/* Whatever a remote host says, a text line stays one line of printable text within its limit, what
 * stands in <> ends at its own >, and a JSON line is one flat object. A text that is read is the
 * text of what was read; an event with harmless values is read as it was, whatever the values. */
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

/* Of a text that was cut, it is the beginning. */
static void check_reading(struct mem *mem, struct str text)
{
    struct buf again;
    struct log_fields fields;
    enum log_event event = LOG_EVENT_COUNT;
    bool is_cut = text.size + 3 >= LOG_LINE_MAX && str_ends_with(text, STR("..."));

    if (log_event_parse(text, &event, &fields) != 0) {
        return;
    }
    buf_init(&again, mem, OUTPUT_MAX);
    log_event_text(&again, event, &fields);
    FUZZ_CHECK(is_cut ? str_starts_with(buf_str(&again), text) : str_equal(buf_str(&again), text));
    buf_done(&again);
}

/* ---- harmless values --------------------------------------------------------------------------- */

#define TAKE_ID(input)      take_letters(input, letters)
#define TAKE_ADDRESS(input) take_letters(input, letters)
#define TAKE_NAME(input)    take_letters(input, letters)
#define TAKE_TEXT(input)    take_letters(input, letters)
#define TAKE_INT(input)     (int64_t) fuzz_byte(input)
#define TAKE_DELAY(input)   (int64_t) fuzz_byte(input) * 1000000000

/* Nobody's shape is in capitals. */
static struct str take_letters(struct str *input, struct buf *letters)
{
    size_t size = fuzz_byte(input) % 8;
    const char *start = letters->data + letters->size;
    for (size_t i = 0; i < size; i++) {
        buf_put_char(letters, (char)('A' + fuzz_byte(input) % 26));
    }
    return str_of(start, size);
}

static void check_harmless(struct mem *mem, struct str input)
{
    enum { LETTERS_MAX = 1024 };
    struct buf first;
    struct buf second;
    struct buf letters_of_all;
    struct buf *letters = &letters_of_all;
    struct log_fields parsed;
    enum log_event found = LOG_EVENT_COUNT;
    enum log_event event = fuzz_byte(&input) % LOG_EVENT_COUNT;

    buf_init(&first, mem, OUTPUT_MAX);
    buf_init(&second, mem, OUTPUT_MAX);
    buf_init(letters, mem, LETTERS_MAX);
    FUZZ_CHECK(buf_reserve(letters, LETTERS_MAX) != NULL); /* so that it stays where it is */
    struct log_fields fields = {0};
#define FIELD(name, type, meaning) fields.name = TAKE_##type(&input);
#define EVENT(name, severity, shape)
#include "log/events.def"
#undef EVENT
#undef FIELD
    log_event_text(&first, event, &fields);
    FUZZ_CHECK(log_event_parse(buf_str(&first), &found, &parsed) == 0 && found == event);
    log_event_json(&second, event, &parsed);
    buf_clear(&first);
    log_event_json(&first, event, &fields);
    FUZZ_CHECK(str_equal(buf_str(&first), buf_str(&second)));
    buf_done(&first);
    buf_done(&second);
    buf_done(letters);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem *mem = fuzz_mem();
    struct buf out;
    struct str input = str_of(data, size);
    check_harmless(mem, input);
    check_reading(mem, input);
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
    check_reading(mem, buf_str(&out));
    buf_clear(&out);
    log_event_json(&out, LOG_reject, &fields);
    check_printable(buf_str(&out));
    check_json(buf_str(&out));
    buf_done(&out);
    mem_destroy(mem);
    return 0;
}
