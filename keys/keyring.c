/* The key files of a node. See keyring.h. */
#include "keys/keyring.h"

#include "keys/file.h"

#include <stdio.h>
#include <stdlib.h>

#define SUFFIX ".key"

struct loading {
    struct keyring *keyring;
    const struct keyfile_owner *owner;
};

static enum result file_add(void *self, const char *path, const char *name, struct error *error)
{
    struct loading *loading = self;
    struct keyring *keyring = loading->keyring;
    struct keyring_file *file = &keyring->files[keyring->count];
    size_t size = strlen(name);
    if (size <= strlen(SUFFIX) ||
        !text_equal(text_of(name + size - strlen(SUFFIX)), TEXT(SUFFIX))) {
        return RESULT_OK;
    }
    if (keyring->count == KEYRING_MAX) {
        return error_set(error, RESULT_TOO_LARGE, "'%s': more than %d key files", path,
                         KEYRING_MAX);
    }
    enum result result = keyfile_peek(path, loading->owner, &file->clear, error);
    if (result == RESULT_OK) {
        (void)snprintf(file->path, sizeof file->path, "%s", path);
        keyring->count++;
    }
    return result;
}

enum result keyring_load(const char *folder, const struct keyfile_owner *owner,
                         struct keyring *keyring, struct error *error)
{
    struct loading loading = {keyring, owner};
    *keyring = (struct keyring){.files = calloc(KEYRING_MAX, sizeof *keyring->files)};
    if (keyring->files == NULL) {
        return error_set(error, RESULT_NO_MEMORY, "no memory for the list of key files");
    }
    enum result result = file_walk(folder, file_add, &loading, error);
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
