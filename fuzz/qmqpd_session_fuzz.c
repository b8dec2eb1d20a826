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

static void check_answer(struct str reply)
{
    bool is_gone = reply.size == 0; /* the client, before its message was complete */
    FUZZ_CHECK(is_gone || str_find(STR("KZD"), reply.data[0]) >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str input = str_of(data, size);
    struct mem *mem = fuzz_mem();
    struct session_outcome outcome;
    struct session_plan plan = {
        .program = "qmqpd", .port = "628", .confirmation = "queued as ", .answers_netstring = true};

    plan.segment_bytes = 1 + fuzz_byte(&input);
    plan.input = str_first(input, SESSION_INPUT_MAX);
    session_play(&plan, mem, &outcome);
    check_answer(buf_str(&outcome.replies));
    FUZZ_CHECK(outcome.message_count <= 1);
    FUZZ_CHECK(outcome.message_count == 0 || is_complete(plan.input));
    mem_destroy(mem);
    return 0;
}
