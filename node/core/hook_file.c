/* The state of a webhook on disk. See hook_file.h. */
#include "node/core/hook_file.h"

#include "keys/file.h"
#include "keys/text.h"
#include "proto/merkle.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#define FIRST_LINE     "comesh webhook v1"
#define FILE_MAX_BYTES ((size_t)256 << 10)
#define NAME_BYTES     64

static enum result place_in_folder(const struct config *config, const char *name,
                                   char out[CONFIG_PATH_BYTES], struct error *error)
{
    char folder[CONFIG_PATH_BYTES];
    char inside[NAME_BYTES + sizeof HOOK_FOLDER];
    enum result result = config_place(config, HOOK_FOLDER, folder, error);
    if (result == RESULT_OK && mkdir(folder, 0700) != 0 && errno != EEXIST) {
        result = error_system(error, errno, "folder '%s'", folder);
    }
    (void)snprintf(inside, sizeof inside, HOOK_FOLDER "/%s", name);
    return result == RESULT_OK ? config_place(config, inside, out, error) : result;
}

enum result hook_file_path(const struct config *config, const char *url, const char *suffix,
                           char out[CONFIG_PATH_BYTES], struct error *error)
{
    struct merkle_hash hash;
    char hex[2 * 8 + 1];
    char name[NAME_BYTES];
    merkle_sha256(text_bytes(text_of(url)), &hash);
    hex_encode((struct bytes){hash.bytes, 8}, hex);
    (void)snprintf(name, sizeof name, "%s%s", hex, suffix);
    return place_in_folder(config, name, out, error);
}

enum result hook_key_path(const struct config *config, char out[CONFIG_PATH_BYTES],
                          struct error *error)
{
    return place_in_folder(config, "signing.key", out, error);
}

/* ---- reading ---- */

/* The next line begins with `word` and a blank; otherwise nothing is taken. */
static bool take(struct text_lines *lines, const char *word, struct text *value)
{
    struct text_lines ahead = *lines;
    *value = TEXT("");
    if (!text_lines_next(&ahead)) {
        return false;
    }
    *value = ahead.line;
    if (!text_skip(value, word) || !text_skip(value, " ")) {
        return false;
    }
    *lines = ahead;
    return true;
}

static bool keep(struct text value, char *place, size_t size)
{
    (void)snprintf(place, size, "%.*s", TEXT_ARGS(value));
    return value.size < size;
}

/* "ORIGIN INDEX" at the front of `value`. */
static bool take_place(struct text *value, struct hook_place *place)
{
    struct channel_name name;
    struct error error;
    const struct text origin = text_until(value, ' ');
    if (channel_parse(origin, &name, &error) != RESULT_OK ||
        !keep(origin, place->origin, sizeof place->origin) || !text_skip(value, " ")) {
        return false;
    }
    const struct text number = text_until(value, ' ');
    return decimal_parse(number, MERKLE_SIZE_MAX, &place->index);
}

static bool take_dead(struct text value, struct hook_dead *dead)
{
    if (!take_place(&value, &dead->place) || !text_skip(&value, " ")) {
        return false;
    }
    struct text time = text_until(&value, ' ');
    return text_time_read(time, &dead->time_s) && text_skip(&value, " ") &&
           keep(value, dead->reason, sizeof dead->reason);
}

static bool read_all(struct text text, struct hook_file *file)
{
    struct text_lines lines = {.rest = text};
    struct text value;
    bool good = text_lines_next(&lines) && text_equal(lines.line, TEXT(FIRST_LINE)) &&
                take(&lines, "url", &value) && keep(value, file->url, sizeof file->url) &&
                take(&lines, "state", &value) && keep(value, file->state, sizeof file->state) &&
                take(&lines, "delivered", &value) &&
                decimal_parse(value, UINT64_MAX, &file->delivered);
    if (good && take(&lines, "trouble", &value)) {
        good = keep(value, file->trouble, sizeof file->trouble);
    }
    while (good && take(&lines, "next", &value)) {
        good = file->next_count < HOOK_CHANNELS_MAX &&
               take_place(&value, &file->next[file->next_count++]) && value.size == 0;
    }
    while (good && take(&lines, "dead", &value)) {
        good =
            file->dead_count < HOOK_DEAD_MAX && take_dead(value, &file->dead[file->dead_count++]);
    }
    return good && lines.rest.size == 0;
}

enum result hook_file_read(const char *path, struct hook_file *file, struct error *error)
{
    struct buffer text = {0};
    *file = (struct hook_file){0};
    enum result result = file_read(path, FILE_MAX_BYTES, FILE_PUBLIC, &text, error);
    if (result == RESULT_OK && !read_all(buffer_view(&text), file)) {
        result = error_set(error, RESULT_INVALID,
                           "'%s' is not the state of a webhook; remove it, and the webhook begins "
                           "with what arrives next",
                           path);
    }
    buffer_free(&text);
    return result;
}

/* ---- writing ---- */

enum result hook_file_write(const char *path, const struct hook_file *file, struct error *error)
{
    struct buffer text = {0};
    char time[TEXT_TIME_BYTES];
    buffer_printf(&text, FIRST_LINE "\nurl %s\nstate %s\ndelivered %" PRIu64 "\n", file->url,
                  file->state, file->delivered);
    if (file->trouble[0] != '\0') {
        buffer_printf(&text, "trouble %s\n", file->trouble);
    }
    for (size_t i = 0; i < file->next_count; i++) {
        buffer_printf(&text, "next %s %" PRIu64 "\n", file->next[i].origin, file->next[i].index);
    }
    for (size_t i = 0; i < file->dead_count; i++) {
        const struct hook_dead *dead = &file->dead[i];
        text_time(dead->time_s, time);
        buffer_printf(&text, "dead %s %" PRIu64 " %s %s\n", dead->place.origin, dead->place.index,
                      time, dead->reason);
    }
    enum result result = buffer_check(&text, error);
    if (result == RESULT_OK) {
        result = file_replace(path, buffer_bytes(&text), FILE_PUBLIC, error);
    }
    buffer_free(&text);
    return result;
}
