// SPDX-License-Identifier: ISC
/* base/attribute - the few compiler attributes that the code uses, by name */
#ifndef BASE_ATTRIBUTE_H
#define BASE_ATTRIBUTE_H

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(format_index, first_index) \
    __attribute__((format(printf, format_index, first_index)))
#define NORETURN __attribute__((noreturn))
#define UNUSED   __attribute__((unused))

#endif
