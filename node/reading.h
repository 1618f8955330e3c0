/* What a node reads from its directory, each whole or with the error that names the place: at its
 * start, at a reload, and for the commands of comeshd that run without one. Any thread. */
#ifndef COMESH_NODE_READING_H
#define COMESH_NODE_READING_H

#include "keys/agreements.h"
#include "keys/directory.h"
#include "node/core/config.h"
#include "node/core/metrics.h"
#include "node/core/rules.h"
#include "node/store/store.h"

/* A configuration that was in force; readers may still hold it, so all live until the end. */
struct configuration {
    struct configuration *before;
    struct config config;
    struct rules *rules; /* its code lists and menus */
};

/* Loads the configuration with its code lists and menus, and prints every error of it on stderr. */
enum result reading_configuration(const char *path, struct configuration **configuration,
                                  struct error *error) RESULT_CHECKED;

void configuration_destroy(struct configuration **configuration);

/* The cards of the configuration's node; the own card must be of the configured party. */
enum result reading_directory(const struct config *config, struct directory **directory,
                              struct error *error) RESULT_CHECKED;

/* The signed agreements of the configuration's node. */
enum result reading_agreements(const struct config *config, struct agreements **agreements,
                               struct error *error) RESULT_CHECKED;

/* Fills the options to open the node's store with; `path` is their memory. */
enum result reading_store_options(const struct config *config, char path[CONFIG_PATH_BYTES],
                                  struct metrics *metrics, struct store_options *options,
                                  struct error *error) RESULT_CHECKED;

#endif
