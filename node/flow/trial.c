/* The steps of a test that need no connection. See trial.h. */
#include "node/flow/trial.h"

#include "keys/text.h"
#include "node/flow/trust.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

const char *trial_outcome_text(enum trial_outcome outcome)
{
    static const char *const texts[] = {[TRIAL_OK] = "ok",
                                        [TRIAL_WARNING] = "warning",
                                        [TRIAL_FAILED] = "failed",
                                        [TRIAL_SKIPPED] = "skipped"};
    return texts[outcome];
}

void trial_add(struct trial *trial, const char *what, enum trial_outcome outcome,
               const char *remedy, const char *format, ...)
{
    va_list arguments;
    if (trial->count == TRIAL_STEPS_MAX) {
        return;
    }
    struct trial_step *step = &trial->steps[trial->count++];
    *step = (struct trial_step){.what = what, .outcome = outcome};
    (void)snprintf(step->remedy, sizeof step->remedy, "%s", remedy == NULL ? "" : remedy);
    va_start(arguments, format);
    (void)vsnprintf(step->found, sizeof step->found, format, arguments);
    va_end(arguments);
}

enum result trial_check_partner(struct flow *flow, struct text party, struct error *error)
{
    struct directory *directory = flow_directory(flow);
    enum result result = RESULT_OK;
    if (text_equal(party, text_of(directory_own(directory)->party))) {
        result = error_set(error, RESULT_INVALID,
                           "%.*s is this node; test a partner, and this node with `comesh status`",
                           TEXT_ARGS(party));
    } else if (directory_party(directory, party) == NULL &&
               rest_cards_party(directory_rest(directory), party) == NULL) {
        result = error_set(error, RESULT_NOT_FOUND,
                           "no card of '%.*s' is held; exchange cards with `comesh pair`, or "
                           "take its card with `comesh card import FILE`, without a node with "
                           "`comesh rest add FILE`",
                           TEXT_ARGS(party));
    }
    directory_release(&directory);
    return result;
}

/* ---- cards ---- */

/* When the last key of the role ends that has begun; 0 when none is valid now. */
static uint64_t role_until(const struct card *card, enum key_role role, uint64_t now_s)
{
    uint64_t until = 0;
    for (size_t i = 0; i < card->key_count[role]; i++) {
        const struct card_key *key = &card->keys[role][i];
        if (card_key_is_valid(key, now_s) && key->until_s > until) {
            until = key->until_s;
        }
    }
    return until;
}

static void card_step(const char *what, const char *whose, const struct card *card, uint64_t now_s,
                      const char *remedy, struct trial *trial)
{
    enum key_role first = KEY_IDENTITY;
    uint64_t first_s = UINT64_MAX;
    char until[TEXT_TIME_BYTES];
    for (unsigned role = 0; role < KEY_ROLE_COUNT; role++) {
        uint64_t until_s = role_until(card, (enum key_role)role, now_s);
        if (until_s < first_s) {
            first_s = until_s;
            first = (enum key_role)role;
        }
    }
    text_time(first_s, until);
    if (first_s == 0) {
        trial_add(trial, what, TRIAL_FAILED, remedy,
                  "%s card, serial %" PRIu64 ", has no %s key that is valid now", whose,
                  card->serial, key_role_text(first));
    } else if (first_s < now_s + TRIAL_EXPIRY_S) {
        trial_add(trial, what, TRIAL_WARNING, remedy,
                  "%s card, serial %" PRIu64 ": the %s key ends in %" PRIu64 " days, %s", whose,
                  card->serial, key_role_text(first), (first_s - now_s) / 86400, until);
    } else {
        trial_add(trial, what, TRIAL_OK, NULL, "%s card, serial %" PRIu64 ", is valid until %s",
                  whose, card->serial, until);
    }
}

void trial_cards(struct flow *flow, const struct card *card, struct trial *trial)
{
    char remedy[TRIAL_SENTENCE_BYTES];
    uint64_t now_s = world_wall_ms(flow->world) / 1000;
    uint64_t known = trust_known_serial(flow->trust, card->party);
    struct directory *directory = flow_directory(flow);
    const struct card *own = directory_own(directory);
    (void)snprintf(remedy, sizeof remedy,
                   "ask %s to make new keys; its node then passes the new card on by itself",
                   card->party);
    card_step("their card", "their", card, now_s, remedy, trial);
    card_step("our card", "our", own, now_s, "make new keys: `comesh key rotate`", trial);
    if (known != 0 && known < own->serial) {
        trial_add(trial, "our card there", TRIAL_WARNING,
                  "nothing, while a lane is open: our node passes the new card on",
                  "%s holds serial %" PRIu64 " of our card, and %" PRIu64 " is the newest",
                  card->party, known, own->serial);
    } else if (known != 0) {
        trial_add(trial, "our card there", TRIAL_OK, NULL,
                  "%s holds serial %" PRIu64 " of our card", card->party, known);
    } else {
        trial_add(trial, "our card there", TRIAL_SKIPPED, NULL,
                  "%s has not said which of our cards it holds; its node says it when a lane is "
                  "open",
                  card->party);
    }
    directory_release(&directory);
}

/* ---- agreements ---- */

/* Whether it counts now between us. */
static bool is_in_use(const struct flow *flow, const struct agreements *agreements,
                      const struct agreement *agreement, const char *party)
{
    enum agreement_state state =
        agreements_state(agreements, agreement, world_wall_ms(flow->world) / 1000);
    return agreement_party(agreement, text_of(flow->config->party)) != NULL &&
           agreement_party(agreement, text_of(party)) != NULL &&
           (state == AGREEMENT_IN_FORCE || state == AGREEMENT_GRACE);
}

