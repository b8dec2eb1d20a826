// SPDX-License-Identifier: ISC
/* log/test_fields - for tests: every field of events.def with a value of its own
 *
 * Both forms of a line show the values whole, whatever they hold of what stands between fields.
 * Only tests include this file.
 */
#ifndef LOG_TEST_FIELDS_H
#define LOG_TEST_FIELDS_H

#include "log/event.h"

#define VALUE_ID(name)      STR("4Yxyz12")
#define VALUE_ADDRESS(name) STR("\"a, b;\\\"@" #name "\xc3\xbc.test")
#define VALUE_NAME(name)    STR(#name ".test")
#define VALUE_TEXT(name)    STR("\"x\"; (" #name ") \xe2\x82\xac")
#define VALUE_INT(name)     42
#define VALUE_DELAY(name)   1500000000

static const struct log_fields test_fields = {
#define FIELD(name, type, meaning) .name = VALUE_##type(name),
#define EVENT(name, severity, shape)
#include "log/events.def"
#undef EVENT
#undef FIELD
};

#endif
