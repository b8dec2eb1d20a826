// SPDX-License-Identifier: ISC
#include "proto/dns_message.h"

#include <string.h>

#include "base/assert.h"
#include "base/err.h"

enum {
    HEADER_BYTES = 12,
    LABEL_MAX = 63,
    NAME_WIRE_MAX = 255,
    POINTER_TAG = 0xc0,
    QUESTION_POINTER = POINTER_TAG << 8 | HEADER_BYTES,
    CLASS_IN = 1,
    OPT_DNSSEC_OK = 0x8000,
};

enum header_flag {
    FLAG_RESPONSE = 0x8000,
    FLAG_AUTHORITATIVE = 0x0400,
    FLAG_TRUNCATED = 0x0200,
    FLAG_RECURSION_DESIRED = 0x0100,
    FLAG_RECURSION_AVAILABLE = 0x0080,
    FLAG_AUTHENTIC = 0x0020,
    FLAG_CHECKING_DISABLED = 0x0010,
};

/* ---- numbers ------------------------------------------------------------------------------- */

/* A place in the message; a read beyond end sets failed and gives zeros. */
struct cursor {
    struct str bytes;
    size_t offset;
    size_t end; /* offset behind the last byte that may be read here */
    bool failed;
};

static uint8_t read_u8(struct cursor *c)
{
    if (c->failed || c->offset >= c->end) {
        c->failed = true;
        return 0;
    }
    return (uint8_t)c->bytes.data[c->offset++];
}

static uint16_t read_u16(struct cursor *c)
{
    unsigned high = read_u8(c);
    unsigned low = read_u8(c);

    return (uint16_t)(high << 8 | low);
}

static uint32_t read_u32(struct cursor *c)
{
    uint32_t high = read_u16(c);
    uint32_t low = read_u16(c);

    return high << 16 | low;
}

static struct str read_bytes(struct cursor *c, size_t size)
{
    if (c->failed || size > c->end - c->offset) {
        c->failed = true;
        return STR("");
    }
    struct str bytes = str_of(c->bytes.data + c->offset, size);
    c->offset += size;
    return bytes;
}

/* ---- names --------------------------------------------------------------------------------- */

static char shown(char byte)
{
    return byte > ' ' && byte < 0x7f && byte != '.' && byte != '\\' ? byte : '?';
}

/* Appends one label to text[0..size); the new size. Names that are too long were refused. */
static size_t put_label(char text[DNS_NAME_SIZE], size_t size, struct str label)
{
    if (size > 0) {
        text[size++] = '.';
    }
    for (size_t i = 0; i < label.size; i++) {
        text[size++] = shown(label.data[i]);
    }
    return size;
}

/* Reads a name; labels behind a pointer are read elsewhere, and each pointer must lead further
 * back than all before it, so that the way ends. */
static void read_name(struct cursor *c, char text[DNS_NAME_SIZE])
{
    struct cursor at = *c;
    size_t lowest = c->offset;
    size_t wire_bytes = 1;
    size_t size = 0;
    bool jumped = false;

    for (;;) {
        unsigned length = read_u8(&at);
        if ((length & POINTER_TAG) == POINTER_TAG) {
            size_t target = (length & ~(unsigned)POINTER_TAG) << 8 | read_u8(&at);
            at.failed = at.failed || target >= lowest || target < HEADER_BYTES;
            if (!jumped) {
                c->offset = at.offset;
            }
            jumped = true;
            lowest = target;
            at.offset = target;
            at.end = at.bytes.size;
        } else if (length > 0) {
            wire_bytes += 1 + length;
            at.failed = at.failed || length > LABEL_MAX || wire_bytes > NAME_WIRE_MAX;
            struct str label = read_bytes(&at, length);
            size = at.failed ? 0 : put_label(text, size, label);
        } else {
            break; /* the root, or a failed read */
        }
        if (at.failed) {
            break;
        }
    }
    if (!jumped) {
        c->offset = at.offset;
    }
    c->failed = c->failed || at.failed;
    text[c->failed ? 0 : size] = '\0';
}

int dns_message_check_name(struct str name)
{
    struct str rest = name;
    struct str label;

    if (name.size == 0) {
        return 0;
    }
    while (str_next(&rest, '.', &label)) {
        if (label.size == 0 || label.size > LABEL_MAX) {
            return -ERR_SYNTAX;
        }
    }
    return name.size + 2 <= NAME_WIRE_MAX ? 0 : -ERR_SYNTAX;
}

