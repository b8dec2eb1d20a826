// SPDX-License-Identifier: ISC
#include "dns/dns.h"

#include <stdio.h>

#include "base/assert.h"
#include "base/buf.h"
#include "conf/file.h"
#include "dns/dns_config.h"
#include "dns/dns_query.h"
#include "dns/idna.h"
#include "proto/address.h"
#include "proto/dns_message.h"
#include "sys/clock.h"
#include "sys/fs.h"

#define DNS_LOOK_INTERVAL_NS SYS_SECOND_NS

static const char RESOLV_CONF[] = "/etc/resolv.conf";
static const char HOSTS[] = "/etc/hosts";

struct dns_file {
    const char *path;
    struct sys_stat state;
    struct buf text;
};

struct dns {
    struct sys *sys;
    struct dns_file resolv_conf;
    struct dns_file hosts;
    struct dns_config config;
    int64_t look_again_ns;
};

const char *dns_status_text(enum dns_status status)
{
    switch (status) {
    case DNS_FOUND:
        return "Success";
    case DNS_NO_NAME:
        return "Host not found";
    case DNS_NO_DATA:
        return "Host found but no data record of requested type";
    case DNS_NULL_MX:
        return "Domain does not accept mail (nullMX)";
    case DNS_INVALID:
        return "Malformed or unexpected name server reply";
    case DNS_TRY_AGAIN:
        return "Host not found, try again";
    }
    unreachable();
}

/* ---- the two files ---------------------------------------------------------------------------------- */

static void file_init(struct dns_file *file, struct sys *sys, const char *path)
{
    *file = (struct dns_file){.path = path};
    buf_init(&file->text, sys_mem(sys), DNS_HOSTS_BYTES_MAX);
}

/* True when the text is another one than before; a file that cannot be read keeps the old text. */
static bool file_look(struct dns_file *file, struct sys *sys)
{
    struct sys_stat state;
    if (sys_stat(sys, SYS_HERE, file->path, &state) != 0 || file_is_same(&state, &file->state)) {
        return false;
    }
    struct buf text;
    buf_init(&text, sys_mem(sys), DNS_HOSTS_BYTES_MAX);
    if (file_read(sys, file->path, &text) != 0) {
        buf_done(&text);
        return false;
    }
    buf_done(&file->text);
    file->text = text;
    file->state = state;
    return true;
}

static void look_at_files(struct dns *dns)
{
    int64_t now_ns = sys_now_ns(dns->sys);
    if (now_ns < dns->look_again_ns) {
        return;
    }
    dns->look_again_ns = now_ns + DNS_LOOK_INTERVAL_NS;
    if (file_look(&dns->resolv_conf, dns->sys)) {
        dns_config_parse(buf_str(&dns->resolv_conf.text), &dns->config);
    }
    file_look(&dns->hosts, dns->sys);
}

struct dns *dns_open(struct sys *sys)
{
    struct dns *dns = mem_alloc(sys_mem(sys), sizeof(*dns));
    dns->sys = sys;
    file_init(&dns->resolv_conf, sys, RESOLV_CONF);
    file_init(&dns->hosts, sys, HOSTS);
    dns_config_parse(STR(""), &dns->config);
    look_at_files(dns);
    return dns;
}

void dns_close(struct dns *dns)
{
    if (dns == NULL) {
        return;
    }
    buf_done(&dns->resolv_conf.text);
    buf_done(&dns->hosts.text);
    mem_free(sys_mem(dns->sys), dns);
}

/* ---- answers ---------------------------------------------------------------------------------------- */

/* One lookup: a name, followed through its aliases, and what was found for it. */
struct lookup {
    struct dns *dns;
    struct arena *arena;
    enum dns_type type;
    char name[DNS_NAME_SIZE]; /* asked for now */
    int aliases_left;
    bool saw_invalid; /* a record that names no valid host */
    int64_t deadline_ns;
    struct dns_answer *answer;
    int count_before; /* hosts in the answer when this lookup began */
};

static void set_name(struct lookup *lookup, const char *name)
{
    snprintf(lookup->name, sizeof(lookup->name), "%s", name);
}

