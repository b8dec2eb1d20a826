// SPDX-License-Identifier: ISC
/* Text after DATA: however the bytes are cut, the same lines come out; the number of messages is
 * what a strict splitter counts; what is sent again is one message with the same lines. */
#include "proto/smtp_data.h"

#include "fuzz/fuzz.h"

enum { LINE_BYTES_MAX = 20, STEPS_MAX = 1 << 20 };

/* Reads one message from input, seeing it grow by step bytes at a time (0: all at once). Pieces
 * are noted as "N:" or "L:", text and a NUL, so that they can be compared. */
static bool read_message(struct str input, size_t step, struct buf *pieces, size_t *used_bytes)
{
    struct smtp_data_reader reader;
    size_t seen = step == 0 ? input.size : 0;
    size_t used = 0;

    smtp_data_reader_init(&reader, LINE_BYTES_MAX);
    for (int i = 0; i < STEPS_MAX; i++) {
        struct str text;
        size_t bytes = 0;
        struct str window = str_skip(str_first(input, seen), used);
        enum smtp_data_result result = smtp_data_read(&reader, window, &text, &bytes);
        switch (result) {
        case SMTP_DATA_MORE:
            if (seen == input.size) {
                return false;
            }
            FUZZ_CHECK(window.size < LINE_BYTES_MAX + SMTP_DATA_LOOK_AHEAD);
            seen += step < input.size - seen ? step : input.size - seen;
            break;
        case SMTP_DATA_LINE:
        case SMTP_DATA_PART:
            FUZZ_CHECK(text.size <= LINE_BYTES_MAX && bytes > 0 && bytes <= window.size);
            buf_put_text(pieces, result == SMTP_DATA_LINE ? "N:" : "L:");
            buf_put(pieces, text);
            buf_put_char(pieces, '\0');
            used += bytes;
            break;
        case SMTP_DATA_END:
            *used_bytes = used + bytes;
            return true;
        }
    }
    return false;
}

/* The strict splitter: where the first CRLF.CRLF ends, the CRLF of DATA before the input. */
static size_t strict_end(struct str input)
{
    if (str_starts_with(input, STR(".\r\n"))) {
        return 3;
    }
    ptrdiff_t end = str_find_str(input, STR("\r\n.\r\n"));
    return end < 0 ? 0 : (size_t)end + 5;
}

/* Sends what was received and reads that: the same lines, one message, nothing behind it. */
static void check_sent_again(struct mem *mem, struct str input)
{
    struct smtp_data_reader reader;
    struct smtp_data_writer writer;
    struct buf sent;
    struct buf first;
    struct buf second;
    size_t used_bytes = 0;
    enum smtp_data_result result = SMTP_DATA_LINE;
    struct str rest = input;

    buf_init(&sent, mem, 4 << 20);
    buf_init(&first, mem, 8 << 20);
    buf_init(&second, mem, 8 << 20);
    smtp_data_reader_init(&reader, LINE_BYTES_MAX);
    smtp_data_writer_init(&writer, 0);
    while (result == SMTP_DATA_LINE || result == SMTP_DATA_PART) {
        struct str text;
        result = smtp_data_read(&reader, rest, &text, &used_bytes);
        if (result == SMTP_DATA_LINE || result == SMTP_DATA_PART) {
            smtp_data_write(&writer, &sent, text, result == SMTP_DATA_LINE);
            rest = str_skip(rest, used_bytes);
        }
    }
    FUZZ_CHECK(result == SMTP_DATA_END);
    smtp_data_write_end(&writer, &sent);
    FUZZ_CHECK(read_message(input, 0, &first, &used_bytes));
    FUZZ_CHECK(read_message(buf_str(&sent), 0, &second, &used_bytes));
    FUZZ_CHECK(used_bytes == sent.size && strict_end(buf_str(&sent)) == sent.size);
    FUZZ_CHECK(str_equal(buf_str(&first), buf_str(&second)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem *mem = fuzz_mem();
    struct str input = str_of(data, size);
    struct buf whole;
    struct buf cut;
    size_t whole_bytes = 0;
    size_t cut_bytes = 0;

    buf_init(&whole, mem, 8 << 20);
    buf_init(&cut, mem, 8 << 20);
    bool ended = read_message(input, 0, &whole, &whole_bytes);
    for (size_t step = 1; step <= 3; step++) {
        buf_clear(&cut);
        FUZZ_CHECK(read_message(input, step, &cut, &cut_bytes) == ended);
        FUZZ_CHECK(str_equal(buf_str(&whole), buf_str(&cut)) && cut_bytes == whole_bytes);
    }
    FUZZ_CHECK(strict_end(input) == (ended ? whole_bytes : 0));
    if (ended) {
        check_sent_again(mem, input);
    }
    mem_destroy(mem);
    return 0;
}
