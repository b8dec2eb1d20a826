// SPDX-License-Identifier: ISC
#include "base/err.h"

struct err_text {
    const char *name;
    const char *sentence;
};

static const struct err_text err_texts[ERR_COUNT] = {[ERR_NONE] = {"NONE", "Success"},
#define X(code, sentence) [ERR_##code] = {#code, sentence},
                                                     ERR_LIST(X)
#undef X
};

static const struct err_text *find_text(int error)
{
    static const struct err_text unknown = {"UNKNOWN", "Unknown error"};

    if (error <= -ERR_COUNT || error >= ERR_COUNT) {
        return &unknown;
    }
    return &err_texts[error < 0 ? -error : error];
}

const char *err_name(int error)
{
    return find_text(error)->name;
}

const char *err_sentence(int error)
{
    return find_text(error)->sentence;
}
