// SPDX-License-Identifier: ISC
#include "postlogd/postlogd_line.h"

#include "conf/conf.h"

static bool is_control(char c)
{
    unsigned char byte = (unsigned char)c;

    return byte < ' ' || byte == 0x7f;
}

static struct str without_blanks(struct str line)
{
    while (line.size > 0 && char_is_space(line.data[line.size - 1])) {
        line.size--;
    }
    return line;
}

static void put_line(struct buf *out, struct str line)
{
    if (line.size == 0) {
        return;
    }
    char *room = buf_reserve(out, line.size + 1);
    if (room == NULL) {
        return;
    }
    for (size_t i = 0; i < line.size; i++) {
        room[i] = is_control(line.data[i]) ? '?' : line.data[i];
    }
    room[line.size] = '\n';
    buf_grew(out, line.size + 1);
}

void postlogd_line_put(struct buf *out, struct str datagram)
{
    struct str line;

    while (str_next(&datagram, '\n', &line)) {
        put_line(out, without_blanks(line));
    }
}

static bool is_below(struct str file, struct str prefix)
{
    if (!str_starts_with(file, prefix) || prefix.size == 0) {
        return false;
    }
    bool same = file.size == prefix.size;
    return same || prefix.data[prefix.size - 1] == '/' || file.data[prefix.size] == '/';
}

bool postlogd_line_file_allowed(struct str file, struct str prefixes)
{
    struct str prefix;

    while (conf_list_next(&prefixes, &prefix)) {
        if (is_below(file, prefix) && str_find_str(file, STR("/../")) < 0) {
            return true;
        }
    }
    return false;
}
