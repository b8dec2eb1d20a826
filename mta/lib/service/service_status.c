// SPDX-License-Identifier: ISC
#include "service/service_status.h"

static void put_u32(uint8_t *bytes, uint32_t value)
{
    bytes[0] = (uint8_t)(value >> 24);
    bytes[1] = (uint8_t)(value >> 16);
    bytes[2] = (uint8_t)(value >> 8);
    bytes[3] = (uint8_t)value;
}

static uint32_t get_u32(const char *text)
{
    const uint8_t *bytes = (const uint8_t *)text;

    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

void service_status_write(const struct service_status *status, uint8_t bytes[SERVICE_STATUS_BYTES])
{
    put_u32(bytes, status->generation);
    put_u32(bytes + 4, status->free_count);
    put_u32(bytes + 8, status->busy_count);
    put_u32(bytes + 12, status->retiring ? 1 : 0);
}

enum parse service_status_parse(struct str bytes, struct service_status *status)
{
    if (bytes.size < SERVICE_STATUS_BYTES) {
        return PARSE_MORE;
    }
    uint32_t retiring = get_u32(bytes.data + 12);
    if (retiring > 1) {
        return PARSE_BAD;
    }
    status->generation = get_u32(bytes.data);
    status->free_count = get_u32(bytes.data + 4);
    status->busy_count = get_u32(bytes.data + 8);
    status->retiring = retiring == 1;
    return PARSE_OK;
}
