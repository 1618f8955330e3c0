/* What can go wrong, as a value: a code that says what the caller may do, and a sentence for a
 * human that names the value, the place and the remedy.
 * Knows nothing of what fails. Any thread; an error belongs to its caller. */
#ifndef COMESH_PROTO_ERR_H
#define COMESH_PROTO_ERR_H

#define ERROR_MESSAGE_BYTES 768

/* name, short text for logs and the wire, what the caller may do (for the reader) */
#define RESULT_MAP(X)                                                                              \
    X(OK, "ok", "go on")                                                                           \
    X(INVALID, "invalid", "mend the input; the same input fails again")                            \
    X(TOO_LARGE, "too-large", "send less; a named limit was passed")                               \
    X(DUPLICATE, "duplicate", "nothing; it is held already, the first answer stands")              \
    X(CONFLICT, "conflict", "stop; the same name is held with other content")                      \
    X(NOT_FOUND, "not-found", "ask for something else")                                            \
    X(DENIED, "denied", "ask the operator for the permission")                                     \
    X(UNTRUSTED, "untrusted", "treat the bytes as hostile; a signature or key does not hold")      \
    X(CORRUPT, "corrupt", "hold; bytes of our own are damaged")                                    \
    X(FULL, "full", "keep the work and try again when there is room")                              \
    X(BUSY, "busy", "keep the work and try again soon")                                            \
    X(UNAVAILABLE, "unavailable", "try again later; the other side is not reached")                \
    X(HELD, "held", "wait for a person; the channel is stopped")                                   \
    X(UNSUPPORTED, "unsupported", "use a version both sides speak")                                \
    X(NO_MEMORY, "no-memory", "give up this work, keep the process")                               \
    X(IO, "io", "check the file, disk or socket that is named")                                    \
    X(INTERNAL, "internal", "report it; this is a defect of comesh")

enum result {
#define RESULT_ENUM(name, text, remedy) RESULT_##name,
    RESULT_MAP(RESULT_ENUM)
#undef RESULT_ENUM
        RESULT_COUNT
};

#define RESULT_CHECKED __attribute__((warn_unused_result))

struct error {
    enum result code;
    char message[ERROR_MESSAGE_BYTES]; /* NUL-terminated UTF-8, cut at the limit */
};

/* The short text of a code, as logs and frames carry it: "too-large". Static. */
const char *result_text(enum result code);

/* The code whose short text is `text`, or RESULT_INTERNAL when there is none. */
enum result result_from_text(const char *text);

/* Sets code and message; does nothing when `error` is NULL. */
void error_put(struct error *error, enum result code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As error_put, and is the code: `return error_set (error, RESULT_INVALID, "…", …)`. A macro, so
 * that an analyser sees which code comes back; `code` is evaluated twice. */
#define error_set(error, code, ...) (error_put((error), (code), __VA_ARGS__), (enum result)(code))

/* As error_set, with ": " and the text of errno `number` behind the message. */
enum result error_system(struct error *error, int number, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "context: " before the message that is there, and returns its code. */
enum result error_wrap(struct error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
