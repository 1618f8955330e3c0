/* Items into options. See config_read.h. */
#include "node/core/config_read.h"

#include "proto/nearest.h"

#include <stdarg.h>
#include <stdio.h>

/* The known names where an unknown one stands, and which of them is near. */
struct names {
    struct nearest nearest;
    char list[ACCEPTED_BYTES];
    char hint[128];
};

static struct names names_for(const char *unknown)
{
    return (struct names){.nearest = nearest_to(text_of(unknown))};
}

static void names_add(struct names *names, const char *name)
{
    size_t used = strlen(names->list);
    (void)snprintf(names->list + used, sizeof names->list - used, "%s%s", used > 0 ? ", " : "",
                   name);
    nearest_offer(&names->nearest, name);
}

/* "; did you mean 'party'?", of another section when `unknown` is an option there, or nothing. */
static const char *names_hint(struct names *names, const char *unknown)
{
    const char *found = nearest_found(&names->nearest);
    if (found != NULL) {
        (void)snprintf(names->hint, sizeof names->hint, "; did you mean '%s'?", found);
        return names->hint;
    }
    for (size_t i = 0; i < config_option_count; i++) {
        if (strcmp(config_options[i].name, unknown) == 0) {
            (void)snprintf(names->hint, sizeof names->hint, "; did you mean '%s' of section '%s'?",
                           unknown, config_options[i].section);
            break;
        }
    }
    return names->hint;
}

static bool belongs(const struct option *option, const struct section *section)
{
    return strcmp(option->section, section->name) == 0;
}

/* Adds a problem with an option, named in full, and what it accepts. */
static void option_problem(struct reading *reading, const struct option *option, size_t line,
                           const char *format, ...) __attribute__((format(printf, 4, 5)));

