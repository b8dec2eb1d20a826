// SPDX-License-Identifier: ISC
#include "scenario/forms.h"

#include "world/fault.h"

static const struct syntax_slot slots[] = {
#define X(name, kind, choices) {#name, SYNTAX_##kind, choices},
    SCENARIO_SLOT_LIST(X)
#undef X
};

static const struct syntax_form forms[] = {
#define X(name, where, below, pattern) {SCENARIO_##where, pattern},
    SCENARIO_FORM_LIST(X)
#undef X
};

static const enum scenario_context contexts_below[] = {
#define X(name, where, below, pattern) SCENARIO_##below,
    SCENARIO_FORM_LIST(X)
#undef X
};

const struct syntax_language scenario_language = {
    slots,
    SCENARIO_SLOTS,
    forms,
    sizeof(forms) / sizeof(forms[0]),
};

enum scenario_context scenario_below(enum scenario_form form)
{
    return form < SCENARIO_FORM_RECORD ? contexts_below[form] : SCENARIO_NOWHERE;
}
