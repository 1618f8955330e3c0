/* The key files of a node. See keyring.h. */
#include "keys/keyring.h"

#include "keys/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#define SUFFIX ".key"

/* Names that begin with a dot are files that file_replace had not finished. */
static int name_is_wanted(const struct dirent *entry)
{
    size_t size = strlen(entry->d_name);
    return entry->d_name[0] != '.' && size > strlen(SUFFIX) &&
           text_equal(text_of(entry->d_name + size - strlen(SUFFIX)), TEXT(SUFFIX));
}

static int names_compare(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static enum result file_add(struct keyring *keyring, const char *folder, const char *name,
                            const struct keyfile_owner *owner, struct error *error)
{
    struct keyring_file *file = &keyring->files[keyring->count];
    enum result result = file_place(file->path, folder, name, error);
    if (result == RESULT_OK) {
        result = keyfile_peek(file->path, owner, &file->clear, error);
    }
    if (result == RESULT_OK) {
        keyring->count++;
    }
    return result;
}

enum result keyring_load(const char *folder, const struct keyfile_owner *owner,
                         struct keyring *keyring, struct error *error)
{
    struct dirent **names = NULL;
    enum result result = RESULT_OK;
    *keyring = (struct keyring){0};
    int count = scandir(folder, &names, name_is_wanted, names_compare);
    if (count < 0) {
        return error_system(error, errno, "folder '%s'", folder);
    }
    if (count > KEYRING_MAX) {
        result = error_set(error, RESULT_TOO_LARGE, "folder '%s': %d key files, above %d", folder,
                           count, KEYRING_MAX);
    } else {
        keyring->files = calloc((size_t)count + 1, sizeof *keyring->files);
    }
    if (result == RESULT_OK && keyring->files == NULL) {
        result = error_set(error, RESULT_NO_MEMORY, "no memory for %d key files", count);
    }
    for (int i = 0; i < count; i++) {
        if (result == RESULT_OK) {
            result = file_add(keyring, folder, names[i]->d_name, owner, error);
        }
        free(names[i]);
    }
    free(names);
    if (result != RESULT_OK) {
        keyring_free(keyring);
    }
    return result;
}

void keyring_free(struct keyring *keyring)
{
    free(keyring->files);
    *keyring = (struct keyring){0};
}

const struct keyring_file *keyring_find(const struct keyring *keyring, enum key_role role,
                                        const uint8_t public_key[KEY_PUBLIC_BYTES])
{
    for (size_t i = 0; i < keyring->count; i++) {
        const struct keyfile_clear *clear = &keyring->files[i].clear;
        if (clear->role == role && memcmp(clear->public_key, public_key, KEY_PUBLIC_BYTES) == 0) {
            return &keyring->files[i];
        }
    }
    return NULL;
}
