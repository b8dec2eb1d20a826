// SPDX-License-Identifier: ISC
/* postqueue/postqueue_list - what showq answers, for people or for programs */
#ifndef POSTQUEUE_POSTQUEUE_LIST_H
#define POSTQUEUE_POSTQUEUE_LIST_H

#include "stream/stream.h"
#include "sys/sys.h"

/* Reads the answer behind its greeting and prints it. long_ids: the wider columns. Waiting. */
MUST_USE int postqueue_list(struct sys *sys, struct stream *stream, bool json, bool long_ids);

#endif
