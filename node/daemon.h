/* A running node, from its configuration to its orderly stop. */
#ifndef COMESH_NODE_DAEMON_H
#define COMESH_NODE_DAEMON_H

#include "node/reading.h"

/* Runs until a signal or the control socket says stop. Takes the configuration over. The passphrase
 * comes from the descriptor when that is not negative, else from the systemd credential or the
 * terminal. */
enum result daemon_run(struct configuration *configuration, int passphrase_fd,
                       struct error *error) RESULT_CHECKED;

#endif