/* A place in the answer; NULL when it is full. */
static struct dns_host *add_host(struct arena *arena, struct dns_answer *answer)
{
    if (answer->hosts == NULL) {
        answer->hosts = arena_alloc(arena, DNS_RECORDS_MAX * sizeof(answer->hosts[0]));
    }
    if (answer->hosts == NULL || answer->count == DNS_RECORDS_MAX) {
        return NULL;
    }
    struct dns_host *host = &answer->hosts[answer->count++];
    *host = (struct dns_host){0};
    return host;
}

static void set_ip(struct sys_address *address, enum dns_type type, const uint8_t ip[16])
{
    size_t size = type == DNS_TYPE_A ? 4 : 16;
    *address = (struct sys_address){
        .family = type == DNS_TYPE_A ? SYS_FAMILY_IPV4 : SYS_FAMILY_IPV6,
    };
    for (size_t i = 0; i < size; i++) {
        address->ip[i] = ip[i];
    }
}

static bool has_address(enum dns_type type)
{
    return type == DNS_TYPE_A || type == DNS_TYPE_AAAA;
}

static void take_record(struct lookup *lookup, const struct dns_record *record)
{
    const char *name = has_address(lookup->type) ? lookup->name : record->target;
    if (!address_host_is_valid(str_from(name))) {
        lookup->saw_invalid = true;
        return;
    }
    struct dns_host *host = add_host(lookup->arena, lookup->answer);
    if (host == NULL) {
        return;
    }
    host->name = arena_copy(lookup->arena, str_from(name));
    host->preference = record->preference;
    host->ttl_s = record->ttl_s;
    if (has_address(lookup->type)) {
        set_ip(&host->address, lookup->type, record->ip);
    }
}

/* What one walk over an answer found for lookup->name. */
enum step { STEP_NOTHING, STEP_FOUND, STEP_NULL_MX, STEP_ALIAS, STEP_BROKEN };

static enum step take_answer(struct lookup *lookup, struct dns_message message)
{
    char alias[DNS_NAME_SIZE] = "";
    int null_count = 0;
    struct dns_record record;
    int more = dns_message_next(&message, &record);
    for (; more > 0; more = dns_message_next(&message, &record)) {
        if (record.section != DNS_SECTION_ANSWER ||
            !dns_message_names_equal(str_from(record.name), str_from(lookup->name))) {
            continue;
        }
        if (lookup->type == DNS_TYPE_MX && dns_message_record_is_null_mx(&record)) {
            null_count++;
        } else if (record.type == lookup->type) {
            take_record(lookup, &record);
        } else if (record.type == DNS_TYPE_CNAME) {
            snprintf(alias, sizeof(alias), "%s", record.target);
        }
    }
    if (more < 0) {
        return STEP_BROKEN;
    }
    if (lookup->answer->count > lookup->count_before || lookup->saw_invalid) {
        return STEP_FOUND;
    }
    if (null_count > 0) {
        return STEP_NULL_MX;
    }
    if (alias[0] == '\0') {
        return STEP_NOTHING;
    }
    set_name(lookup, alias);
    return STEP_ALIAS;
}

/* Walks along the aliases inside one answer. The name at their end may have to be asked for
 * separately: then *ask_again is set. */
static enum dns_status take_answers(struct lookup *lookup, const struct dns_message *message,
                                    bool *ask_again)
{
    bool moved = false;
    for (;;) {
        switch (take_answer(lookup, *message)) {
        case STEP_FOUND:
            return lookup->answer->count > lookup->count_before ? DNS_FOUND : DNS_INVALID;
        case STEP_NULL_MX:
            return DNS_NULL_MX;
        case STEP_BROKEN:
            return DNS_TRY_AGAIN;
        case STEP_NOTHING:
            *ask_again = moved && message->rcode == DNS_RCODE_OK;
            return message->rcode == DNS_RCODE_NAME_ERROR ? DNS_NO_NAME : DNS_NO_DATA;
        case STEP_ALIAS:
            if (lookup->aliases_left-- == 0) {
                return DNS_NO_DATA; /* a loop: nothing will ever be found, as Postfix has it */
            }
            moved = true;
            break;
        }
    }
}