static void option_problem(struct reading *reading, const struct option *option, size_t line,
                           const char *format, ...)
{
    char name[64];
    char sentence[ERROR_MESSAGE_BYTES / 2];
    char accepted[ACCEPTED_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    (void)snprintf(name, sizeof name, "%s.%s", option->section, option->name);
    problem_add(&reading->problems, line, name, "%s; accepted: %s", sentence,
                option_accepted(option, accepted));
}

static void read_value(struct reading *reading, const struct option *option, const char *value,
                       size_t line)
{
    const struct option_type *type = &option_types[option->type];
    bool repeats = reading->section != NULL && reading->section->repeats;
    char *base = repeats ? (char *)reading->agreement : (char *)reading->config;
    if (value[0] == '\0') {
        option_problem(reading, option, line, "has no value");
    } else if (!type->read(option, value, base + option->offset)) {
        option_problem(reading, option, line, "'%.100s' is no accepted %s", value, type->word);
    }
}

/* A misspelt option counts as given: one mistake is told once. */
static void unknown_option(struct reading *reading, const struct zpl_item *item)
{
    struct names names = names_for(item->name);
    for (size_t i = 0; i < config_option_count; i++) {
        if (belongs(&config_options[i], reading->section)) {
            names_add(&names, config_options[i].name);
        }
    }
    problem_add(&reading->problems, item->line, item->name,
                "is no option of section '%s'; accepted: %s%s", reading->section->name, names.list,
                names_hint(&names, item->name));
    const char *meant = nearest_found(&names.nearest);
    for (size_t i = 0; meant != NULL && i < config_option_count; i++) {
        if (belongs(&config_options[i], reading->section) &&
            strcmp(config_options[i].name, meant) == 0 && reading->times[i] == 0) {
            reading->given[i] = item->line; /* so that it does not lack; it may still be given */
        }
    }
}

static void read_option(struct reading *reading, const struct zpl_item *item)
{
    for (size_t i = 0; i < config_option_count; i++) {
        const struct option *option = &config_options[i];
        if (!belongs(option, reading->section) || strcmp(option->name, item->name) != 0) {
            continue;
        }
        if (reading->times[i] < option->repeats) {
            reading->times[i]++;
            reading->given[i] = item->line;
            read_value(reading, option, item->value, item->line);
        } else {
            problem_add(&reading->problems, item->line, item->name,
                        "is given again after line %zu; accepted: %u time%s in a section",
                        reading->given[i], option->repeats, option->repeats == 1 ? "" : "s");
        }
        return;
    }
    unknown_option(reading, item);
}

/* Options of `section` that must be given and were not. */
static void check_missing(struct reading *reading, const struct section *section, size_t line)
{
    for (size_t i = 0; section != NULL && i < config_option_count; i++) {
        const struct option *option = &config_options[i];
        bool absent = reading->times[i] == 0 && reading->given[i] == 0;
        if (belongs(option, section) && option->standard == NULL && absent) {
            option_problem(reading, option, line, "is missing");
        }
    }
}

static void unknown_section(struct reading *reading, const struct zpl_item *item)
{
    struct names names = names_for(item->name);
    for (size_t i = 0; i < config_section_count; i++) {
        names_add(&names, config_sections[i].name);
    }
    problem_add(&reading->problems, item->line, item->name, "is no section; accepted: %s%s",
                names.list, names_hint(&names, item->name));
}

/* The next agreement: its options have not been given yet. False when there are too many. */
static bool open_agreement(struct reading *reading, const struct section *section,
                           const struct zpl_item *item)
{
    struct config *config = reading->config;
    if (config->agreement_count == CONFIG_AGREEMENTS_MAX) {
        problem_add(&reading->problems, item->line, item->name,
                    "is one section too many; accepted: %d", CONFIG_AGREEMENTS_MAX);
        return false;
    }
    reading->agreement = &config->agreements[config->agreement_count++];
    reading->agreement->line = item->line;
    for (size_t i = 0; i < config_option_count; i++) {
        if (belongs(&config_options[i], section)) {
            reading->times[i] = 0;
            reading->given[i] = 0;
        }
    }
    return true;
}

static void open_section(struct reading *reading, const struct section *section,
                         const struct zpl_item *item)
{
    size_t *line = &reading->section_lines[section - config_sections];
    if (*line != 0 && !section->repeats) {
        problem_add(&reading->problems, item->line, item->name,
                    "is given again after line %zu; accepted: 1 section of that name", *line);
        return;
    }
    *line = item->line;
    if (item->value[0] != '\0') {
        problem_add(&reading->problems, item->line, item->name,
                    "is a section but has the value '%.100s'; accepted: no value, and options "
                    "below it, indented by 4 blanks",
                    item->value);
    }
    if (!section->repeats || open_agreement(reading, section, item)) {
        reading->section = section;
    }
}

static void read_section(struct reading *reading, const struct zpl_item *item)
{
    check_missing(reading, reading->section, reading->section_line);
    reading->section = NULL;
    reading->section_line = item->line;
    for (size_t i = 0; i < config_section_count; i++) {
        if (strcmp(config_sections[i].name, item->name) == 0) {
            open_section(reading, &config_sections[i], item);
            return;
        }
    }
    unknown_section(reading, item);
}

void config_read_items(struct reading *reading, const struct zpl *zpl)
{
    for (size_t i = 0; i < zpl->count; i++) {
        const struct zpl_item *item = &zpl->items[i];
        if (item->level == 0) {
            read_section(reading, item);
        } else if (reading->section == NULL) {
            continue; /* what is wrong with the section was told */
        } else if (item->level == 1) {
            read_option(reading, item);
        } else {
            problem_add(&reading->problems, item->line, item->name,
                        "stands below an option; accepted: options below a section");
        }
    }
    check_missing(reading, reading->section, reading->section_line);
    for (size_t i = 0; i < config_section_count; i++) {
        if (reading->section_lines[i] == 0 && !config_sections[i].repeats) {
            check_missing(reading, &config_sections[i], 1);
        }
    }
}

void config_read_standards(struct reading *reading)
{
    for (size_t i = 0; i < config_option_count; i++) {
        const struct option *option = &config_options[i];
        if (option->standard != NULL && option->standard[0] != '\0') {
            read_value(reading, option, option->standard, 0);
        }
    }
}

size_t config_line_of(const struct reading *reading, const char *section, const char *name)
{
    for (size_t i = 0; i < config_option_count; i++) {
        if (strcmp(config_options[i].section, section) == 0 &&
            strcmp(config_options[i].name, name) == 0 && reading->given[i] != 0) {
            return reading->given[i];
        }
    }
    return 1;
}
