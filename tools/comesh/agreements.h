/* The agreements in a node's directory, as the commands name, show and compare them; no node need
 * run. */
#ifndef COMESH_TOOLS_COMESH_AGREEMENTS_H
#define COMESH_TOOLS_COMESH_AGREEMENTS_H

#include "keys/agreements.h"
#include "node/core/config.h"
#include "tools/comesh/command.h"

#include <jansson.h>
#include <stdio.h>

/* What a command works with: open it, close it in any case. */
struct book {
    struct config *config;
    char path[CONFIG_PATH_BYTES]; /* of the folder */
    struct agreements *held;
    uint64_t now_s;
};
enum result book_open(struct call *call, struct book *book, struct error *error) RESULT_CHECKED;
void book_close(struct book *book);

/* The agreement that a person names: AKFTA (the newest version, or its proposal where none is
 * accepted), AKFTA:2 (a version or proposal), or a file, which is read into `*read`; destroy that
 * in any case. RESULT_NOT_FOUND says what there is. */
enum result book_find(const struct book *book, const char *name, struct agreement **read,
                      const struct agreement **found, struct error *error) RESULT_CHECKED;

/* The accepted version before it, or NULL. */
const struct agreement *book_before(const struct book *book, const struct agreement *agreement);

/* "in force", "ended", "proposal", or "not held". Static. */
const char *book_state(const struct book *book, const struct agreement *agreement);

/* For people, and as an object. */
void agreement_print(const struct book *book, const struct agreement *agreement, FILE *file);
json_t *agreement_json(const struct book *book, const struct agreement *agreement);

/* A line for each agreement that ends within 60 days, or has ended. */
void book_remind(const struct book *book, FILE *file);

/* Takes a note in, says what became of it on stderr, writes it to the audit log as `verb`, and
 * tells a running node. `confirmed` as in struct agreements_trust. RESULT_DUPLICATE is RESULT_OK
 * here. */
enum result book_take(struct call *call, struct book *book, struct bytes note, bool confirmed,
                      const char *verb, struct error *error) RESULT_CHECKED;

#endif
