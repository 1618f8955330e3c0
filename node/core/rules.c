/* Code lists and menus. See rules.h. */
#include "node/core/rules.h"

#include "keys/file.h"
#include "proto/codes_read.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define RULES_MAX_BYTES ((size_t)256 << 20)

struct rules {
    struct arena arena;
    struct code_lists codes;
    const char *codes_files[CODE_LIST_COUNT];
    struct rules_menu menus[RULES_MENUS_MAX];
    size_t menu_count;
    struct agreements *agreements; /* whose menus are among them */
};

/* ---- the folders ---- */

static int has_ending(const struct dirent *entry, const char *ending)
{
    size_t size = strlen(entry->d_name);
    return entry->d_name[0] != '.' && size > strlen(ending) &&
           strcmp(entry->d_name + size - strlen(ending), ending) == 0;
}

static int is_list(const struct dirent *entry)
{
    return has_ending(entry, ".csv");
}

static int is_menu(const struct dirent *entry)
{
    return has_ending(entry, ".menu");
}

typedef enum result take_text(struct rules *rules, struct text text, const char *file,
                              struct error *error);

static enum result take_file(struct rules *rules, const char *folder, const char *name, size_t max,
                             take_text *take, struct error *error)
{
    char path[CONFIG_PATH_BYTES];
    struct buffer text = {0};
    int length = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (length < 0 || (size_t)length >= sizeof path) {
        return error_set(error, RESULT_TOO_LARGE, "the path '%s/%s' is over %zu bytes", folder,
                         name, sizeof path - 1);
    }
    const char *kept = arena_text(&rules->arena, text_of(path)).data;
    enum result result = kept == NULL ? error_set(error, RESULT_NO_MEMORY, "no memory for rules")
                                      : file_read(path, max, FILE_PUBLIC, &text, error);
    if (result == RESULT_OK) {
        result = take(rules, buffer_view(&text), kept, error);
    }
    buffer_free(&text);
    return result;
}

/* Every file of a folder that is one; a folder that is not there has none. */
static enum result take_folder(struct rules *rules, const char *directory, const char *name,
                               int (*filter)(const struct dirent *entry), size_t max,
                               take_text *take, struct error *error)
{
    char folder[CONFIG_PATH_BYTES];
    struct dirent **entries = NULL;
    (void)snprintf(folder, sizeof folder, "%s/%s", directory, name);
    int count = scandir(folder, &entries, filter, alphasort);
    enum result result = RESULT_OK;
    if (count < 0) {
        return errno == ENOENT || errno == ENOTDIR ? RESULT_OK
                                                   : error_system(error, errno, "%s", folder);
    }
    for (int i = 0; i < count; i++) {
        if (result == RESULT_OK) {
            result = take_file(rules, folder, entries[i]->d_name, max, take, error);
        }
        free(entries[i]);
    }
    free(entries);
    return result;
}

/* ---- lists and menus ---- */

static enum result take_list(struct rules *rules, struct text text, const char *file,
                             struct error *error)
{
    enum code_list_id id = CODES_NONE;
    const struct code_list *list = NULL;
    enum result result = code_list_read(text, file, &rules->arena, &id, &list, error);
    if (result == RESULT_OK && rules->codes_files[id] != NULL) {
        result = error_set(error, RESULT_CONFLICT, "%s: list %s is in %s already; keep one of them",
                           file, list->name, rules->codes_files[id]);
    }
    if (result == RESULT_OK) {
        rules->codes.lists[id] = list;
        rules->codes_files[id] = file;
    }
    return result;
}

static int compare(const struct menu *a, const struct menu *b)
{
    size_t size = a->agreement.size < b->agreement.size ? a->agreement.size : b->agreement.size;
    int order = memcmp(a->agreement.data, b->agreement.data, size);
    if (order == 0) {
        order = a->agreement.size < b->agreement.size   ? -1
                : a->agreement.size > b->agreement.size ? 1
                : a->version < b->version               ? -1
                : a->version > b->version               ? 1
                                                        : 0;
    }
    return order;
}

/* Puts a menu in its place, or in that of the one that ships, or when it `wins` of any. */
static enum result put_menu(struct rules *rules, const struct rules_menu *menu, bool wins,
                            struct error *error)
{
    size_t at = 0;
    while (at < rules->menu_count && compare(rules->menus[at].menu, menu->menu) < 0) {
        at++;
    }
    struct rules_menu *place = &rules->menus[at];
    if (at < rules->menu_count && compare(place->menu, menu->menu) == 0) {
        if (!place->ships && !wins) {
            return error_set(error, RESULT_CONFLICT,
                             "%s: the menu of %.*s, version %u, is in %s already; keep one of them",
                             menu->file, TEXT_ARGS(menu->menu->agreement), menu->menu->version,
                             place->file);
        }
        *place = *menu;
        return RESULT_OK;
    }
    if (rules->menu_count == RULES_MENUS_MAX) {
        return error_set(error, RESULT_TOO_LARGE, "%s: there are more than %d menus", menu->file,
                         RULES_MENUS_MAX);
    }
    memmove(place + 1, place, (rules->menu_count - at) * sizeof *place);
    *place = *menu;
    rules->menu_count++;
    return RESULT_OK;
}

