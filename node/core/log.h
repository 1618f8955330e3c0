/* The log: one logfmt line per event on stderr, as journald takes it. No document bodies, no
 * secrets. Any thread; a line is written with one write. */
#ifndef COMESH_NODE_CORE_LOG_H
#define COMESH_NODE_CORE_LOG_H

#include "proto/err.h"

#include <stdbool.h>
#include <stddef.h>

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARNING, LOG_LEVEL_ERROR };

void log_set_level(enum log_level level);

/* Whether events of that level are written, for lines that cost something to make. */
bool log_tells(enum log_level level);

/* log_event (LOG_LEVEL_INFO, "link", "lane open", "partner=%s size=%llu", …) writes
 * `level=info part=link event="lane open" partner=ID size=7` with journald's <6> before it when
 * stderr is the journal, else with a time. Pairs after the event are the caller's format; a value
 * that may hold blanks or foreign bytes goes through log_quote. */
void log_event(enum log_level level, const char *part, const char *event, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* `text` as a logfmt value: quoted and escaped where needed, cut at `size`. Returns `out`. */
const char *log_quote(const char *text, char *out, size_t size);

/* An error as `code=… error="…"`. */
void log_error(const char *part, const char *event, const struct error *error);

#endif