bool dns_message_names_equal(struct str a, struct str b)
{
    return str_equal_fold(a, b);
}

/* ---- reading ------------------------------------------------------------------------------- */

static void set_flags(struct dns_message *message, unsigned flags)
{
    message->is_response = (flags & FLAG_RESPONSE) != 0;
    message->is_authoritative = (flags & FLAG_AUTHORITATIVE) != 0;
    message->is_truncated = (flags & FLAG_TRUNCATED) != 0;
    message->recursion_desired = (flags & FLAG_RECURSION_DESIRED) != 0;
    message->recursion_available = (flags & FLAG_RECURSION_AVAILABLE) != 0;
    message->is_authentic = (flags & FLAG_AUTHENTIC) != 0;
    message->checking_disabled = (flags & FLAG_CHECKING_DISABLED) != 0;
    message->rcode = (uint8_t)(flags & 0xf);
}

int dns_message_parse(struct str bytes, struct dns_message *message)
{
    struct cursor c = {.bytes = bytes, .end = bytes.size};

    *message = (struct dns_message){.bytes = bytes};
    message->id = read_u16(&c);
    set_flags(message, read_u16(&c));
    unsigned question_count = read_u16(&c);
    for (int i = 0; i < 3; i++) {
        message->record_counts[i] = read_u16(&c);
    }
    read_name(&c, message->question_name);
    message->question_type = read_u16(&c);
    unsigned class = read_u16(&c);
    message->next_offset = c.offset;
    return !c.failed && question_count == 1 && class == CLASS_IN ? 0 : -ERR_CORRUPT;
}

static void read_soa(struct cursor *c, struct dns_record *record)
{
    read_name(c, record->target);
    read_name(c, record->soa_mailbox);
    record->soa_serial = read_u32(c);
    record->soa_refresh_s = read_u32(c);
    record->soa_retry_s = read_u32(c);
    record->soa_expire_s = read_u32(c);
    record->soa_minimum_s = read_u32(c);
}

static void read_address(struct cursor *c, struct dns_record *record, size_t size)
{
    struct str bytes = read_bytes(c, size);

    if (!c->failed) {
        memcpy(record->ip, bytes.data, size);
    }
}

/* Strings, each with a length byte, exactly to the end. */
static void check_strings(struct cursor *c)
{
    while (!c->failed && c->offset < c->end) {
        (void)read_bytes(c, read_u8(c));
    }
}

/* The parts of a record by its type; the cursor ends with the record's data. */
static void read_data(struct cursor *c, struct dns_record *record)
{
    switch (record->type) {
    case DNS_TYPE_A:
        read_address(c, record, 4);
        break;
    case DNS_TYPE_AAAA:
        read_address(c, record, 16);
        break;
    case DNS_TYPE_MX:
        record->preference = read_u16(c);
        read_name(c, record->target);
        break;
    case DNS_TYPE_NS:
    case DNS_TYPE_CNAME:
    case DNS_TYPE_PTR:
        read_name(c, record->target);
        break;
    case DNS_TYPE_SRV:
        record->preference = read_u16(c);
        record->weight = read_u16(c);
        record->port = read_u16(c);
        read_name(c, record->target);
        break;
    case DNS_TYPE_SOA:
        read_soa(c, record);
        break;
    case DNS_TYPE_TXT:
        check_strings(c);
        break;
    case DNS_TYPE_TLSA:
        record->tlsa_usage = read_u8(c);
        record->tlsa_selector = read_u8(c);
        record->tlsa_matching_type = read_u8(c);
        record->tlsa_data = read_bytes(c, c->end - c->offset);
        break;
    default:
        c->offset = c->end;
        break;
    }
}

static enum dns_section section_of(const struct dns_message *message, unsigned index)
{
    unsigned answers = message->record_counts[DNS_SECTION_ANSWER];
    unsigned authorities = message->record_counts[DNS_SECTION_AUTHORITY];

    return index < answers                 ? DNS_SECTION_ANSWER
           : index < answers + authorities ? DNS_SECTION_AUTHORITY
                                           : DNS_SECTION_ADDITIONAL;
}

