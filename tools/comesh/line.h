/* A TCP connection between two people's terminals, for the messages of a pairing: time and size
 * limits on everything, and the keyboard watched while the other side is waited for. */
#ifndef COMESH_TOOLS_COMESH_LINE_H
#define COMESH_TOOLS_COMESH_LINE_H

#include "proto/bytes.h"

#define LINE_PORT          "7449" /* where no other is named */
#define LINE_ADDRESS_BYTES 128

struct line {
    int fd;
    char peer[LINE_ADDRESS_BYTES]; /* its numeric address, for sentences */
    struct buffer in;
    size_t used; /* of in: messages that were given out */
};

/* Opens a listening socket at HOST:PORT, [HOST]:PORT, HOST or :PORT; `shown` is where it listens.
 */
enum result line_listen(const char *address, int *listening, char shown[LINE_ADDRESS_BYTES],
                        struct error *error) RESULT_CHECKED;

/* Waits for somebody until `deadline_ms` of line_now_ms; RESULT_UNAVAILABLE when nobody came. */
enum result line_accept(int listening, uint64_t deadline_ms, struct line *line,
                        struct error *error) RESULT_CHECKED;

/* Connects; every address of the name gets its turn. RESULT_UNAVAILABLE when nobody answers. */
enum result line_dial(const char *address, struct line *line, struct error *error) RESULT_CHECKED;
void line_close(struct line *line);

/* Sends all of `out` and empties it. */
enum result line_send(struct line *line, struct buffer *out, struct error *error) RESULT_CHECKED;

/* The next message; it lives until the next call. With `keyboard` not -1 it also returns, with
 * `message->data` NULL, when there is something to read from that descriptor. RESULT_UNAVAILABLE
 * when the deadline passes or the other side goes away. */
enum result line_receive(struct line *line, int keyboard, uint64_t deadline_ms,
                         struct bytes *message, struct error *error) RESULT_CHECKED;

/* A clock that never goes back. */
uint64_t line_now_ms(void);

#endif
