// SPDX-License-Identifier: ISC
#include "postilion/postilion_path.h"

#include "sys/fs.h"

static struct str without_trailing_slashes(struct str path)
{
    while (path.size > 1 && path.data[path.size - 1] == '/') {
        path.size--;
    }
    return path;
}

static struct str without_leading_dots(struct str path)
{
    while (str_starts_with(path, STR("./"))) {
        path = str_skip(path, 2);
    }
    return path;
}

struct str postilion_path_absolute(struct sys *sys, struct arena *arena, struct str path)
{
    struct str trimmed = without_trailing_slashes(path);

    if (str_starts_with(trimmed, STR("/"))) {
        return arena_copy(arena, trimmed);
    }
    trimmed = without_leading_dots(trimmed);
    const char *start = sys_start_directory(sys);
    if (str_equal(trimmed, STR(".")) || trimmed.size == 0) {
        return arena_copy(arena, str_from(start));
    }
    return arena_printf(arena, "%s/%.*s", start, STR_ARG(trimmed));
}

struct str postilion_path_parent(struct str path)
{
    ptrdiff_t slash = str_find_last(path, '/');

    return slash <= 0 ? str_first(path, 1) : str_first(path, (size_t)slash);
}
