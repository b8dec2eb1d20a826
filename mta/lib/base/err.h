// SPDX-License-Identifier: ISC
/* base/err - the one list of error codes
 *
 * Functions that can fail return 0 or a negative code: return -ERR_TIMEOUT. A count or a
 * descriptor is returned as it is, since it is never negative.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/attribute.h"

/*  code            sentence, fit for "cannot open X: ..." */
#define ERR_LIST(X)                                             \
    X(TIMEOUT, "Operation timed out")                           \
    X(CANCELED, "Operation canceled")                           \
    X(CLOSED, "Connection closed by peer")                      \
    X(REFUSED, "Connection refused")                            \
    X(RESET, "Connection reset by peer")                        \
    X(UNREACHABLE, "No route to host")                          \
    X(NETWORK_UNREACHABLE, "Network is unreachable")            \
    X(ADDRESS_IN_USE, "Address already in use")                 \
    X(ADDRESS_NOT_AVAILABLE, "Cannot assign requested address") \
    X(NOT_FOUND, "No such file or directory")                   \
    X(EXISTS, "File exists")                                    \
    X(ACCESS, "Permission denied")                              \
    X(NOT_PERMITTED, "Operation not permitted")                 \
    X(NOT_DIRECTORY, "Not a directory")                         \
    X(IS_DIRECTORY, "Is a directory")                           \
    X(NOT_EMPTY, "Directory not empty")                         \
    X(NAME_TOO_LONG, "File name too long")                      \
    X(LINK_LOOP, "Too many levels of symbolic links")           \
    X(CROSS_DEVICE, "Invalid cross-device link")                \
    X(NO_SPACE, "No space left on device")                      \
    X(QUOTA, "Disk quota exceeded")                             \
    X(FILE_TOO_LARGE, "File too large")                         \
    X(READ_ONLY, "Read-only file system")                       \
    X(IO, "Input/output error")                                 \
    X(TOO_MANY_FILES, "Too many open files")                    \
    X(TOO_MANY_PROCESSES, "Resource temporarily unavailable")   \
    X(NO_MEMORY, "Cannot allocate memory")                      \
    X(LOCKED, "Resource is locked")                             \
    X(LIMIT, "Limit exceeded")                                  \
    X(INVALID, "Invalid argument")                              \
    X(SYNTAX, "Syntax error")                                   \
    X(PROTOCOL, "Protocol error")                               \
    X(CORRUPT, "Data is corrupt")                               \
    X(UNAVAILABLE, "Service unavailable")                       \
    X(NOT_SUPPORTED, "Operation not supported")                 \
    X(BAD_DESCRIPTOR, "Bad file descriptor")                    \
    X(NO_PROCESS, "No such process")

enum err {
    ERR_NONE,
#define X(code, sentence) ERR_##code,
    ERR_LIST(X)
#undef X
        ERR_COUNT
};

/* How a pure parser of a byte stream ends; what each means for the caller stands at the parser. */
enum parse { PARSE_OK, PARSE_MORE, PARSE_BAD };

/* Both accept the code with either sign; an unknown code gives "UNKNOWN" / "Unknown error". */
const char *err_name(int error);
const char *err_sentence(int error);

#endif