/* Reads one record of any class; the class is returned, or a negative error. */
static int read_record(struct dns_message *message, struct dns_record *record)
{
    struct cursor c = {
        .bytes = message->bytes, .offset = message->next_offset, .end = message->bytes.size};

    *record = (struct dns_record){.section = section_of(message, message->next_index)};
    read_name(&c, record->name);
    record->type = read_u16(&c);
    unsigned class = read_u16(&c);
    record->ttl_s = read_u32(&c);
    size_t size = read_u16(&c);
    struct cursor data = c;
    record->data = read_bytes(&c, size);
    data.end = c.offset;
    if (!c.failed && class == CLASS_IN) {
        read_data(&data, record);
        c.failed = data.failed || data.offset != data.end;
    }
    if (record->type == DNS_TYPE_OPT) {
        record->opt_udp_bytes_max = (uint16_t) class;
        record->opt_dnssec_ok = (record->ttl_s & OPT_DNSSEC_OK) != 0;
    }
    message->next_offset = c.offset;
    message->next_index++;
    return c.failed ? -ERR_CORRUPT : (int)class;
}

int dns_message_next(struct dns_message *message, struct dns_record *record)
{
    const uint16_t *counts = message->record_counts;
    unsigned count = (unsigned)counts[0] + counts[1] + counts[2];

    while (message->next_index < count) {
        int class = read_record(message, record);
        if (class < 0) {
            message->next_index = count;
            return class;
        }
        if (class == CLASS_IN || record->type == DNS_TYPE_OPT) {
            return 1;
        }
    }
    return 0;
}

bool dns_message_record_is_null_mx(const struct dns_record *record)
{
    return record->type == DNS_TYPE_MX && record->target[0] == '\0';
}

size_t dns_message_record_text(const struct dns_record *record, char *text, size_t text_size)
{
    struct str rest = record->data;
    size_t used = 0;

    while (rest.size > 0) {
        struct str string = str_first(str_skip(rest, 1), (uint8_t)rest.data[0]);
        rest = str_skip(rest, 1 + string.size);
        struct str fits = str_first(string, text_size - used);
        if (fits.size > 0) {
            memcpy(text + used, fits.data, fits.size);
        }
        used += fits.size;
    }
    return used;
}

/* ---- writing ------------------------------------------------------------------------------- */

static void put_u16(struct buf *out, unsigned value)
{
    const char bytes[2] = {(char)(value >> 8), (char)value};

    buf_put(out, str_of(bytes, 2));
}

static void put_u32(struct buf *out, uint32_t value)
{
    put_u16(out, value >> 16);
    put_u16(out, value & 0xffff);
}

static void put_name(struct buf *out, struct str name)
{
    struct str rest = name;
    struct str label;

    while (name.size > 0 && str_next(&rest, '.', &label)) {
        buf_put_char(out, (char)label.size);
        buf_put(out, label);
    }
    buf_put_char(out, '\0');
}

static void put_header(struct buf *out, uint16_t id, unsigned flags, unsigned additional_count)
{
    put_u16(out, id);
    put_u16(out, flags);
    put_u16(out, 1);
    put_u16(out, 0);
    put_u16(out, 0);
    put_u16(out, additional_count);
}

static void put_question(struct buf *out, struct str name, uint16_t type)
{
    put_name(out, name);
    put_u16(out, type);
    put_u16(out, CLASS_IN);
}

int dns_message_write_query(struct buf *out, uint16_t id, struct str name, uint16_t type,
                            bool dnssec_ok)
{
    unsigned flags = FLAG_RECURSION_DESIRED | (dnssec_ok ? FLAG_AUTHENTIC : 0u);

    if (dns_message_check_name(name) != 0) {
        return -ERR_SYNTAX;
    }
    put_header(out, id, flags, 1);
    put_question(out, name, type);
    put_name(out, STR(""));
    put_u16(out, DNS_TYPE_OPT);
    put_u16(out, DNS_UDP_OFFERED_MAX);
    put_u32(out, dnssec_ok ? OPT_DNSSEC_OK : 0);
    put_u16(out, 0);
    return buf_error(out);
}

static unsigned flags_of(const struct dns_message *message)
{
    return (message->is_authoritative ? FLAG_AUTHORITATIVE : 0u) |
           (message->is_truncated ? FLAG_TRUNCATED : 0u) |
           (message->recursion_desired ? FLAG_RECURSION_DESIRED : 0u) |
           (message->recursion_available ? FLAG_RECURSION_AVAILABLE : 0u) |
           (message->is_authentic ? FLAG_AUTHENTIC : 0u) |
           (message->checking_disabled ? FLAG_CHECKING_DISABLED : 0u) | message->rcode;
}

void dns_message_write_response(struct buf *out, const struct dns_message *message)
{
    assert(out->size == 0);
    put_header(out, message->id, FLAG_RESPONSE | flags_of(message), 0);
    put_question(out, str_from(message->question_name), message->question_type);
}

