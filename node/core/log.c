/* The log. See log.h. */
#include "node/core/log.h"

#include "node/core/world.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOG_LINE_BYTES 4096

/* The word in the line, and the priority that journald reads before it (sd-daemon(3)). */
static const struct {
    const char *word;
    const char *priority;
} levels[] = {
    [LOG_LEVEL_DEBUG] = {"debug", "<7>"},
    [LOG_LEVEL_INFO] = {"info", "<6>"},
    [LOG_LEVEL_WARNING] = {"warning", "<4>"},
    [LOG_LEVEL_ERROR] = {"error", "<3>"},
};

static _Atomic(enum log_level) least_level = LOG_LEVEL_INFO;
static pthread_once_t journal_asked = PTHREAD_ONCE_INIT;
static bool to_journal;

/* systemd.exec(5): JOURNAL_STREAM holds device and inode of the stream that is the journal. */
static void ask_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    struct stat status;
    if (stream == NULL || fstat(STDERR_FILENO, &status) != 0) {
        return;
    }
    char own[64];
    (void)snprintf(own, sizeof own, "%ju:%ju", (uintmax_t)status.st_dev, (uintmax_t)status.st_ino);
    to_journal = strcmp(stream, own) == 0;
}

void log_set_level(enum log_level level)
{
    atomic_store_explicit(&least_level, level, memory_order_relaxed);
}

bool log_tells(enum log_level level)
{
    return level >= atomic_load_explicit(&least_level, memory_order_relaxed);
}

/* What snprintf wrote, when it wanted to write `wanted` to `room` bytes. */
static size_t written(int wanted, size_t room)
{
    if (wanted < 0 || room == 0) {
        return 0;
    }
    return (size_t)wanted < room ? (size_t)wanted : room - 1;
}

static size_t line_head(char *line, size_t size, enum log_level level, const char *part,
                        const char *event)
{
    char start[TIMESTAMP_BYTES + 8];
    (void)pthread_once(&journal_asked, ask_journal);
    if (to_journal) {
        (void)snprintf(start, sizeof start, "%s", levels[level].priority);
    } else {
        char now[TIMESTAMP_BYTES];
        timestamp_format(world_wall_ms(world_real()), now);
        (void)snprintf(start, sizeof start, "time=%s ", now);
    }
    return written(snprintf(line, size, "%slevel=%s part=%s event=\"%s\"", start,
                            levels[level].word, part, event),
                   size);
}

void log_event(enum log_level level, const char *part, const char *event, const char *format, ...)
{
    if (!log_tells(level)) {
        return;
    }
    char line[LOG_LINE_BYTES];
    size_t used = line_head(line, sizeof line, level, part, event);
    if (format[0] != '\0' && used + 2 < sizeof line) {
        line[used++] = ' ';
        va_list arguments;
        va_start(arguments, format);
        used += written(vsnprintf(line + used, sizeof line - used, format, arguments),
                        sizeof line - used);
        va_end(arguments);
    }
    for (char *at = line; at < line + used; at++) {
        if (*at == '\n') {
            *at = ' '; /* one event is one line, whatever a caller forgot to quote */
        }
    }
    line[used++] = '\n';
    ssize_t done = write(STDERR_FILENO, line, used);
    (void)done; /* there is nowhere to tell that telling failed */
}

/* The escape of one byte in `out`, or the byte itself; gives its length. */
static size_t escape(unsigned char byte, char out[5])
{
    if (byte == '"' || byte == '\\') {
        out[0] = '\\';
        out[1] = (char)byte;
        return 2;
    }
    if (byte < 0x20 || byte == 0x7f) {
        (void)snprintf(out, 5, "\\x%02x", byte);
        return 4;
    }
    out[0] = (char)byte;
    return 1;
}

static bool needs_quotes(const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        if ((unsigned char)*at <= ' ' || *at == '"' || *at == '=' || *at == '\\' || *at == 0x7f) {
            return true;
        }
    }
    return text[0] == '\0';
}

const char *log_quote(const char *text, char *out, size_t size)
{
    if (size < 3) {
        if (size > 0) {
            out[0] = '\0';
        }
        return out;
    }
    bool quotes = needs_quotes(text);
    size_t end = size - (quotes ? 2 : 1); /* room for the last quote and the NUL */
    size_t used = 0;
    if (quotes) {
        out[used++] = '"';
    }
    for (const char *at = text; *at != '\0'; at++) {
        char piece[5];
        size_t length = escape((unsigned char)*at, piece);
        if (used + length > end) {
            break;
        }
        memcpy(out + used, piece, length);
        used += length;
    }
    if (quotes) {
        out[used++] = '"';
    }
    out[used] = '\0';
    return out;
}

void log_error(const char *part, const char *event, const struct error *error)
{
    char quoted[2 * ERROR_MESSAGE_BYTES];
    log_event(LOG_LEVEL_ERROR, part, event, "code=%s error=%s", result_text(error->code),
              log_quote(error->message, quoted, sizeof quoted));
}