static enum dns_status ask_once(struct lookup *lookup, bool *ask_again)
{
    struct sys *sys = lookup->dns->sys;
    struct buf bytes;
    struct dns_message message;
    struct dns_config config = lookup->dns->config; /* the files may change meanwhile */
    buf_init(&bytes, sys_mem(sys), DNS_MESSAGE_MAX);
    int error = dns_query(sys, &config, str_from(lookup->name), lookup->type, &bytes, &message,
                          lookup->deadline_ns);
    *ask_again = false;
    enum dns_status status = error == -ERR_SYNTAX ? DNS_INVALID
                             : error != 0         ? DNS_TRY_AGAIN
                                                  : take_answers(lookup, &message, ask_again);
    buf_done(&bytes);
    return status;
}

/* Adds what is found to the answer. */
static enum dns_status resolve(struct dns *dns, struct arena *arena, struct str name,
                               enum dns_type type, struct dns_answer *answer, int64_t deadline_ns)
{
    struct lookup lookup = {
        .dns = dns,
        .arena = arena,
        .type = type,
        .aliases_left = DNS_CNAME_MAX,
        .deadline_ns = deadline_ns,
        .answer = answer,
        .count_before = answer->count,
    };
    if (name.size >= sizeof(lookup.name) || dns_message_check_name(name) != 0) {
        return DNS_INVALID;
    }
    snprintf(lookup.name, sizeof(lookup.name), "%.*s", STR_ARG(name));
    enum dns_status status;
    bool ask_again;
    do {
        status = ask_once(&lookup, &ask_again);
    } while (ask_again);
    return status;
}

/* ---- lookups ---------------------------------------------------------------------------------------- */

/* The name as it is asked for: in ASCII, without the dot at its end. Empty when it is no host
 * name. */
static struct str host_name(struct str name, char ascii[IDNA_NAME_SIZE])
{
    if (str_ends_with(name, STR("."))) {
        name = str_first(name, name.size - 1);
    }
    return idna_to_ascii(name, ascii) == 0 ? str_from(ascii) : STR("");
}

/* Insertion keeps the server's order among equals. */
static void sort_by_preference(struct dns_answer *answer)
{
    for (int i = 1; i < answer->count; i++) {
        struct dns_host host = answer->hosts[i];
        int j = i;
        for (; j > 0 && answer->hosts[j - 1].preference > host.preference; j--) {
            answer->hosts[j] = answer->hosts[j - 1];
        }
        answer->hosts[j] = host;
    }
}

enum dns_status dns_lookup_mx(struct dns *dns, struct arena *arena, struct str name,
                              struct dns_answer *answer, int64_t deadline_ns)
{
    *answer = (struct dns_answer){0};
    look_at_files(dns);
    char ascii[IDNA_NAME_SIZE];
    struct str asked = host_name(name, ascii);
    if (asked.size == 0) {
        return DNS_INVALID;
    }
    enum dns_status status = resolve(dns, arena, asked, DNS_TYPE_MX, answer, deadline_ns);
    sort_by_preference(answer);
    return status;
}

static void add_address(struct arena *arena, struct str name, const struct sys_address *address,
                        struct dns_answer *answer)
{
    struct dns_host *host = add_host(arena, answer);
    if (host != NULL) {
        host->name = arena_copy(arena, name);
        host->address = *address;
    }
}

static bool is_wanted(const struct dns_wanted *wanted, enum sys_family family)
{
    return family == SYS_FAMILY_IPV4 ? wanted->ipv4 : wanted->ipv6;
}

static bool names_contain(struct str names, struct str name)
{
    struct str part;
    while (str_next_token(&names, " \t\r\f\v", &part)) {
        if (str_equal_fold(part, name)) {
            return true;
        }
    }
    return false;
}

