/* log.h — messages for people on standard error: a level, a sentence, fields.
 *
 *     text:  INFO  Uploading  key=hello/code-1a2b.zip size=812
 *     JSON:  {"timestamp":"…","level":"info","message":"Uploading","key":"hello/…","size":812}
 *
 * A line goes out in one write, holds no control character that came from outside, and no more than
 * LAC_LOG_MOST bytes: what does not fit is cut and said to be. It is put together on the stack. The
 * settings belong to the process; set them before there is a second thread. */
#ifndef LAC_LOG_H
#define LAC_LOG_H

#include "core/buf.h"

enum lac_log_level {
    LAC_LOG_TRACE,
    LAC_LOG_DEBUG,
    LAC_LOG_INFO,
    LAC_LOG_WARN,
    LAC_LOG_ERROR,
    LAC_LOG_FATAL,
    LAC_LOG_OFF, /* as a setting only: nothing is written */
};

struct lac_log_settings {
    enum lac_log_level level;     /* the least that is written */
    bool json, color, timestamps; /* JSON lines always have a timestamp, and never colour */
};

extern struct lac_log_settings lac_log_settings; /* at first: info, text, plain, without time */

/* "info" and its kin, in ascending order, ending in NULL. */
extern const char *const lac_log_level_names[];

struct lac_log_field {
    struct lac_str name, value;
    bool bare; /* a number or a boolean: JSON has it without quotes */
};

bool lac_log_enabled(enum lac_log_level level);

/* Writes the line when its level is enabled. Fields come out as they are ordered here. */
void lac_log_write(enum lac_log_level level, struct lac_str message,
                   const struct lac_log_field *fields, size_t count);

#define LAC_LOG_MOST ((size_t)64 * 1024)

struct lac_log_line {
    char text[LAC_LOG_MOST];
    size_t len;
    bool cut;
};

/* The line of lac_log_write, its new-line included, not written. */
void lac_log_format(const struct lac_log_settings *settings, double now, enum lac_log_level level,
                    struct lac_str message, const struct lac_log_field *fields, size_t count,
                    struct lac_log_line *out);

#endif