static enum result take_menu(struct rules *rules, struct text text, const char *file, bool ships,
                             struct error *error)
{
    struct menu *read = NULL;
    enum result result = menu_read(text, file, &rules->arena, &read, error);
    struct text kept = arena_text(&rules->arena, text);
    if (result == RESULT_OK && kept.data == NULL) {
        result = error_set(error, RESULT_NO_MEMORY, "no memory for a menu");
    }
    if (result == RESULT_OK) {
        const struct rules_menu menu = {.menu = read, .text = kept, .file = file, .ships = ships};
        result = put_menu(rules, &menu, false, error);
    }
    return result;
}

static enum result take_own_menu(struct rules *rules, struct text text, const char *file,
                                 struct error *error)
{
    return take_menu(rules, text, file, false, error);
}

/* ---- the whole ---- */

enum result rules_load(const char *directory, struct rules **rules, struct error *error)
{
    struct rules *made = calloc(1, sizeof *made);
    enum result result = RESULT_OK;
    *rules = NULL;
    if (made == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for code lists and menus");
    }
    made->arena.limit = RULES_MAX_BYTES;
    for (size_t i = 0; i < menu_text_count && result == RESULT_OK; i++) {
        result = take_menu(made, text_of(menu_texts[i].text), menu_texts[i].file, true, error);
    }
    if (result == RESULT_OK && directory != NULL) {
        result =
            take_folder(made, directory, "codes", is_list, CODE_LIST_MAX_BYTES, take_list, error);
    }
    if (result == RESULT_OK && directory != NULL) {
        result =
            take_folder(made, directory, "menus", is_menu, MENU_MAX_BYTES, take_own_menu, error);
    }
    if (result != RESULT_OK) {
        rules_destroy(&made);
        return result;
    }
    *rules = made;
    return RESULT_OK;
}

enum result rules_add_agreements(struct rules *rules, struct agreements *agreements,
                                 struct error *error)
{
    const struct agreement *agreement;
    enum result result = RESULT_OK;
    agreements_release(&rules->agreements);
    rules->agreements = agreements_share(agreements);
    for (size_t i = 0; (agreement = agreements_at(agreements, i)) != NULL; i++) {
        char name[AGREEMENT_MAX_BYTES + 32];
        (void)snprintf(name, sizeof name, "agreement %s %u", agreement->code, agreement->version);
        const char *file = arena_text(&rules->arena, text_of(name)).data;
        for (size_t k = 0; k < agreement->menu_count && result == RESULT_OK; k++) {
            const struct rules_menu menu = {
                .menu = agreement->menus[k].menu, .text = agreement->menus[k].text, .file = file};
            result = file == NULL ? error_set(error, RESULT_NO_MEMORY, "no memory for menus")
                                  : put_menu(rules, &menu, true, error);
        }
    }
    return result;
}

void rules_destroy(struct rules **rules)
{
    if (*rules != NULL) {
        agreements_release(&(*rules)->agreements);
        arena_free(&(*rules)->arena);
        free(*rules);
        *rules = NULL;
    }
}

const struct code_lists *rules_codes(const struct rules *rules)
{
    return rules == NULL ? NULL : &rules->codes;
}

const char *rules_codes_file(const struct rules *rules, enum code_list_id id)
{
    return rules->codes_files[id];
}

const struct menu *rules_menu(const struct rules *rules, struct text agreement, uint32_t version)
{
    const struct menu *found = NULL;
    for (size_t i = 0; rules != NULL && i < rules->menu_count; i++) {
        const struct menu *menu = rules->menus[i].menu;
        if (text_equal(menu->agreement, agreement) && (version == 0 || menu->version == version)) {
            found = menu;
        }
    }
    return found;
}

const struct rules_menu *rules_menus(const struct rules *rules, size_t *count)
{
    *count = rules->menu_count;
    return rules->menus;
}

void rules_name_menus(const struct rules *rules, struct buffer *out)
{
    for (size_t i = 0; i < rules->menu_count; i++) {
        const struct menu *menu = rules->menus[i].menu;
        buffer_printf(out, "%s%.*s %u", i == 0 ? "" : ", ", TEXT_ARGS(menu->agreement),
                      menu->version);
    }
}

enum result rules_fit(const struct rules *rules, const struct config *config, struct buffer *report,
                      struct error *error)
{
    size_t lacking = 0;
    for (size_t i = 0; i < 2 * config->agreement_count; i++) {
        const struct config_agreement *agreement = &config->agreements[i / 2];
        uint32_t version = agreement->menu_versions[i % 2];
        if (version == 0 || rules_menu(rules, text_of(agreement->code), version) != NULL) {
            continue;
        }
        lacking++;
        buffer_printf(report, "%s:%zu: agreement.menu: %s has no menu of version %u; accepted: ",
                      config->path, agreement->line, agreement->code, version);
        rules_name_menus(rules, report);
        buffer_printf(report, ", or a file in %s/menus\n", config->directory);
    }
    enum result result = buffer_check(report, error);
    if (result == RESULT_OK && lacking > 0) {
        result = error_set(error, RESULT_INVALID, "%s: %zu menu%s missing; see `comesh menu list`",
                           config->path, lacking, lacking == 1 ? " is" : "s are");
    }
    return result;
}
