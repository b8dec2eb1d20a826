// SPDX-License-Identifier: ISC
/* resolv.conf and hosts: whatever the text, there is a server and sane limits; hosts are found in
 * a bounded number of steps. */
#include "dns/dns_config.h"

#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dns_config config;
    struct str rest = str_of(data, size);
    struct sys_address address;
    struct str names;
    size_t host_count = 0;
    dns_config_parse(rest, &config);
    FUZZ_CHECK(config.server_count >= 1 && config.server_count <= DNS_SERVERS_MAX);
    FUZZ_CHECK(config.attempts >= 1 && config.attempts <= DNS_ATTEMPTS_MAX);
    FUZZ_CHECK(config.timeout_ns >= SYS_SECOND_NS &&
               config.timeout_ns <= DNS_TIMEOUT_S_MAX * SYS_SECOND_NS);
    while (dns_config_next_host(&rest, &address, &names)) {
        FUZZ_CHECK(str_find(names, '\n') < 0 && str_find(names, '#') < 0);
        FUZZ_CHECK(++host_count <= size);
    }
    return 0;
}
