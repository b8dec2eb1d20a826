// SPDX-License-Identifier: ISC
/* First byte: how the last session is cut; then all that a client sends to the SMTP server.
 * Besides what holds for every session (session.h): as many messages are taken as a strict
 * splitter counts, which knows only that CRLF.CRLF ends a text. */
#include "fuzz/fuzz.h"
#include "fuzz/session.h"

enum { COMMAND_BYTES_MAX = 1000 };

/* Takes the next whole reply out of rest; its code, or 0 at the end. */
static int take_reply(struct str *rest)
{
    struct str line;

    while (rest->size > 0 && str_next(rest, '\n', &line)) {
        FUZZ_CHECK(line.size >= 4 && str_ends_with(line, STR("\r")));
        if (line.data[3] == ' ') {
            return (line.data[0] - '0') * 100 + (line.data[1] - '0') * 10 + (line.data[2] - '0');
        }
        FUZZ_CHECK(line.data[3] == '-');
    }
    return 0;
}

/* Takes a text up to its CRLF.CRLF; false when it does not end. */
static bool take_text(struct str *rest)
{
    if (str_starts_with(*rest, STR(".\r\n"))) {
        *rest = str_skip(*rest, 3);
        return true;
    }
    ptrdiff_t end = str_find_str(*rest, STR("\r\n.\r\n"));
    *rest = str_skip(*rest, end < 0 ? rest->size : (size_t)end + 5);
    return end >= 0;
}

/* Takes a command line; false when it does not end, or is so long that its fate is open. */
static bool take_command(struct str *rest)
{
    ptrdiff_t end = str_find(*rest, '\n');

    if (end < 0 || end >= COMMAND_BYTES_MAX) {
        *rest = STR("");
        return false;
    }
    *rest = str_skip(*rest, (size_t)end + 1);
    return true;
}

/* Walks input and replies side by side: each command and each text has one reply. */
static int count_messages(struct str input, struct str replies)
{
    int count = 0;
    int code = take_reply(&replies); /* the greeting */

    while (code != 0 && take_command(&input)) {
        code = take_reply(&replies);
        if (code == 354) {
            code = take_text(&input) ? take_reply(&replies) : 0;
            count += code == 250 ? 1 : 0;
        }
    }
    return count;
}

static bool has_long_line(struct str input)
{
    struct str line;

    while (str_next(&input, '\n', &line)) {
        if (line.size >= COMMAND_BYTES_MAX) {
            return true;
        }
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str input = str_of(data, size);
    struct mem *mem = fuzz_mem();
    struct session_outcome outcome;
    struct session_plan plan = {
        .program = "smtpd", .port = "25", .confirmation = "250 2.0.0 Ok: queued as "};

    plan.segment_bytes = 1 + fuzz_byte(&input);
    plan.input = str_first(input, SESSION_INPUT_MAX);
    session_play(&plan, mem, &outcome);
    if (!has_long_line(plan.input)) {
        FUZZ_CHECK(count_messages(plan.input, buf_str(&outcome.replies)) == outcome.message_count);
    }
    mem_destroy(mem);
    return 0;
}