static void find_in_hosts(struct dns *dns, struct arena *arena, struct str name,
                          const struct dns_wanted *wanted, struct dns_answer *answer)
{
    struct str rest = buf_str(&dns->hosts.text);
    struct sys_address address;
    struct str names;
    while (dns_config_next_host(&rest, &address, &names)) {
        if (is_wanted(wanted, address.family) && names_contain(names, name)) {
            add_address(arena, name, &address, answer);
        }
    }
}

/* What two questions about one name say together. */
static enum dns_status join(enum dns_status a, enum dns_status b)
{
    if (a == DNS_FOUND || b == DNS_FOUND) {
        return DNS_FOUND;
    }
    if (a == DNS_TRY_AGAIN || b == DNS_TRY_AGAIN) {
        return DNS_TRY_AGAIN;
    }
    return a == DNS_NO_DATA ? b : a;
}

enum dns_status dns_lookup_addresses(struct dns *dns, struct arena *arena, struct str name,
                                     const struct dns_wanted *wanted, struct dns_answer *answer,
                                     int64_t deadline_ns)
{
    *answer = (struct dns_answer){0};
    look_at_files(dns);
    struct sys_address literal;
    if (sys_address_parse(name, 0, &literal) == 0) {
        if (!is_wanted(wanted, literal.family)) {
            return DNS_NO_DATA;
        }
        add_address(arena, name, &literal, answer);
        return DNS_FOUND;
    }
    char ascii[IDNA_NAME_SIZE];
    struct str asked = host_name(name, ascii);
    if (asked.size == 0) {
        return DNS_INVALID;
    }
    if (wanted->hosts_file) {
        find_in_hosts(dns, arena, asked, wanted, answer);
        if (answer->count > 0) {
            return DNS_FOUND;
        }
    }
    enum dns_status status = DNS_NO_DATA;
    if (wanted->ipv4) {
        status = resolve(dns, arena, asked, DNS_TYPE_A, answer, deadline_ns);
    }
    if (wanted->ipv6 && status != DNS_NO_NAME) {
        enum dns_status second = resolve(dns, arena, asked, DNS_TYPE_AAAA, answer, deadline_ns);
        status = join(status, second);
    }
    return status;
}

/* ---- PTR -------------------------------------------------------------------------------------------- */

enum { DNS_REVERSE_SIZE = 80 };

static void reverse_name(const struct sys_address *address, char name[DNS_REVERSE_SIZE])
{
    if (address->family == SYS_FAMILY_IPV4) {
        snprintf(name, DNS_REVERSE_SIZE, "%d.%d.%d.%d.in-addr.arpa", address->ip[3], address->ip[2],
                 address->ip[1], address->ip[0]);
        return;
    }
    size_t used = 0;
    for (int i = 15; i >= 0; i--) {
        used += (size_t)snprintf(name + used, DNS_REVERSE_SIZE - used, "%x.%x.",
                                 address->ip[i] & 0xf, address->ip[i] >> 4);
    }
    snprintf(name + used, DNS_REVERSE_SIZE - used, "ip6.arpa");
}

static void find_names_in_hosts(struct dns *dns, struct arena *arena,
                                const struct sys_address *address, struct dns_answer *answer)
{
    struct str rest = buf_str(&dns->hosts.text);
    struct sys_address found;
    struct str names;
    struct str name;
    while (dns_config_next_host(&rest, &found, &names)) {
        if (sys_address_equal_ip(&found, address) && str_next_token(&names, " \t\r\f\v", &name)) {
            add_address(arena, name, address, answer);
        }
    }
}

enum dns_status dns_lookup_ptr(struct dns *dns, struct arena *arena,
                               const struct sys_address *address, struct dns_answer *answer,
                               int64_t deadline_ns)
{
    *answer = (struct dns_answer){0};
    look_at_files(dns);
    if (address->family != SYS_FAMILY_IPV4 && address->family != SYS_FAMILY_IPV6) {
        return DNS_INVALID;
    }
    find_names_in_hosts(dns, arena, address, answer);
    if (answer->count > 0) {
        return DNS_FOUND;
    }
    char name[DNS_REVERSE_SIZE];
    reverse_name(address, name);
    return resolve(dns, arena, str_from(name), DNS_TYPE_PTR, answer, deadline_ns);
}
