// SPDX-License-Identifier: ISC
#include "sys/random.h"

#include "os/call.h"
#include "world/draw.h"
#include "world/process.h"
#include "world/world_state.h"

/* Bytes may not all be 0 in a world without a seed: names made from them must differ. So they
 * are a function of how many were asked for, which a draw ("random") shifts. */
void sys_random(struct sys *sys, void *data, size_t size)
{
    call_count(sys);
    unsigned char *bytes = data;
    struct hash hash;
    for (size_t i = 0; i < size; i++) {
        if (i % 8 == 0) {
            hash_init(&hash, draw_from(sys->machine->sites.random, UINT64_MAX),
                      sys->machine->random_count++);
            hash_put_str(&hash, str_from(sys->machine->name));
        }
        bytes[i] = (unsigned char)(hash_value(&hash) >> (8 * (i % 8)));
    }
}
