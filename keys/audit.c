/* Acts written to the audit log, and read. See audit.h. */
#include "keys/audit.h"

#include "keys/audit_file.h"

#include <pwd.h>
#include <sys/file.h>
#include <unistd.h>

/* "kim", or "comeshd, as kim" when the act names who did it. */
static void who_append(struct text given, struct buffer *out)
{
    char memory[1024];
    struct passwd entry;
    struct passwd *found = NULL;
    if (given.size > 0) {
        buffer_printf(out, "%.*s, as ", TEXT_ARGS(given));
    }
    if (getpwuid_r(geteuid(), &entry, memory, sizeof memory, &found) == 0 && found != NULL) {
        buffer_text(out, found->pw_name);
    } else {
        buffer_printf(out, "user %u", (unsigned)geteuid());
    }
}

/* The line that `act` becomes behind the lines that are there. */
static void next_line(struct text log, const struct audit_act *act, struct buffer *out)
{
    struct merkle_tree tree = {0};
    struct merkle_hash before;
    struct buffer who = {0};
    struct audit_act written = *act;
    struct text_lines lines = {.rest = log};
    while (text_lines_next(&lines)) {
        audit_tree_add(&tree, lines.line);
    }
    merkle_root(&tree, &before);
    who_append(act->who, &who);
    written.who = buffer_view(&who);
    audit_line_append(tree.size, &before, &written, out);
    out->failed = out->failed || who.failed;
    buffer_free(&who);
}

enum result audit_append(const char *directory, const struct audit_act *act, struct error *error)
{
    struct audit_files files;
    struct buffer added = {0};
    enum result result = audit_open(directory, LOCK_EX, &files, error);
    if (result == RESULT_OK) {
        next_line(buffer_view(&files.lines), act, &added);
        result = audit_add_line(&files, &added, error);
    }
    if (result != RESULT_OK) {
        (void)error_wrap(error, "the act is done, but it is not in the audit log");
    }
    audit_close(&files);
    buffer_free(&added);
    return result;
}

enum result audit_read(const char *directory, uint64_t first, audit_visit *visit, void *self,
                       struct error *error)
{
    struct audit_files files;
    enum result result = audit_open(directory, LOCK_SH, &files, error);
    struct text_lines lines = {.rest = buffer_view(&files.lines)};
    while (result == RESULT_OK && text_lines_next(&lines)) {
        struct audit_line line;
        result = audit_line_read(lines.line, &line, error);
        if (result != RESULT_OK) {
            result = error_set(error, RESULT_CORRUPT,
                               "line %zu of the audit log is no act; see `comesh audit verify`",
                               lines.number);
        } else if (line.number >= first) {
            result = visit(self, &line, error);
        }
    }
    audit_close(&files);
    return result;
}
