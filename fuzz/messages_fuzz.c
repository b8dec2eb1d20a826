// SPDX-License-Identifier: ISC
/* Every internal message: what is read is written as the same bytes, or as bytes that read the
 * same; a cut message asks for more. The first byte chooses the message. */
#include "ipc/messages.h"

#include "fuzz/fuzz.h"

struct kind {
    /* True when the input begins with such a message; it is then appended to out. */
    bool (*copy)(struct str input, struct buf *out, size_t *used_bytes);
    enum parse (*parse)(struct str input);
};

// clang-format off
#define MESSAGE(name)                                                                              \
    static bool name##_copy(struct str input, struct buf *out, size_t *used_bytes)                 \
    {                                                                                              \
        struct ipc_##name message;                                                                 \
        if (ipc_##name##_parse(input, &message, used_bytes) != PARSE_OK) {                         \
            return false;                                                                          \
        }                                                                                          \
        FUZZ_CHECK(ipc_##name##_write(out, &message) == 0);                                        \
        return true;                                                                               \
    }                                                                                              \
    static enum parse name##_parse(struct str input)                                               \
    {                                                                                              \
        struct ipc_##name message;                                                                 \
        size_t used_bytes;                                                                         \
        return ipc_##name##_parse(input, &message, &used_bytes);                                   \
    }
#define REQUEST(kind)
#define TEXT(name, max)
#define REASON(name)
#define INT(name, least, most)
#define END(name)
#define PART     MESSAGE
#define PART_END END
#include "ipc/messages.def"
#undef MESSAGE

#define MESSAGE(name) {name##_copy, name##_parse},
static const struct kind kinds[] = {
#include "ipc/messages.def"
};
// clang-format on

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem *mem = fuzz_mem();
    struct str input = str_of(data, size);
    const struct kind *kind = &kinds[fuzz_byte(&input) % (sizeof(kinds) / sizeof(kinds[0]))];
    struct buf once;
    struct buf twice;
    size_t used_bytes = 0;
    buf_init(&once, mem, IPC_MESSAGE_MAX);
    buf_init(&twice, mem, IPC_MESSAGE_MAX);
    if (kind->copy(input, &once, &used_bytes)) {
        FUZZ_CHECK(used_bytes <= input.size);
        FUZZ_CHECK(kind->parse(str_first(input, used_bytes - 1)) == PARSE_MORE);
        FUZZ_CHECK(kind->copy(buf_str(&once), &twice, &used_bytes));
        FUZZ_CHECK(used_bytes == once.size);
        FUZZ_CHECK(str_equal(buf_str(&once), buf_str(&twice)));
    }
    mem_destroy(mem);
    return 0;
}
