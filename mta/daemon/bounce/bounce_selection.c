// SPDX-License-Identifier: ISC
#include "bounce/bounce_selection.h"

static bool is_selected(const struct bounce_selection *selection,
                        const struct bounce_record *record)
{
    if (selection->offset >= 0 && record->offset != selection->offset) {
        return false;
    }
    return selection->notify_flags == 0 || (record->notify_flags & selection->notify_flags) != 0 ||
           (record->notify_flags == 0 && selection->by_default);
}

bool bounce_selection_next(const struct bounce_selection *selection, struct str *rest,
                           struct bounce_record *record)
{
    while (bounce_index_next(selection->index, rest, record)) {
        if (is_selected(selection, record)) {
            return true;
        }
    }
    return false;
}

bool bounce_selection_is_empty(const struct bounce_selection *selection)
{
    struct bounce_record record;
    struct str rest = selection->index->log;
    return !bounce_selection_next(selection, &rest, &record);
}
