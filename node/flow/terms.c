/* Under which agreement a message may go. See terms.h. */
#include "node/flow/terms.h"

#include "keys/text.h"

/* ---- signed agreements ---- */

static enum result refuse_time(const struct agreements *agreements, struct text code,
                               uint64_t now_s, struct error *error)
{
    const struct agreement *newest = agreements_version(agreements, code, 0);
    char from[TEXT_TIME_BYTES];
    char until[TEXT_TIME_BYTES];
    char now[TEXT_TIME_BYTES];
    text_time(newest->from_s, from);
    text_time(newest->until_s, until);
    text_time(now_s, now);
    if (now_s < newest->from_s) {
        return error_set(error, RESULT_DENIED,
                         "agreement '%.*s' begins at %s; the clock here says %s", TEXT_ARGS(code),
                         from, now);
    }
    return error_set(error, RESULT_DENIED,
                     "agreement '%.*s', version %u, ended at %s with %u days of grace; the clock "
                     "here says %s; its parties sign a new version",
                     TEXT_ARGS(code), newest->version, until, newest->grace_days, now);
}

/* Answers to what was received go on through the grace; what is new does not. */
static bool may_be_sent(const struct agreements *agreements, const struct agreement *agreement,
                        const struct message *message, uint64_t now_s)
{
    return agreements_state(agreements, agreement, now_s) == AGREEMENT_IN_FORCE ||
           !operation_is_outbound(message->operation);
}

static enum result roles_check(const struct agreement *agreement, const struct message *message,
                               struct error *error)
{
    const struct agreement_party *exporter = agreement_party(agreement, message->exporter);
    const struct agreement_party *importer = agreement_party(agreement, message->importer);
    if (exporter == NULL || importer == NULL) {
        struct text lacking = exporter == NULL ? message->exporter : message->importer;
        return error_set(error, RESULT_NOT_FOUND,
                         "party '%.*s' is not in agreement '%s', version %u", TEXT_ARGS(lacking),
                         agreement->code, agreement->version);
    }
    if (!exporter->exports || !importer->imports) {
        return error_set(
            error, RESULT_DENIED, "party '%s' is no %s under agreement '%s', version %u",
            exporter->exports ? importer->party : exporter->party,
            exporter->exports ? "importer" : "exporter", agreement->code, agreement->version);
    }
    return RESULT_OK;
}

/* The menu of the version in force, or of one before it that is in its grace. */
static const struct menu *find_menu(const struct agreements *agreements,
                                    const struct agreement *agreement, uint32_t version,
                                    enum terms_way way, uint64_t now_s)
{
    const struct menu *menu = agreement_menu(agreement, version);
    const struct agreement *before = agreement;
    while (menu == NULL && way == TERMS_RECEIVING && before->version > 1) {
        before = agreements_version(agreements, text_of(agreement->code), before->version - 1);
        if (before == NULL || agreements_state(agreements, before, now_s) != AGREEMENT_GRACE) {
            break;
        }
        menu = agreement_menu(before, version);
    }
    return menu;
}

static const struct menu *signed_menu(const struct flow *flow, const struct agreements *agreements,
                                      const struct message *message, enum terms_way way,
                                      struct error *error)
{
    uint64_t now_s = world_wall_ms(flow->world) / 1000;
    struct text code = message->agreement;
    const struct agreement *agreement = agreements_in_force(agreements, code, now_s);
    if (agreement == NULL ||
        (way == TERMS_SENDING && !may_be_sent(agreements, agreement, message, now_s))) {
        (void)refuse_time(agreements, code, now_s, error);
        return NULL;
    }
    if (roles_check(agreement, message, error) != RESULT_OK) {
        return NULL;
    }
    const struct menu *menu = find_menu(agreements, agreement, message->menu_version, way, now_s);
    if (menu == NULL) {
        (void)error_set(error, RESULT_NOT_FOUND,
                        "menu version %u of agreement '%.*s' is not in version %u, which %s holds; "
                        "it has menu version %u",
                        message->menu_version, TEXT_ARGS(code), agreement->version,
                        flow->config->party,
                        agreement->menus[agreement->menu_count - 1].menu->version);
    }
    return menu;
}

/* ---- sections of the configuration ---- */

static bool has_party(const struct config_agreement *agreement, struct text party)
{
    for (size_t i = 0; i < agreement->party_count; i++) {
        if (text_equal(text_of(agreement->parties[i]), party)) {
            return true;
        }
    }
    return false;
}

static bool has_menu(const struct config_agreement *agreement, uint32_t version)
{
    return version != 0 &&
           (agreement->menu_versions[0] == version || agreement->menu_versions[1] == version);
}

static const struct config_agreement *find_section(const struct config *config, struct text code)
{
    for (size_t i = 0; i < config->agreement_count; i++) {
        if (text_equal(text_of(config->agreements[i].code), code)) {
            return &config->agreements[i];
        }
    }
    return NULL;
}

static const struct menu *configured_menu(const struct flow *flow, const struct message *message,
                                          struct error *error)
{
    const struct config *config = flow->config;
    struct text code = message->agreement;
    const struct config_agreement *agreement = find_section(config, code);
    const struct menu *menu = rules_menu(flow->rules, code, message->menu_version);
    if (agreement == NULL) {
        (void)error_set(error, RESULT_NOT_FOUND,
                        "agreement '%.*s' is not known to %s; use one that both parties have "
                        "signed (`comesh agreement list`)",
                        TEXT_ARGS(code), config->party);
        return NULL;
    }
    if (!has_menu(agreement, message->menu_version) || menu == NULL) {
        (void)error_set(error, RESULT_NOT_FOUND,
                        "menu version %u of agreement '%.*s' is not known to %s; it has version %u",
                        message->menu_version, TEXT_ARGS(code), config->party,
                        agreement->menu_versions[0]);
        return NULL;
    }
    struct text lacking =
        has_party(agreement, message->exporter) ? message->importer : message->exporter;
    if (!has_party(agreement, lacking)) {
        (void)error_set(error, RESULT_NOT_FOUND, "party '%.*s' is not in agreement '%.*s'",
                        TEXT_ARGS(lacking), TEXT_ARGS(code));
        return NULL;
    }
    return menu;
}

const struct menu *terms_menu(const struct flow *flow, const struct agreements *agreements,
                              const struct message *message, enum terms_way way,
                              struct error *error)
{
    return agreements_version(agreements, message->agreement, 0) == NULL
               ? configured_menu(flow, message, error)
               : signed_menu(flow, agreements, message, way, error);
}
