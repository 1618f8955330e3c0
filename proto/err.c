/* Results and errors. See err.h. */
#include "proto/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const texts[RESULT_COUNT] = {
#define RESULT_ROW(name, text, remedy) [RESULT_##name] = (text),
    RESULT_MAP(RESULT_ROW)
#undef RESULT_ROW
};

const char *result_text(enum result code)
{
    return (unsigned)code < RESULT_COUNT ? texts[code] : "unknown";
}

enum result result_from_text(const char *text)
{
    for (unsigned code = 0; code < RESULT_COUNT; code++) {
        if (strcmp(texts[code], text) == 0) {
            return (enum result)code;
        }
    }
    return RESULT_INTERNAL;
}

void error_put(struct error *error, enum result code, const char *format, ...)
{
    if (error != NULL) {
        va_list arguments;
        va_start(arguments, format);
        error->code = code;
        (void)vsnprintf(error->message, sizeof error->message, format, arguments);
        va_end(arguments);
    }
}

static enum result code_of_errno(int number)
{
    switch (number) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return RESULT_FULL;
    case ENOMEM:
        return RESULT_NO_MEMORY;
    case EACCES:
    case EPERM:
        return RESULT_DENIED;
    case ENOENT:
        return RESULT_NOT_FOUND;
    default:
        return RESULT_IO;
    }
}

enum result error_system(struct error *error, int number, const char *format, ...)
{
    enum result code = code_of_errno(number);
    if (error != NULL) {
        va_list arguments;
        va_start(arguments, format);
        error->code = code;
        (void)vsnprintf(error->message, sizeof error->message, format, arguments);
        va_end(arguments);
        size_t used = strlen(error->message);
        (void)snprintf(error->message + used, sizeof error->message - used, ": %s",
                       strerrordesc_np(number));
    }
    return code;
}

enum result error_wrap(struct error *error, const char *format, ...)
{
    if (error == NULL) {
        return RESULT_INTERNAL;
    }
    char cause[ERROR_MESSAGE_BYTES];
    memcpy(cause, error->message, sizeof cause);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    size_t used = strlen(error->message);
    (void)snprintf(error->message + used, sizeof error->message - used, ": %s", cause);
    return error->code;
}
