// SPDX-License-Identifier: ISC
/* qmgr/qmgr_settings - what main.cf says about a transport, for the schedule */
#ifndef QMGR_QMGR_SETTINGS_H
#define QMGR_QMGR_SETTINGS_H

#include "qmgr/qmgr_state.h"

/* A feedback that cannot be read is logged and taken as 1. Instant. */
struct qmgr_settings qmgr_settings_of(const struct conf *conf, struct log *log,
                                      struct str transport);

#endif
