/* What a node reads. See reading.h. */
#include "node/reading.h"

#include <stdio.h>
#include <stdlib.h>

void configuration_destroy(struct configuration **configuration)
{
    if (*configuration != NULL) {
        rules_destroy(&(*configuration)->rules);
        free(*configuration);
        *configuration = NULL;
    }
}

enum result reading_configuration(const char *path, struct configuration **configuration,
                                  struct error *error)
{
    struct buffer report = {0};
    struct configuration *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for the configuration");
    }
    enum result result = config_load(path, &made->config, &report, error);
    if (result == RESULT_OK) {
        result = rules_load(made->config.directory, &made->rules, error);
    }
    if (result == RESULT_OK) {
        result = rules_fit(made->rules, &made->config, &report, error);
    }
    if (report.size > 0) {
        (void)fprintf(stderr, "%.*s", TEXT_ARGS(buffer_view(&report)));
    }
    buffer_free(&report);
    if (result != RESULT_OK) {
        configuration_destroy(&made);
        return result;
    }
    *configuration = made;
    return RESULT_OK;
}

enum result reading_directory(const struct config *config, struct directory **directory,
                              struct error *error)
{
    char path[CONFIG_PATH_BYTES];
    enum result result = config_place(config, "cards", path, error);
    if (result == RESULT_OK) {
        result = directory_load(path, text_of(config->environment), directory, error);
    }
    if (result != RESULT_OK) {
        return result;
    }
    const struct card *own = directory_own(*directory);
    if (!text_equal(text_of(own->party), text_of(config->party)) ||
        !text_equal(text_of(own->domain), text_of(config->domain))) {
        result = error_set(error, RESULT_INVALID,
                           "the own card is of %s (%s), the configuration is of %s (%s)",
                           own->party, own->domain, config->party, config->domain);
        directory_release(directory);
    }
    return result;
}

enum result reading_agreements(const struct config *config, struct agreements **agreements,
                               struct error *error)
{
    char path[CONFIG_PATH_BYTES];
    enum result result = config_place(config, "agreements", path, error);
    return result == RESULT_OK
               ? agreements_load(path, text_of(config->environment), agreements, error)
               : result;
}

enum result reading_store_options(const struct config *config, char path[CONFIG_PATH_BYTES],
                                  struct metrics *metrics, struct store_options *options,
                                  struct error *error)
{
    *options = (struct store_options){
        .path = path,
        .segment_bytes = config->segment_bytes,
        .minimum_free_bytes = config->minimum_free_bytes,
        .world = world_real(),
        .metrics = metrics,
    };
    return config_place(config, "store", path, error);
}
