// SPDX-License-Identifier: ISC
#include "host/host_stack.h"

#include <sys/mman.h>

#include "sys/fiber.h"

enum { GUARD_BYTES = 4096 };

/* Sanitizers make frames several times as large. */
#if defined(__SANITIZE_ADDRESS__) || defined(FUZZING)
enum { STACK_BYTES = 8 * SYS_STACK_BYTES };
#else
enum { STACK_BYTES = SYS_STACK_BYTES };
#endif

static void *kept[HOST_STACKS_KEPT_MAX];
static int kept_count;

size_t host_stack_size(void)
{
    return STACK_BYTES;
}

void *host_stack_take(void)
{
    if (kept_count > 0) {
        return kept[--kept_count];
    }
    char *pages = mmap(NULL, GUARD_BYTES + STACK_BYTES, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (pages == MAP_FAILED) {
        return NULL;
    }
    if (mprotect(pages, GUARD_BYTES, PROT_NONE) != 0) {
        munmap(pages, GUARD_BYTES + STACK_BYTES);
        return NULL;
    }
    return pages + GUARD_BYTES;
}

void host_stack_give(void *stack)
{
    if (kept_count < HOST_STACKS_KEPT_MAX) {
        kept[kept_count++] = stack;
    } else {
        munmap((char *)stack - GUARD_BYTES, GUARD_BYTES + STACK_BYTES);
    }
}
