// SPDX-License-Identifier: ISC
#include "conf/open_log.h"

#include <stdio.h>

#include "sys/net.h"

/* public/postlog */
static int make_path(const struct conf *conf, char path[SYS_UNIX_PATH_MAX])
{
    int size = snprintf(path, SYS_UNIX_PATH_MAX, "public/%s",
                        conf_text(conf, CONF_postlog_service_name).data);
    return size < SYS_UNIX_PATH_MAX ? 0 : -ERR_NAME_TOO_LONG;
}

int open_log(const struct conf *conf, struct sys *sys, const char *program, struct log *log)
{
    log_open(log, sys, conf_text(conf, CONF_syslog_name), program);
    if (str_equal_fold(conf_text(conf, CONF_log_format), STR("json"))) {
        log_set_format(log, LOG_FORMAT_JSON);
    }
    if (conf_text(conf, CONF_maillog_file).size == 0) {
        return 0;
    }
    char path[SYS_UNIX_PATH_MAX];
    int error = make_path(conf, path);
    return error != 0 ? error : log_to_socket(log, str_from(path));
}

void open_log_or_warn(const struct conf *conf, struct sys *sys, const char *program,
                      struct log *log)
{
    int error = open_log(conf, sys, program, log);
    if (error != 0) {
        log_warning(log, "cannot reach public/%s: %s",
                    conf_text(conf, CONF_postlog_service_name).data, err_sentence(error));
    }
}
