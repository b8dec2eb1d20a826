// SPDX-License-Identifier: ISC
#include "conf/open_log.h"

#include "conf/service_path.h"

int open_log(const struct conf *conf, struct sys *sys, const char *program, struct log *log)
{
    log_open(log, sys, conf_text(conf, CONF_syslog_name), program);
    if (str_equal_fold(conf_text(conf, CONF_log_format), STR("json"))) {
        log_set_format(log, LOG_FORMAT_JSON);
    }
    if (conf_text(conf, CONF_maillog_file).size == 0) {
        return 0;
    }
    struct service_path path = service_path(conf, CONF_postlog_service_name);
    return log_to_socket(log, str_from(path.text));
}

void open_log_or_warn(const struct conf *conf, struct sys *sys, const char *program,
                      struct log *log)
{
    int error = open_log(conf, sys, program, log);
    if (error != 0) {
        log_warning(log, "cannot reach %s: %s", service_path(conf, CONF_postlog_service_name).text,
                    err_sentence(error));
    }
}
