// SPDX-License-Identifier: ISC
/* First byte: how the last session is cut; then all that a client sends to the QMQP server.
 * Besides what holds for every session (session.h): a message is taken only from a complete
 * netstring of netstrings, at most one, and the answer is one netstring that begins with K, Z or
 * D. */
#include "fuzz/fuzz.h"
#include "fuzz/session.h"
#include "proto/netstring.h"

/* Message, sender and one recipient or more, and nothing else. */
static bool is_complete(struct str input)
{
    struct str parts;
    struct str part;
    size_t used_bytes = 0;
    int count = 0;

    if (netstring_parse(input, SESSION_INPUT_MAX, &parts, &used_bytes) != PARSE_OK) {
        return false;
    }
    while (parts.size > 0) {
        if (netstring_parse(parts, SESSION_INPUT_MAX, &part, &used_bytes) != PARSE_OK) {
            return false;
        }
        parts = str_skip(parts, used_bytes);
        count++;
    }
    return count >= 3;
}

static void check_answer(struct str replies)
{
    struct str answer;
    size_t used_bytes = 0;

    if (replies.size == 0) {
        return; /* the client was gone before its message was complete */
    }
    /* Its length counts the queue id, which is left out here. */
    ptrdiff_t colon = str_find(replies, ':');
    FUZZ_CHECK(colon > 0 && str_ends_with(replies, STR(",")));
    answer = str_skip(replies, (size_t)colon + 1);
    FUZZ_CHECK(netstring_parse_head(replies, SESSION_INPUT_MAX, &used_bytes, &used_bytes) ==
               PARSE_OK);
    FUZZ_CHECK(str_find(STR("KZD"), answer.data[0]) >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str input = str_of(data, size);
    struct mem *mem = fuzz_mem();
    struct session_outcome outcome;
    struct session_plan plan = {.program = "qmqpd", .port = "628", .confirmation = "queued as "};

    plan.segment_bytes = 1 + fuzz_byte(&input);
    plan.input = str_first(input, SESSION_INPUT_MAX);
    session_play(&plan, mem, &outcome);
    check_answer(buf_str(&outcome.replies));
    FUZZ_CHECK(outcome.message_count <= 1);
    FUZZ_CHECK(outcome.message_count == 0 || is_complete(plan.input));
    mem_destroy(mem);
    return 0;
}
