// SPDX-License-Identifier: ISC
#include "service/service_kind.h"

struct kind_row {
    struct str program;
    enum service_kind kind;
};

static const struct kind_row kind_rows[] = {
    {STR_INIT("trivial-rewrite"), SERVICE_KIND_SHARED},
    {STR_INIT("proxymap"), SERVICE_KIND_SHARED},
    {STR_INIT("tlsproxy"), SERVICE_KIND_SHARED},
    {STR_INIT("qmgr"), SERVICE_KIND_SOLITARY},
    {STR_INIT("pickup"), SERVICE_KIND_SOLITARY},
    {STR_INIT("verify"), SERVICE_KIND_SOLITARY},
    {STR_INIT("anvil"), SERVICE_KIND_SOLITARY},
    {STR_INIT("scache"), SERVICE_KIND_SOLITARY},
    {STR_INIT("tlsmgr"), SERVICE_KIND_SOLITARY},
    {STR_INIT("postscreen"), SERVICE_KIND_SOLITARY},
    {STR_INIT("postlogd"), SERVICE_KIND_SOLITARY},
};

enum service_kind service_kind(struct str program)
{
    for (size_t i = 0; i < sizeof(kind_rows) / sizeof(kind_rows[0]); i++) {
        if (str_equal(program, kind_rows[i].program)) {
            return kind_rows[i].kind;
        }
    }
    return SERVICE_KIND_SESSION;
}
