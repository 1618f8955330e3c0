/* The options of the configuration: one table, from which the file is read, checked, defaulted and
 * described. Adding an option is adding a row (config_table.c); a new kind of value is a row of the
 * types (config_values.c). */
#ifndef COMESH_NODE_CORE_CONFIG_TABLE_H
#define COMESH_NODE_CORE_CONFIG_TABLE_H

#include "node/core/config.h"

enum option_kind {
    OPTION_PARTY,
    OPTION_ENVIRONMENT,
    OPTION_DOMAIN,
    OPTION_PATH,
    OPTION_BIND,
    OPTION_SIZE,
    OPTION_DURATION,
    OPTION_LEVEL,
    OPTION_CODE,
    OPTION_VERSIONS,
    OPTION_PARTIES,
    OPTION_LISTEN,
    OPTION_SWITCH,
    OPTION_MODE,
    OPTION_URL,
    OPTION_CONNECT,
    OPTION_WEBHOOK,
    OPTION_NUMBER,
    OPTION_TYPE_COUNT
};

struct option {
    const char *section;
    const char *name;
    enum option_kind type;
    unsigned repeats;     /* how often it may stand */
    const char *standard; /* the default as in a file; NULL: must be given; "": may be left out */
    uint64_t least;       /* of a size, duration or number */
    uint64_t most;
    size_t offset; /* of the place in struct config, or in struct config_agreement */
    const char *help;
};

struct section {
    const char *name;
    bool repeats; /* its options then go to the next struct config_agreement */
    const char *help;
};

extern const struct option config_options[];
extern const size_t config_option_count;
extern const struct section config_sections[];
extern const size_t config_section_count;

#define CONFIG_OPTIONS_MAX 64 /* rows of the tables, at most */

/* Reads `value` into `place`; false when it is not of the type. */
typedef bool option_read(const struct option *option, const char *value, void *place);

struct unit {
    const char *word;
    uint64_t factor;
};

struct option_type {
    const char *word; /* "size" */
    option_read *read;
    const char *accepted;     /* what a value may be; bounds are told behind it */
    const struct unit *units; /* of what has bounds, largest first; else NULL */
};

extern const struct option_type option_types[OPTION_TYPE_COUNT];

/* What the option accepts, with its bounds. Returns `out`. */
#define ACCEPTED_BYTES 256
const char *option_accepted(const struct option *option, char out[ACCEPTED_BYTES]);

#endif
