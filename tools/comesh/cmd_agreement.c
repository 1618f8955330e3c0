/* comesh agreement list, show, export, drop: what is held. */
#include "keys/file.h"
#include "tools/comesh/acts.h"
#include "tools/comesh/agreements.h"
#include "tools/comesh/cards.h"
#include "tools/comesh/output.h"

/* ---- list ---- */

typedef void visit(void *self, const struct book *book, const struct agreement *agreement);

/* Proposals, and of every code the newest version, or all. */
static void visit_all(const struct book *book, bool all, visit *each, void *self)
{
    const struct agreement *agreement;
    for (size_t i = 0; (agreement = agreements_at(book->held, i)) != NULL; i++) {
        if (all || agreement == agreements_version(book->held, text_of(agreement->code), 0) ||
            agreement == agreements_in_force(book->held, text_of(agreement->code), book->now_s)) {
            each(self, book, agreement);
        }
    }
    for (size_t i = 0; (agreement = agreements_proposal_at(book->held, i)) != NULL; i++) {
        each(self, book, agreement);
    }
}

static void add_row(void *self, const struct book *book, const struct agreement *agreement)
{
    struct table *table = self;
    struct buffer parties = {0};
    char until[OUTPUT_TIME_BYTES];
    for (size_t i = 0; i < agreement->party_count; i++) {
        buffer_printf(&parties, "%s%s", i == 0 ? "" : " ", agreement->parties[i].party);
    }
    table_string(table, agreement->code);
    table_number(table, agreement->version);
    table_string(table, book_state(book, agreement));
    table_string(table, output_time_s(agreement->until_s, until));
    table_text(table, buffer_view(&parties));
    table_number(table, (uint64_t)__builtin_popcount(agreement->signers));
    table_number(table, agreement->quorum);
    table_string(table, agreement->name);
    buffer_free(&parties);
}

static void add_object(void *self, const struct book *book, const struct agreement *agreement)
{
    (void)json_array_append_new(self, agreement_json(book, agreement));
}

static enum result list(struct call *call, struct error *error)
{
    static const char *const heads[] = {"CODE",    ">VERSION", "STATE", "UNTIL", "PARTIES",
                                        ">SIGNED", ">QUORUM",  "NAME",  NULL};
    struct book book;
    bool all = call_value(call, "all") != NULL;
    enum result result = book_open(call, &book, error);
    if (result == RESULT_OK && call->json) {
        json_t *rows = json_array();
        visit_all(&book, all, add_object, rows);
        result = output_json(rows, error);
    } else if (result == RESULT_OK) {
        struct table table = table_begin(heads);
        visit_all(&book, all, add_row, &table);
        table_end(&table, stdout);
        book_remind(&book, stdout);
    }
    book_close(&book);
    return result;
}

/* ---- show, export ---- */

static enum result show(struct call *call, struct error *error)
{
    struct book book;
    struct agreement *read = NULL;
    const struct agreement *agreement = NULL;
    enum result result = book_open(call, &book, error);
    if (result == RESULT_OK) {
        result = book_find(&book, call->operands[0], &read, &agreement, error);
    }
    if (result == RESULT_OK && call->json) {
        result = output_json(agreement_json(&book, agreement), error);
    } else if (result == RESULT_OK) {
        agreement_print(&book, agreement, stdout);
        book_remind(&book, stdout);
    }
    agreement_destroy(&read);
    book_close(&book);
    return result;
}

static enum result export_agreement(struct call *call, struct error *error)
{
    struct book book;
    struct agreement *read = NULL;
    const struct agreement *agreement = NULL;
    const char *path = call_value(call, "output");
    enum result result = book_open(call, &book, error);
    if (result == RESULT_OK) {
        result = book_find(&book, call->operands[0], &read, &agreement, error);
    }
    if (result == RESULT_OK && path != NULL) {
        result = file_replace(path, buffer_bytes(&agreement->bytes), FILE_PUBLIC, error);
    } else if (result == RESULT_OK) {
        (void)fwrite(agreement->bytes.data, 1, agreement->bytes.size, stdout);
    }
    agreement_destroy(&read);
    book_close(&book);
    return result;
}

/* ---- drop ---- */

static enum result drop(struct call *call, struct error *error)
{
    struct book book;
    const char *code = call->operands[0];
    enum result result = book_open(call, &book, error);
    if (result == RESULT_OK && agreements_proposal(book.held, text_of(code)) == NULL) {
        result = error_set(error, RESULT_NOT_FOUND, "there is no proposal of '%s' here", code);
    }
    if (result == RESULT_OK) {
        result =
            agreements_drop(book.path, text_of(book.config->environment), text_of(code), error);
    }
    if (result == RESULT_OK) {
        result = act_record(call, book.config->directory, "agreement drop", code, NULL, error);
    }
    if (result == RESULT_OK) {
        result = node_reload(book.config, error);
    }
    book_close(&book);
    return result;
}

const struct command command_agreement_list = {
    .name = "agreement list",
    .operands = "",
    .summary = "the agreements this node holds, and the proposals",
    .examples = "  comesh agreement list\n  comesh agreement list --all --json\n",
    .options = {{"all", NULL, "also the versions that others have followed", false}},
    .json = true,
    .run = list,
};

const struct command command_agreement_show = {
    .name = "agreement show",
    .operands = "AGREEMENT",
    .summary = "an agreement: parties, time, menus, who has signed, its fingerprint",
    .examples = "  comesh agreement show AKFTA\n  comesh agreement show AKFTA:2 --json\n"
                "  comesh agreement show from-id.agreement\n",
    .details =
        "AGREEMENT is a code (the newest version, or the proposal where none is accepted),\n"
        "CODE:VERSION, or a file. The whole text is what `comesh agreement export` writes.\n",
    .json = true,
    .least_operands = 1,
    .most_operands = 1,
    .run = show,
};

const struct command command_agreement_export = {
    .name = "agreement export",
    .operands = "AGREEMENT",
    .summary = "write an agreement with its signatures, as the text it is",
    .examples = "  comesh agreement export AKFTA --output AKFTA.agreement\n"
                "  comesh agreement export AKFTA:1 | less\n",
    .details =
        "Give the file to the other parties by any way; nothing in it is secret. Later versions,\n"
        "and signatures of them, the nodes also pass on by themselves.\n",
    .options = {{"output", "FILE", "write to FILE instead of stdout", false}},
    .least_operands = 1,
    .most_operands = 1,
    .run = export_agreement,
};

const struct command command_agreement_drop = {
    .name = "agreement drop",
    .operands = "CODE",
    .summary = "take back a proposal that is not accepted",
    .examples = "  comesh agreement drop AKFTA\n",
    .details =
        "A signature that was given away stays given: a partner that holds the proposal still "
        "passes\nit on.\n",
    .options = {{"by", "NAME", "who decided it, for the audit log", false}},
    .least_operands = 1,
    .most_operands = 1,
    .run = drop,
};
