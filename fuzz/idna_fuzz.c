// SPDX-License-Identifier: ISC
/* What comes out is a host name in ASCII, and stays the same when it goes in again. */
#include "dns/idna.h"

#include <string.h>

#include "fuzz/fuzz.h"
#include "proto/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str name = str_of(data, size);
    char ascii[IDNA_NAME_SIZE];
    char again[IDNA_NAME_SIZE];
    bool is_valid = idna_to_ascii(name, ascii) == 0;
    FUZZ_CHECK(!str_is_ascii(name) || is_valid == address_host_is_valid(name));
    FUZZ_CHECK(!is_valid || address_host_is_valid(str_from(ascii)));
    FUZZ_CHECK(!is_valid ||
               (idna_to_ascii(str_from(ascii), again) == 0 && strcmp(ascii, again) == 0));
    return 0;
}
