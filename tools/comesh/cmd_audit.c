/* comesh audit show and verify: the log of every act of trust. Needs no running node. */
#include "keys/audit.h"
#include "keys/file.h"
#include "keys/note.h"
#include "keys/text.h"
#include "tools/comesh/client.h"
#include "tools/comesh/output.h"

#include <inttypes.h>
#include <stdlib.h>

#define NUMBER_MAX ((uint64_t)INT64_MAX)

/* ---- show ---- */

struct showing {
    struct table table;
    json_t *array; /* with --json instead of the table */
};

static void put_text(json_t *object, const char *name, struct text text)
{
    (void)json_object_set_new(object, name, json_stringn(text.data, text.size));
}

static enum result add_line(void *self, const struct audit_line *line, struct error *error)
{
    struct showing *showing = self;
    char time[TEXT_TIME_BYTES];
    (void)error;
    text_time(line->act.time_s, time);
    if (showing->array != NULL) {
        json_t *object = json_object();
        (void)json_object_set_new(object, "number", json_integer((json_int_t)line->number));
        put_text(object, "time", text_of(time));
        put_text(object, "who", line->act.who);
        put_text(object, "verb", line->act.verb);
        put_text(object, "subject", line->act.subject);
        put_text(object, "detail", line->act.detail);
        (void)json_array_append_new(showing->array, object);
        return RESULT_OK;
    }
    table_number(&showing->table, line->number);
    table_string(&showing->table, time);
    table_text(&showing->table, line->act.who);
    table_text(&showing->table, line->act.verb);
    table_text(&showing->table, line->act.subject);
    table_text(&showing->table, line->act.detail);
    return RESULT_OK;
}

static enum result show(struct call *call, struct error *error)
{
    static const char *const heads[] = {">ACT", "TIME", "WHO", "VERB", "SUBJECT", "DETAIL", NULL};
    struct showing showing = {.table = table_begin(heads),
                              .array = call->json ? json_array() : NULL};
    struct config *config = NULL;
    uint64_t first = 0;
    enum result result = call_number(call, "from", 0, NUMBER_MAX, &first, error);
    if (result == RESULT_OK) {
        result = node_config(call, &config, error);
    }
    if (result == RESULT_OK) {
        result = audit_read(config->directory, first, add_line, &showing, error);
    }
    if (result == RESULT_OK && call->json) {
        result = output_json(json_incref(showing.array), error);
    }
    table_end(&showing.table, stdout);
    json_decref(showing.array);
    free(config);
    return result;
}

/* ---- verify ---- */

static enum result print_summary(const struct call *call, const struct audit_summary *summary,
                                 struct error *error)
{
    struct buffer root = {0};
    enum result result = RESULT_OK;
    text_base64_append(&root, (struct bytes){summary->root.bytes, sizeof summary->root.bytes});
    if (call->json) {
        json_t *object = json_object();
        (void)json_object_set_new(object, "acts", json_integer((json_int_t)summary->size));
        (void)json_object_set_new(object, "signed", json_integer((json_int_t)summary->signed_size));
        (void)json_object_set_new(object, "checkpoints",
                                  json_integer((json_int_t)summary->checkpoints));
        put_text(object, "root", buffer_view(&root));
        result = output_json(object, error);
    } else {
        (void)printf("The audit log holds: %" PRIu64 " acts, of which %" PRIu64
                     " are under %" PRIu64 " signed checkpoints.\nRoot: %.*s\n",
                     summary->size, summary->signed_size, summary->checkpoints,
                     TEXT_ARGS(buffer_view(&root)));
    }
    if (summary->signed_size < summary->size) {
        (void)fprintf(stderr,
                      "comesh: the last %" PRIu64 " acts are not signed yet; the node signs them "
                      "when it runs\n",
                      summary->size - summary->signed_size);
    }
    buffer_free(&root);
    return result;
}

static enum result check_against(const struct call *call, const char *directory,
                                 const struct card *const *cards, size_t count, struct error *error)
{
    const char *path = call_value(call, "against");
    struct buffer note = {0};
    if (path == NULL) {
        return RESULT_OK;
    }
    enum result result = file_read(path, NOTE_MAX_BYTES, FILE_PUBLIC, &note, error);
    if (result == RESULT_OK) {
        result = audit_verify_against(directory, buffer_bytes(&note), cards, count, error);
    }
    buffer_free(&note);
    return result;
}

static enum result prove(const struct call *call, const char *path,
                         const struct directory *directory, struct error *error)
{
    const struct card **cards = NULL;
    size_t count = 0;
    struct audit_summary summary = {0};
    enum result result = audit_signers(directory, &cards, &count, error);
    if (result == RESULT_OK) {
        result = audit_verify(path, cards, count, &summary, error);
    }
    if (result == RESULT_OK) {
        result = check_against(call, path, cards, count, error);
    }
    if (result == RESULT_OK) {
        result = print_summary(call, &summary, error);
    }
    free(cards);
    return result;
}

static enum result verify(struct call *call, struct error *error)
{
    struct config *config = NULL;
    struct directory *directory = NULL;
    char path[CONFIG_PATH_BYTES];
    enum result result = node_config(call, &config, error);
    if (result == RESULT_OK) {
        result = config_place(config, "cards", path, error);
    }
    if (result == RESULT_OK) {
        result = directory_load(path, text_of(config->environment), &directory, error);
    }
    if (result == RESULT_OK) {
        result = prove(call, config->directory, directory, error);
    }
    directory_release(&directory);
    free(config);
    return result;
}

const struct command command_audit_show = {
    .name = "audit show",
    .operands = "",
    .summary = "every act of trust of this node: who, when, what",
    .examples = "  comesh audit show\n  comesh audit show --from 100\n  comesh audit show --json\n",
    .options = {{"from", "N", "from act number N on", false}},
    .json = true,
    .run = show,
};

const struct command command_audit_verify = {
    .name = "audit verify",
    .operands = "",
    .summary = "prove that no act was changed, removed, moved or cut off",
    .examples = "  comesh audit verify\n"
                "  comesh audit verify --against kept-elsewhere.checkpoint\n",
    .details =
        "Computes the tree of all acts again and verifies every checkpoint. The first act that\n"
        "does not hold is named and gives exit code 65. Acts behind the newest checkpoint are\n"
        "signed by the node when it runs; whoever can write the disk could cut those off, and\n"
        "with them the checkpoints: keep the last five lines of audit/checkpoints elsewhere from\n"
        "time to time, and compare with --against.\n",
    .options = {{"against", "FILE", "a checkpoint that was kept elsewhere", false}},
    .json = true,
    .run = verify,
};
