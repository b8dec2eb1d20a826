// SPDX-License-Identifier: ISC
#include "dns/idna.h"

#include <idn2.h>
#include <stdio.h>

#include "base/err.h"
#include "proto/address.h"
#include "proto/utf8.h"

enum { UTF8_NAME_SIZE = 1024 };

/* The library's result into ascii; false when it has none. */
static bool convert(struct str host, char ascii[IDNA_NAME_SIZE])
{
    char utf8[UTF8_NAME_SIZE];
    char *labels = NULL;
    if (host.size >= sizeof(utf8) || str_find(host, '\0') >= 0 || !utf8_is_valid(host)) {
        return false;
    }
    snprintf(utf8, sizeof(utf8), "%.*s", STR_ARG(host));
    int flags = IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL;
    if (idn2_to_ascii_8z(utf8, &labels, flags) != IDN2_OK) {
        return false;
    }
    int size = snprintf(ascii, IDNA_NAME_SIZE, "%s", labels);
    idn2_free(labels);
    return size < IDNA_NAME_SIZE;
}

int idna_to_ascii(struct str host, char ascii[IDNA_NAME_SIZE])
{
    bool is_ascii = str_is_ascii(host);
    if (is_ascii && address_host_is_valid(host)) {
        snprintf(ascii, IDNA_NAME_SIZE, "%.*s", STR_ARG(host));
        return 0;
    }
    return !is_ascii && convert(host, ascii) && address_host_is_valid(str_from(ascii))
               ? 0
               : -ERR_SYNTAX;
}

bool idna_domain_is_valid(struct str domain)
{
    char ascii[IDNA_NAME_SIZE];
    return address_literal_is_valid(domain) || idna_to_ascii(domain, ascii) == 0;
}
