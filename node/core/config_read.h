/* Puts the items of a file into a configuration by the table of options, and tells what is wrong
 * with each. What options mean together is config.c's business. */
#ifndef COMESH_NODE_CORE_CONFIG_READ_H
#define COMESH_NODE_CORE_CONFIG_READ_H

#include "node/core/config_table.h"
#include "node/core/zpl.h"

/* A file while it is read. Start with config and problems set and all else zero. */
struct reading {
    struct config *config;
    struct problems problems;
    const struct section *section; /* the open one; NULL when it is unknown */
    size_t section_line;
    struct config_agreement *agreement;       /* the open one */
    size_t given[CONFIG_OPTIONS_MAX];         /* line of the option in its section; 0: not yet */
    unsigned times[CONFIG_OPTIONS_MAX];       /* how often it stood in its section */
    size_t section_lines[CONFIG_OPTIONS_MAX]; /* of the last section of that name; 0: none */
};

/* The defaults, through the same readers as the values of a file. */
void config_read_standards(struct reading *reading);

void config_read_items(struct reading *reading, const struct zpl *zpl);

/* The line on which an option of a section that stands once was given, or 1. */
size_t config_line_of(const struct reading *reading, const char *section, const char *name);

#endif
