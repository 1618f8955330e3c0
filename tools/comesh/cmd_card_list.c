/* comesh card list: every version of the cards that were ever held here. */
#include "keys/directory.h"
#include "keys/text.h"
#include "tools/comesh/cards.h"
#include "tools/comesh/client.h"
#include "tools/comesh/output.h"

#include <stdlib.h>

/* What became of a version: it is in force, its identity was revoked, or it is kept as evidence. */
static const char *state_of(const struct directory *directory, const struct card *version)
{
    const struct text party = text_of(version->party);
    const struct card *own = directory_own(directory);
    const struct card *now =
        text_equal(party, text_of(own->party)) ? own : directory_party(directory, party);
    if (now == NULL) {
        return "removed";
    }
    if (!bytes_equal(buffer_bytes(&now->note), buffer_bytes(&version->note))) {
        return "older";
    }
    return directory_is_suspended(directory, party) ? "suspended" : "in force";
}

static void list_print(const struct directory *directory, struct text party)
{
    static const char *const heads[] = {"PARTY", ">SERIAL", "ISSUED", "STATE", "FINGERPRINT", NULL};
    struct table table = table_begin(heads);
    const struct card *version;
    for (size_t i = 0; (version = directory_version(directory, party, i)) != NULL; i++) {
        char digits[FINGERPRINT_DIGITS_BYTES];
        char issued[TEXT_TIME_BYTES];
        card_fingerprint(version, digits);
        text_time(version->issued_s, issued);
        table_string(&table, version->party);
        table_number(&table, version->serial);
        table_string(&table, issued);
        table_string(&table, state_of(directory, version));
        table_string(&table, digits);
    }
    table_end(&table, stdout);
}

static json_t *list_json(const struct directory *directory, struct text party)
{
    json_t *list = json_array();
    const struct card *version;
    for (size_t i = 0; (version = directory_version(directory, party, i)) != NULL; i++) {
        json_t *object = card_json(version);
        (void)json_object_set_new(object, "state", json_string(state_of(directory, version)));
        (void)json_array_append_new(list, object);
    }
    return list;
}

static enum result run(struct call *call, struct error *error)
{
    struct config *config = NULL;
    struct directory *directory = NULL;
    char cards[CONFIG_PATH_BYTES];
    const struct text party =
        call->operand_count > 0 ? text_of(call->operands[0]) : (struct text){0};
    enum result result = node_config(call, &config, error);
    if (result == RESULT_OK) {
        result = config_place(config, "cards", cards, error);
    }
    if (result == RESULT_OK) {
        result = directory_load(cards, text_of(config->environment), &directory, error);
    }
    if (result == RESULT_OK && directory_version(directory, party, 0) == NULL) {
        result = error_set(error, RESULT_NOT_FOUND, "no card of '%.*s' was ever held",
                           (int)(party.size < 40 ? party.size : 40), party.data);
    }
    if (result == RESULT_OK && call->json) {
        result = output_json(list_json(directory, party), error);
    } else if (result == RESULT_OK) {
        list_print(directory, party);
    }
    directory_release(&directory);
    free(config);
    return result;
}

const struct command command_card_list = {
    .name = "card list",
    .operands = "[PARTY]",
    .summary = "every version of the cards that were ever held here",
    .examples = "  comesh card list\n  comesh card list ID --json\n",
    .details =
        "in force: used now; suspended: its identity is revoked; older and removed: kept, to\n"
        "prove what was signed with their keys.\n",
    .json = true,
    .most_operands = 1,
    .run = run,
};
