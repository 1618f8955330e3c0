/* A running node, from its configuration to its orderly stop. */
#ifndef COMESH_NODE_DAEMON_H
#define COMESH_NODE_DAEMON_H

#include "keys/agreements.h"
#include "keys/directory.h"
#include "node/core/rules.h"
#include "node/store/store.h"

/* A configuration that was in force; readers may still hold it, so all live until the end. */
struct configuration {
    struct configuration *before;
    struct config config;
    struct rules *rules; /* its code lists and menus */
};

/* Loads the configuration with its code lists and menus, and prints every error of it on stderr. */
enum result daemon_configuration(const char *path, struct configuration **configuration,
                                 struct error *error) RESULT_CHECKED;

void configuration_destroy(struct configuration **configuration);

/* The cards of the configuration's node; the own card must be of the configured party. */
enum result daemon_directory(const struct config *config, struct directory **directory,
                             struct error *error) RESULT_CHECKED;

/* The signed agreements of the configuration's node. */
enum result daemon_agreements(const struct config *config, struct agreements **agreements,
                              struct error *error) RESULT_CHECKED;

/* Fills the options to open the node's store with; `path` is their memory. */
enum result daemon_store(const struct config *config, char path[CONFIG_PATH_BYTES],
                         struct metrics *metrics, struct store_options *options,
                         struct error *error) RESULT_CHECKED;

/* Runs until a signal or the control socket says stop. Takes the configuration over. The passphrase
 * comes from the descriptor when that is not negative, else from the systemd credential or the
 * terminal. */
enum result daemon_run(struct configuration *configuration, int passphrase_fd,
                       struct error *error) RESULT_CHECKED;

#endif
