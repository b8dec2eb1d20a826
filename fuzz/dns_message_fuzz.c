// SPDX-License-Identifier: ISC
/* Any packet ends in records or an error, within bounds; records that were read are written and
 * read as the same, strange labels apart. */
#include "proto/dns_message.h"

#include <string.h>

#include "fuzz/fuzz.h"

static bool is_strange(const char *name)
{
    return strchr(name, '?') != NULL;
}

static bool can_be_written(const struct dns_record *record)
{
    return !is_strange(record->name) && !is_strange(record->target) &&
           !is_strange(record->soa_mailbox);
}

static void check_same(const struct dns_record *a, const struct dns_record *b)
{
    FUZZ_CHECK(a->section == b->section && a->type == b->type);
    FUZZ_CHECK(dns_message_names_equal(str_from(a->name), str_from(b->name)));
    FUZZ_CHECK(strcmp(a->target, b->target) == 0);
    FUZZ_CHECK(strcmp(a->soa_mailbox, b->soa_mailbox) == 0);
    FUZZ_CHECK(memcmp(a->ip, b->ip, sizeof(a->ip)) == 0);
    FUZZ_CHECK(a->preference == b->preference && a->weight == b->weight && a->port == b->port);
    FUZZ_CHECK(str_equal(a->tlsa_data, b->tlsa_data));
    FUZZ_CHECK(a->soa_minimum_s == b->soa_minimum_s);
}

static void check_record(struct buf *out, const struct dns_message *question,
                         const struct dns_record *record)
{
    struct dns_message message;
    struct dns_record again;
    char text[300];

    if (record->type == DNS_TYPE_TXT) {
        FUZZ_CHECK(dns_message_record_text(record, text, sizeof(text)) <= sizeof(text));
    }
    if (is_strange(question->question_name) || !can_be_written(record)) {
        return;
    }
    buf_clear(out);
    dns_message_write_response(out, question);
    FUZZ_CHECK(dns_message_add(out, record) == 0);
    FUZZ_CHECK(dns_message_parse(buf_str(out), &message) == 0);
    FUZZ_CHECK(dns_message_next(&message, &again) == 1);
    check_same(record, &again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem *mem = fuzz_mem();
    struct dns_message message;
    struct dns_record record;
    struct buf out;

    buf_init(&out, mem, 2 * DNS_MESSAGE_MAX);
    if (size <= DNS_MESSAGE_MAX && dns_message_parse(str_of(data, size), &message) == 0) {
        struct dns_message question = message;
        while (dns_message_next(&message, &record) == 1) {
            FUZZ_CHECK(message.next_offset <= size);
            check_record(&out, &question, &record);
        }
    }
    mem_destroy(mem);
    return 0;
}
