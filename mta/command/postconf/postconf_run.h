// SPDX-License-Identifier: ISC
/* postconf/postconf_run - what the files of this command share */
#ifndef POSTCONF_POSTCONF_RUN_H
#define POSTCONF_POSTCONF_RUN_H

#include <stdbool.h>

#include "base/attribute.h"
#include "base/mem.h"
#include "base/str.h"
#include "conf/main_cf.h"
#include "sys/sys.h"

enum { POSTCONF_OPTIONS_MAX = 100, POSTCONF_TEXT_BYTES_MAX = 1 << 22 };

enum postconf_view {
    POSTCONF_PARAMETERS, /* of main.cf */
    POSTCONF_SERVICES,   /* -M, of master.cf */
    POSTCONF_FIELDS,     /* -F */
    POSTCONF_OPTIONS,    /* -P */
    POSTCONF_TEXTS,      /* -b, of notices */
    POSTCONF_TEMPLATES,  /* -t */
};

struct postconf {
    struct sys *sys;
    struct mem *mem;
    const char *directory;
    const char *options[POSTCONF_OPTIONS_MAX]; /* of -o */
    int option_count;
    char **names;
    int name_count;
    enum postconf_view view;
    bool defaults;    /* -d */
    bool only_set;    /* -n */
    bool expands;     /* -x */
    bool folds;       /* -f */
    bool hides_name;  /* -h */
    bool hides_value; /* -H */
    bool edits;       /* -e, -X or -# */
    enum main_cf_edit edit;
};

void postconf_warn(struct postconf *run, const char *format, ...) PRINTF_LIKE(2, 3);
NORETURN void postconf_fail(struct postconf *run, const char *format, ...) PRINTF_LIKE(2, 3);

void postconf_show(struct postconf *run);
void postconf_show_master(struct postconf *run);
void postconf_show_texts(struct postconf *run);
void postconf_edit(struct postconf *run);

#endif