/* "AKFTA version 2, in force, menu 1" for each that counts now between us. */
static size_t append_signed(const struct flow *flow, const struct agreements *agreements,
                            const char *party, struct buffer *out)
{
    const struct agreement *agreement;
    uint64_t now_s = world_wall_ms(flow->world) / 1000;
    size_t count = 0;
    for (size_t i = 0; (agreement = agreements_at(agreements, i)) != NULL; i++) {
        if (!is_in_use(flow, agreements, agreement, party)) {
            continue;
        }
        buffer_printf(out, "%s%s version %u, %s, menu", count == 0 ? "" : "; ", agreement->code,
                      agreement->version,
                      agreement_state_text(agreements_state(agreements, agreement, now_s)));
        for (size_t k = 0; k < agreement->menu_count; k++) {
            buffer_printf(out, " %u", agreement->menus[k].menu->version);
        }
        count++;
    }
    return count;
}

/* The sections of the configuration, where nothing is signed. */
static size_t append_configured(const struct config *config, const char *party, struct buffer *out)
{
    size_t count = 0;
    for (size_t i = 0; i < config->agreement_count; i++) {
        const struct config_agreement *agreement = &config->agreements[i];
        for (size_t k = 0; k < agreement->party_count; k++) {
            if (text_equal(text_of(agreement->parties[k]), text_of(party))) {
                buffer_printf(out, "%s%s menu %u", count == 0 ? "" : "; ", agreement->code,
                              agreement->menu_versions[0]);
                count++;
            }
        }
    }
    return count;
}

void trial_agreements(struct flow *flow, const char *party, struct trial *trial)
{
    struct buffer sentence = {0};
    bool same = false;
    enum result result = trust_compare(flow->trust, party, &same, &sentence);
    if (result == RESULT_OK) {
        trial_add(trial, "agreement", same ? TRIAL_OK : TRIAL_WARNING,
                  same ? NULL
                       : "nothing, while a lane is open: newer versions are passed on; one that "
                         "stays different is refused, and the node's log says why",
                  "%.*s", TEXT_ARGS(buffer_view(&sentence)));
    } else {
        trial_add(trial, "agreement", TRIAL_SKIPPED, NULL,
                  "%s has not told which agreements it holds; its node tells it when a lane of "
                  "version %d is open",
                  party, LANE_VERSION_TEXTS);
    }
    buffer_free(&sentence);
}

static bool has_signed(const struct agreement *agreement, const char *party)
{
    for (size_t i = 0; i < agreement->party_count; i++) {
        if (text_equal(text_of(agreement->parties[i].party), text_of(party))) {
            return (agreement->signers >> i & 1) != 0;
        }
    }
    return false;
}

void trial_signatures(struct flow *flow, const char *party, struct trial *trial)
{
    struct agreements *agreements = flow_agreements(flow);
    struct buffer list = {0};
    const struct agreement *agreement;
    for (size_t i = 0; (agreement = agreements_at(agreements, i)) != NULL; i++) {
        if (is_in_use(flow, agreements, agreement, party)) {
            buffer_printf(&list, "%s%s version %u %s", list.size == 0 ? "" : "; ", agreement->code,
                          agreement->version,
                          has_signed(agreement, party) ? "has its signature"
                                                       : "is in force by the quorum without it");
        }
    }
    trial_add(trial, "agreement", list.size > 0 ? TRIAL_OK : TRIAL_SKIPPED, NULL, "%.*s",
              TEXT_ARGS(list.size > 0 ? buffer_view(&list) : TEXT("none is signed")));
    buffer_free(&list);
    agreements_release(&agreements);
}

void trial_menus(struct flow *flow, const char *party, struct trial *trial)
{
    struct agreements *agreements = flow_agreements(flow);
    struct buffer in_force = {0};
    struct buffer configured = {0};
    size_t count = append_signed(flow, agreements, party, &in_force);
    size_t sections = append_configured(flow->config, party, &configured);
    if (count > 0) {
        trial_add(trial, "menu", TRIAL_OK, NULL, "%.*s", TEXT_ARGS(buffer_view(&in_force)));
    } else if (sections > 0) {
        trial_add(trial, "menu", TRIAL_WARNING,
                  "sign an agreement before prod: `comesh help agreement new`",
                  "by our configuration alone, which %s does not see: %.*s", party,
                  TEXT_ARGS(buffer_view(&configured)));
    } else {
        trial_add(trial, "menu", TRIAL_FAILED,
                  "agree: `comesh help agreement new`, or import what the others have signed",
                  "no agreement is in force between us and %s, so that no certificate can go",
                  party);
    }
    buffer_free(&in_force);
    buffer_free(&configured);
    agreements_release(&agreements);
}

/* ---- the clock ---- */

void trial_clock(const char *party, int64_t ahead_ms, struct trial *trial)
{
    uint64_t ms = ahead_ms < 0 ? (uint64_t)-ahead_ms : (uint64_t)ahead_ms;
    const char *where = ahead_ms < 0 ? "behind" : "ahead of";
    if (ms > FLOW_CLOCK_AHEAD_MS) {
        trial_add(trial, "clock", TRIAL_FAILED,
                  "set the clock that is wrong by a time server; both ends refuse more than five "
                  "minutes",
                  "the clock of %s is %" PRIu64 " s %s ours", party, ms / 1000, where);
    } else if (ms > TRIAL_CLOCK_MS) {
        trial_add(trial, "clock", TRIAL_WARNING, "set both clocks by a time server",
                  "the clock of %s is %" PRIu64 " s %s ours", party, ms / 1000, where);
    } else {
        trial_add(trial, "clock", TRIAL_OK, NULL, "the clock of %s is %" PRIu64 " ms %s ours",
                  party, ms, where);
    }
}
