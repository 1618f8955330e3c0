/* Checks of what lies in the node's folder. See doctor.h. */
#include "keys/file.h"
#include "keys/keyring.h"
#include "tools/comesh/doctor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* ---- keys ---- */

struct key_files {
    struct doctor *doctor;
    struct keyfile_owner owner;
    size_t good;
    size_t wrong;
};

static enum result key_file_check(void *self, const char *path, const char *name,
                                  struct error *error)
{
    struct key_files *files = self;
    struct keyfile_clear clear;
    size_t size = strlen(name);
    if (size <= 4 || !text_equal(text_of(name + size - 4), TEXT(".key"))) {
        return RESULT_OK;
    }
    enum result result = keyfile_peek(path, &files->owner, &clear, error);
    if (result == RESULT_OK) {
        files->good++;
    } else {
        files->wrong++;
        checkup_add(&files->doctor->checkup, CHECKUP_FAILED, "key file",
                    result == RESULT_DENIED ? "give the file its owner and mode 0600, or its place"
                                            : "take it from a backup",
                    "%s", error->message);
    }
    return RESULT_OK;
}

static void folder_mode_check(struct doctor *doctor, const char *folder)
{
    struct stat status;
    if (stat(folder, &status) != 0) {
        checkup_add(&doctor->checkup, CHECKUP_FAILED, "keys", "restore it from a backup",
                    "folder '%s': %s", folder, strerrordesc_np(errno));
    } else if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        checkup_add(&doctor->checkup, CHECKUP_WARNING, "keys", "chmod 700 it",
                    "folder '%s' can be entered by others (mode %04o)", folder,
                    (unsigned)(status.st_mode & 07777));
    }
}

void doctor_keys(struct doctor *doctor)
{
    char folder[CONFIG_PATH_BYTES];
    struct error error;
    struct key_files files = {
        .doctor = doctor,
        .owner = {text_of(doctor->config->party), text_of(doctor->config->environment)}};
    if (config_place(doctor->config, "keys", folder, &error) != RESULT_OK) {
        return;
    }
    folder_mode_check(doctor, folder);
    if (file_walk(folder, key_file_check, &files, &error) != RESULT_OK) {
        checkup_add(&doctor->checkup, CHECKUP_FAILED, "keys", "see that this user may read it",
                    "%s", error.message);
    } else if (files.wrong == 0) {
        checkup_add(&doctor->checkup, files.good > 0 ? CHECKUP_OK : CHECKUP_FAILED, "keys",
                    "restore them from a backup", "%zu key files, readable by this user alone",
                    files.good);
    }
}

/* ---- store ---- */

static void room_check(struct doctor *doctor, const char *folder)
{
    struct statvfs room;
    char free_size[OUTPUT_SIZE_BYTES];
    char least[OUTPUT_SIZE_BYTES];
    if (statvfs(folder, &room) != 0) {
        checkup_add(&doctor->checkup, CHECKUP_FAILED, "disk",
                    "restore the store from a backup, or start the node once", "'%s': %s", folder,
                    strerrordesc_np(errno));
        return;
    }
    uint64_t bytes = (uint64_t)room.f_bavail * room.f_frsize;
    uint64_t minimum = doctor->config->minimum_free_bytes;
    uint64_t comfortable = 2 * (minimum + doctor->config->segment_bytes);
    checkup_add(&doctor->checkup,
                bytes < minimum       ? CHECKUP_FAILED
                : bytes < comfortable ? CHECKUP_WARNING
                                      : CHECKUP_OK,
                "disk", "make room; below the minimum the node takes nothing more",
                "%s free at %s, at least %s needed", output_size(bytes, free_size), folder,
                output_size(minimum, least));
}

void doctor_store(struct doctor *doctor)
{
    char folder[CONFIG_PATH_BYTES];
    struct error error;
    if (config_place(doctor->config, "store", folder, &error) == RESULT_OK) {
        room_check(doctor, folder);
    }
}

/* ---- what an interrupted write left ---- */

/* nftw has no argument of ours. */
static struct {
    size_t count;
    char first[CONFIG_PATH_BYTES];
} leftovers;

/* file_replace writes to ".name.XXXXXX" beside the file, and renames it. */
static bool is_leftover(const char *name)
{
    const char *last = strrchr(name, '.');
    return name[0] == '.' && last > name + 1 && strlen(last) == 7;
}

static int leftover_find(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    if (kind == FTW_F && is_leftover(path + place->base)) {
        if (leftovers.count++ == 0) {
            (void)snprintf(leftovers.first, sizeof leftovers.first, "%s", path);
        }
    }
    return 0;
}

void doctor_leftovers(struct doctor *doctor)
{
    leftovers.count = 0;
    if (nftw(doctor->config->directory, leftover_find, 16, FTW_PHYS | FTW_MOUNT) != 0) {
        checkup_add(&doctor->checkup, CHECKUP_WARNING, "leftovers",
                    "run the doctor as the user of the node", "'%s' cannot be searched whole: %s",
                    doctor->config->directory, strerrordesc_np(errno));
    } else if (leftovers.count > 0) {
        checkup_add(&doctor->checkup, CHECKUP_WARNING, "leftovers",
                    "harmless; remove them while no command runs",
                    "%zu unfinished file%s of a write that was interrupted, as %s", leftovers.count,
                    leftovers.count == 1 ? "" : "s", leftovers.first);
    } else {
        checkup_add(&doctor->checkup, CHECKUP_OK, "leftovers", NULL, "no unfinished files");
    }
}