static unsigned u16_at(const struct buf *out, size_t offset)
{
    return (unsigned)(uint8_t)out->data[offset] << 8 | (uint8_t)out->data[offset + 1];
}

static void set_u16_at(struct buf *out, size_t offset, size_t value)
{
    out->data[offset] = (char)(value >> 8);
    out->data[offset + 1] = (char)value;
}

static void put_owner(struct buf *out, struct str name)
{
    struct cursor c = {.bytes = buf_str(out), .offset = HEADER_BYTES, .end = out->size};
    char question[DNS_NAME_SIZE];

    read_name(&c, question);
    if (name.size > 0 && str_equal_fold(name, str_from(question))) {
        put_u16(out, QUESTION_POINTER);
    } else {
        put_name(out, name);
    }
}

static void put_soa(struct buf *out, const struct dns_record *record)
{
    put_name(out, str_from(record->target));
    put_name(out, str_from(record->soa_mailbox));
    put_u32(out, record->soa_serial);
    put_u32(out, record->soa_refresh_s);
    put_u32(out, record->soa_retry_s);
    put_u32(out, record->soa_expire_s);
    put_u32(out, record->soa_minimum_s);
}

static void put_tlsa(struct buf *out, const struct dns_record *record)
{
    buf_put_char(out, (char)record->tlsa_usage);
    buf_put_char(out, (char)record->tlsa_selector);
    buf_put_char(out, (char)record->tlsa_matching_type);
    buf_put(out, record->tlsa_data);
}

static void put_data(struct buf *out, const struct dns_record *record)
{
    switch (record->type) {
    case DNS_TYPE_A:
        buf_put(out, str_of(record->ip, 4));
        break;
    case DNS_TYPE_AAAA:
        buf_put(out, str_of(record->ip, 16));
        break;
    case DNS_TYPE_SRV:
        put_u16(out, record->preference);
        put_u16(out, record->weight);
        put_u16(out, record->port);
        put_name(out, str_from(record->target));
        break;
    case DNS_TYPE_MX:
        put_u16(out, record->preference);
        put_name(out, str_from(record->target));
        break;
    case DNS_TYPE_NS:
    case DNS_TYPE_CNAME:
    case DNS_TYPE_PTR:
        put_name(out, str_from(record->target));
        break;
    case DNS_TYPE_SOA:
        put_soa(out, record);
        break;
    case DNS_TYPE_TLSA:
        put_tlsa(out, record);
        break;
    default:
        buf_put(out, record->data);
        break;
    }
}

static uint32_t ttl_to_write(const struct dns_record *record)
{
    if (record->type == DNS_TYPE_OPT) {
        return record->opt_dnssec_ok ? OPT_DNSSEC_OK : 0;
    }
    return record->ttl_s;
}

int dns_message_add(struct buf *out, const struct dns_record *record)
{
    size_t count_offset = 6 + 2 * (size_t)record->section;

    assert(out->size > HEADER_BYTES);
    if (dns_message_check_name(str_from(record->name)) != 0 ||
        dns_message_check_name(str_from(record->target)) != 0 ||
        dns_message_check_name(str_from(record->soa_mailbox)) != 0) {
        return -ERR_SYNTAX;
    }
    put_owner(out, str_from(record->name));
    put_u16(out, record->type);
    put_u16(out, record->type == DNS_TYPE_OPT ? record->opt_udp_bytes_max : CLASS_IN);
    put_u32(out, ttl_to_write(record));
    size_t size_offset = out->size;
    put_u16(out, 0);
    put_data(out, record);
    if (buf_error(out) != 0) {
        return buf_error(out);
    }
    set_u16_at(out, size_offset, out->size - size_offset - 2);
    set_u16_at(out, count_offset, u16_at(out, count_offset) + 1);
    return 0;
}

void dns_message_truncate(struct buf *out)
{
    struct cursor c = {.bytes = buf_str(out), .offset = HEADER_BYTES, .end = out->size};
    char question[DNS_NAME_SIZE];

    assert(out->size > HEADER_BYTES);
    read_name(&c, question);
    assert(!c.failed && c.offset + 4 <= out->size);
    buf_truncate(out, c.offset + 4);
    for (size_t offset = 6; offset < HEADER_BYTES; offset += 2) {
        set_u16_at(out, offset, 0);
    }
    set_u16_at(out, 2, u16_at(out, 2) | FLAG_TRUNCATED);
}
