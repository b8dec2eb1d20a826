// SPDX-License-Identifier: ISC
/* A peer's bytes never become a control byte in a reply's text, nor more of it than the limit; a
 * reply that was read is read the same when it is written again. */
#include "proto/smtp_reply.h"

#include "fuzz/fuzz.h"

static enum parse feed_lines(struct smtp_reply *reply, struct str text)
{
    enum parse parse = PARSE_MORE;
    struct str line;

    while (parse == PARSE_MORE && str_next(&text, '\n', &line)) {
        parse = smtp_reply_feed(reply, line);
    }
    return parse;
}

static void check_text(const struct smtp_reply *reply)
{
    struct str text = buf_str(&reply->text);

    FUZZ_CHECK(text.size <= SMTP_REPLY_TEXT_MAX && buf_error(&reply->text) == 0);
    for (size_t i = 0; i < text.size; i++) {
        FUZZ_CHECK((uint8_t)text.data[i] >= ' ' || text.data[i] == '\n');
        FUZZ_CHECK(text.data[i] != 0x7f);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem *mem = fuzz_mem();
    struct smtp_reply reply;
    struct smtp_reply again;

    smtp_reply_init(&reply, mem);
    smtp_reply_init(&again, mem);
    enum parse parse = feed_lines(&reply, str_of(data, size));
    check_text(&reply);
    if (parse == PARSE_OK && reply.text.size < SMTP_REPLY_TEXT_MAX) {
        FUZZ_CHECK(reply.code >= 200 && reply.code <= 599);
        FUZZ_CHECK(feed_lines(&again, buf_str(&reply.text)) == PARSE_OK);
        FUZZ_CHECK(again.code == reply.code && again.line_count == reply.line_count);
        FUZZ_CHECK(str_equal(buf_str(&again.text), buf_str(&reply.text)));
    }
    mem_destroy(mem);
    return 0;
}
