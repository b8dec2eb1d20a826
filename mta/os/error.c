// SPDX-License-Identifier: ISC
#include <errno.h>

#include "base/err.h"
#include "os/os.h"

static const struct {
    int number;
    enum err error;
} errors[] = {
    {EACCES, ERR_ACCESS},
    {EADDRINUSE, ERR_ADDRESS_IN_USE},
    {EADDRNOTAVAIL, ERR_ADDRESS_NOT_AVAILABLE},
    {EAFNOSUPPORT, ERR_NOT_SUPPORTED},
    {EAGAIN, ERR_TOO_MANY_PROCESSES},
    {EBADF, ERR_BAD_DESCRIPTOR},
    {EBUSY, ERR_LOCKED},
    {ECHILD, ERR_NO_PROCESS},
    {ECONNABORTED, ERR_RESET},
    {ECONNREFUSED, ERR_REFUSED},
    {ECONNRESET, ERR_RESET},
    {EDQUOT, ERR_QUOTA},
    {EEXIST, ERR_EXISTS},
    {EFBIG, ERR_FILE_TOO_LARGE},
    {EHOSTDOWN, ERR_UNREACHABLE},
    {EHOSTUNREACH, ERR_UNREACHABLE},
    {EINVAL, ERR_INVALID},
    {EIO, ERR_IO},
    {EISCONN, ERR_INVALID},
    {EISDIR, ERR_IS_DIRECTORY},
    {ELOOP, ERR_LINK_LOOP},
    {EMFILE, ERR_TOO_MANY_FILES},
    {EMLINK, ERR_LIMIT},
    {EMSGSIZE, ERR_LIMIT},
    {ENAMETOOLONG, ERR_NAME_TOO_LONG},
    {ENETDOWN, ERR_NETWORK_UNREACHABLE},
    {ENETUNREACH, ERR_NETWORK_UNREACHABLE},
    {ENFILE, ERR_TOO_MANY_FILES},
    {ENOBUFS, ERR_NO_MEMORY},
    {ENODEV, ERR_NOT_FOUND},
    {ENOENT, ERR_NOT_FOUND},
    {ENOEXEC, ERR_ACCESS},
    {ENOLCK, ERR_LIMIT},
    {ENOMEM, ERR_NO_MEMORY},
    {ENOSPC, ERR_NO_SPACE},
    {ENOSYS, ERR_NOT_SUPPORTED},
    {ENOTCONN, ERR_CLOSED},
    {ENOTDIR, ERR_NOT_DIRECTORY},
    {ENOTEMPTY, ERR_NOT_EMPTY},
    {ENOTSOCK, ERR_INVALID},
    {ENOTSUP, ERR_NOT_SUPPORTED},
    {ENXIO, ERR_REFUSED},
    {EPERM, ERR_NOT_PERMITTED},
    {EPIPE, ERR_CLOSED},
    {EPROTONOSUPPORT, ERR_NOT_SUPPORTED},
    {EROFS, ERR_READ_ONLY},
    {ESPIPE, ERR_INVALID},
    {ESRCH, ERR_NO_PROCESS},
    {ETIMEDOUT, ERR_TIMEOUT},
    {ETXTBSY, ERR_ACCESS},
    {EXDEV, ERR_CROSS_DEVICE},
};

int os_error(int number)
{
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        if (errors[i].number == number) {
            return -(int)errors[i].error;
        }
    }
    return -ERR_IO;
}

int os_last_error(void)
{
    return os_error(errno);
}
