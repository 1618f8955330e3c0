/* The files of the audit log, for its own parts: audit.c writes acts and reads them, audit_prove.c
 * proves and signs. Both files are read whole while a lock on the log keeps others out. */
#ifndef COMESH_KEYS_AUDIT_FILE_H
#define COMESH_KEYS_AUDIT_FILE_H

#include "keys/text.h"
#include "proto/merkle.h"

#define AUDIT_FOLDER     "audit"
#define AUDIT_NOTE_LINES 5 /* origin, size, root, an empty line, one signature */

struct audit_files {
    int folder;
    int log; /* carries the lock */
    int checkpoints;
    struct buffer lines; /* whole lines of the log */
    struct buffer notes; /* whole notes of the checkpoints */
};

/* Opens, locks (LOCK_SH or LOCK_EX) and reads. End with audit_close, also when it failed. */
enum result audit_open(const char *directory, int lock, struct audit_files *files,
                       struct error *error) RESULT_CHECKED;
void audit_close(struct audit_files *files);

/* Cuts what is not whole off and puts `added` behind the rest: all of it, on disk, or nothing. */
enum result audit_add_line(struct audit_files *files, const struct buffer *added,
                           struct error *error) RESULT_CHECKED;
enum result audit_add_note(struct audit_files *files, const struct buffer *added,
                           struct error *error) RESULT_CHECKED;

/* One more leaf. */
void audit_tree_add(struct merkle_tree *tree, struct text line);

#endif
