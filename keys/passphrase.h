/* A passphrase in locked memory: read from a file descriptor up to end or newline, from
 * $CREDENTIALS_DIRECTORY/comesh-passphrase (systemd), or by a prompt on the terminal without echo.
 * Never from an argument or the environment. One thread. */
#ifndef COMESH_KEYS_PASSPHRASE_H
#define COMESH_KEYS_PASSPHRASE_H

#include "proto/bytes.h"

#define PASSPHRASE_MAX_BYTES ((size_t)1024)

struct passphrase;

/* Takes no byte behind the newline, so that a second passphrase can follow it. */
enum result passphrase_from_fd(int fd, struct passphrase **passphrase,
                               struct error *error) RESULT_CHECKED;

/* RESULT_NOT_FOUND when the service manager gave none. */
enum result passphrase_from_credential(struct passphrase **passphrase,
                                       struct error *error) RESULT_CHECKED;

/* RESULT_UNAVAILABLE without a terminal; RESULT_INVALID when `twice` and both differ. */
enum result passphrase_from_terminal(const char *prompt, bool twice, struct passphrase **passphrase,
                                     struct error *error) RESULT_CHECKED;
struct bytes passphrase_bytes(const struct passphrase *passphrase);
void passphrase_destroy(struct passphrase **passphrase);

#endif
