/* comesh token new, list and revoke: who may use the private listener, and for what. The running
 * node sees a change at the next request. */
#include "keys/token.h"

#include "keys/text.h"
#include "node/core/world.h"
#include "tools/comesh/acts.h"
#include "tools/comesh/client.h"
#include "tools/comesh/output.h"

#include <stdlib.h>

#define ROLES_BYTES 64

static uint64_t now_s(void)
{
    return world_wall_ms(world_real()) / 1000;
}

static const char *roles_text(unsigned roles, char out[ROLES_BYTES])
{
    struct buffer words = {0};
    token_roles_append(roles, &words);
    (void)snprintf(out, ROLES_BYTES, "%.*s", TEXT_ARGS(buffer_view(&words)));
    buffer_free(&words);
    return out;
}

static const char *until_text(uint64_t until_s, char out[TEXT_TIME_BYTES])
{
    (void)snprintf(out, TEXT_TIME_BYTES, "never");
    if (until_s != UINT64_MAX) {
        text_time(until_s, out);
    }
    return out;
}

static enum result read_roles(struct call *call, unsigned *roles, struct error *error)
{
    size_t cursor = 0;
    const char *word;
    *roles = 0;
    while ((word = call_next(call, "role", &cursor)) != NULL) {
        unsigned role = token_role_read(text_of(word));
        if (role == 0) {
            return call_usage(call, error, "--role '%s'; accepted: submit, read, take, metrics",
                              word);
        }
        *roles |= role;
    }
    return *roles != 0 ? RESULT_OK
                       : call_usage(call, error,
                                    "--role is missing; accepted: submit, read, take, "
                                    "metrics, as often as needed");
}

static enum result read_until(struct call *call, uint64_t *until_s, struct error *error)
{
    const char *until = call_value(call, "until");
    *until_s = UINT64_MAX;
    if (until == NULL) {
        return RESULT_OK;
    }
    if (!text_time_read(text_of(until), until_s) || *until_s <= now_s()) {
        return call_usage(call, error,
                          "--until '%s'; accepted: a time to come, as 2027-12-31T00:00:00Z", until);
    }
    return RESULT_OK;
}

static enum result run_new(struct call *call, struct error *error)
{
    struct config *config = NULL;
    struct token token = {.created_s = now_s()};
    char text[TOKEN_TEXT_BYTES] = "";
    char roles[ROLES_BYTES];
    const char *name = call->operands[0];
    if (strlen(name) >= sizeof token.name) {
        return call_usage(call, error, "'%s' is longer than %d characters", name,
                          TOKEN_NAME_BYTES - 1);
    }
    (void)snprintf(token.name, sizeof token.name, "%s", name);
    enum result result = read_roles(call, &token.roles, error);
    if (result == RESULT_OK) {
        result = read_until(call, &token.until_s, error);
    }
    if (result == RESULT_OK) {
        result = node_config(call, &config, error);
    }
    if (result == RESULT_OK) {
        result = token_new(config->directory, &token, text, error);
    }
    if (result == RESULT_OK) {
        result = act_record(call, config->directory, "token new", name,
                            roles_text(token.roles, roles), error);
    }
    if (result == RESULT_OK) {
        (void)printf("%s\n", text);
        (void)fprintf(stderr, "comesh: this is the only time the token is shown\n");
    }
    token_wipe(text);
    free(config);
    return result;
}

static void print_list(const struct tokens *tokens)
{
    static const char *const heads[] = {"NAME", "ROLES", "MADE", "VALID UNTIL", NULL};
    struct table table = table_begin(heads);
    for (size_t i = 0; i < tokens->count; i++) {
        const struct token *token = &tokens->rows[i];
        char text[ROLES_BYTES];
        char made[TEXT_TIME_BYTES];
        char until[TEXT_TIME_BYTES];
        text_time(token->created_s, made);
        table_string(&table, token->name);
        table_string(&table, roles_text(token->roles, text));
        table_string(&table, made);
        table_string(&table, until_text(token->until_s, until));
    }
    table_end(&table, stdout);
    if (tokens->count == 0) {
        (void)fprintf(stderr, "comesh: no token yet; `comesh token new NAME --role read`\n");
    }
}

static json_t *list_json(const struct tokens *tokens)
{
    json_t *array = json_array();
    for (size_t i = 0; i < tokens->count; i++) {
        const struct token *token = &tokens->rows[i];
        char text[ROLES_BYTES];
        char made[TEXT_TIME_BYTES];
        char until[TEXT_TIME_BYTES];
        text_time(token->created_s, made);
        (void)json_array_append_new(array,
                                    json_pack("{ss ss ss ss}", "name", token->name, "roles",
                                              roles_text(token->roles, text), "made", made,
                                              "valid_until", until_text(token->until_s, until)));
    }
    return array;
}

static enum result run_list(struct call *call, struct error *error)
{
    struct config *config = NULL;
    struct tokens *tokens = calloc(1, sizeof *tokens);
    enum result result = tokens == NULL
                             ? error_set(error, RESULT_NO_MEMORY, "no memory for the tokens")
                             : node_config(call, &config, error);
    if (result == RESULT_OK) {
        result = tokens_load(config->directory, tokens, error);
    }
    if (result == RESULT_OK && call->json) {
        result = output_json(list_json(tokens), error);
    } else if (result == RESULT_OK) {
        print_list(tokens);
    }
    free(config);
    free(tokens);
    return result;
}

static enum result run_revoke(struct call *call, struct error *error)
{
    struct config *config = NULL;
    const char *name = call->operands[0];
    enum result result = node_config(call, &config, error);
    if (result == RESULT_OK) {
        result = token_revoke(config->directory, name, error);
    }
    if (result == RESULT_OK) {
        result = act_record(call, config->directory, "token revoke", name, NULL, error);
    }
    free(config);
    return result;
}

const struct command command_token_new = {
    .name = "token new",
    .operands = "NAME",
    .summary = "a bearer token for the private listener",
    .examples = "  comesh token new single-window --role submit --role read --role take\n"
                "  comesh token new prometheus --role metrics --until 2027-12-31T00:00:00Z\n",
    .details =
        "The token is printed once; the node keeps its hash alone. Roles: `submit` says the\n"
        "four operations, `read` looks, `take` acknowledges events, `metrics` reads the\n"
        "counters.\n",
    .options =
        {
            {"role", "ROLE", "submit, read, take or metrics; as often as needed", true},
            {"until", "TIME", "the token ends then, as 2027-12-31T00:00:00Z", false},
            {"by", "PERSON", "who does it, for the audit log", false},
        },
    .least_operands = 1,
    .most_operands = 1,
    .run = run_new,
};

const struct command command_token_list = {
    .name = "token list",
    .operands = "",
    .summary = "the tokens of the private listener, without their secrets",
    .examples = "  comesh token list\n  comesh token list --json\n",
    .json = true,
    .run = run_list,
};

const struct command command_token_revoke = {
    .name = "token revoke",
    .operands = "NAME",
    .summary = "ends a token; the running node refuses it from the next request on",
    .examples = "  comesh token revoke single-window\n",
    .options =
        {
            {"by", "PERSON", "who does it, for the audit log", false},
        },
    .least_operands = 1,
    .most_operands = 1,
    .run = run_revoke,
};
