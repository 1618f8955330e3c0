/* comesh pair: two people at two machines exchange the cards of their parties, live. This file is
 * the conversation; the protocol is keys/pairing.h, the connection line.h. */
#include "keys/pairing.h"
#include "node/core/world.h"
#include "tools/comesh/cards.h"
#include "tools/comesh/client.h"
#include "tools/comesh/line.h"
#include "tools/comesh/output.h"
#include "tools/comesh/pairings.h"
#include "tools/comesh/unlock.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define LISTEN_MINUTES 15
#define MEET_MS        10000              /* until both have shown their cards */
#define PEOPLE_MS      ((uint64_t)600000) /* for two people to compare */
#define SLIPS_MAX      5                  /* of the hand */
#define TYPED_BYTES    256

struct meeting {
    struct call *call;
    struct config *config;
    struct card *own;
    struct keypair *identity;
    char person[MINUTES_NAME_BYTES];
    struct pairing *pairing; /* of the connection of now */
    struct line line;
    struct buffer out;
    char typed[TYPED_BYTES]; /* on the keyboard, up to the end of a line */
    size_t typed_size;
};

/* ---- the keyboard ---- */

/* Reads what is there. `*whole` when that ends a line, which stands in `typed` without its end. */
static enum result keyboard_read(struct meeting *meeting, bool *whole, struct error *error)
{
    char *end = meeting->typed + meeting->typed_size;
    ssize_t got = read(STDIN_FILENO, end, TYPED_BYTES - 1 - meeting->typed_size);
    *whole = false;
    if (got <= 0) {
        return got < 0 && errno == EINTR
                   ? RESULT_OK
                   : error_set(error, RESULT_DENIED, "nobody typed what the other side reads");
    }
    meeting->typed_size += (size_t)got;
    *whole = end[got - 1] == '\n' || meeting->typed_size == TYPED_BYTES - 1;
    if (*whole) {
        meeting->typed[meeting->typed_size - 1] = '\0';
        meeting->typed_size = 0;
    }
    return RESULT_OK;
}

/* Who sits here; for the minutes. */
static enum result person_get(struct meeting *meeting, struct error *error)
{
    const char *given = call_value(meeting->call, "person");
    bool whole = false;
    enum result result = RESULT_OK;
    if (given == NULL && isatty(STDIN_FILENO) == 0) {
        return call_required(meeting->call, "person", &given, error);
    }
    if (given == NULL) {
        (void)fprintf(stderr, "Your name, for the minutes: ");
        while (result == RESULT_OK && !whole) {
            result = keyboard_read(meeting, &whole, error);
        }
        given = meeting->typed;
    }
    if (result == RESULT_OK && !minutes_name_is_valid(text_of(given))) {
        result = call_usage(meeting->call, error,
                            "the name of a person is printable and at most %zu bytes long",
                            MINUTES_NAME_BYTES - 1);
    }
    if (result == RESULT_OK) {
        (void)snprintf(meeting->person, sizeof meeting->person, "%s", given);
    }
    return result;
}

/* ---- the other side ---- */

/* Tells the other side, when it can be told, and lets go of it. */
static void hang_up(struct meeting *meeting, const struct error *error)
{
    struct error ignored;
    if (meeting->pairing != NULL) {
        pairing_refuse(meeting->pairing, error->message, &meeting->out);
        (void)!line_send(&meeting->line, &meeting->out, &ignored);
    }
    pairing_destroy(&meeting->pairing);
    line_close(&meeting->line);
    buffer_free(&meeting->out);
}

/* A sentence that may quote the other side, on one line of this terminal. */
static void tell(const char *peer, const char *sentence, const char *outcome)
{
    struct buffer out = {0};
    output_text(&out, text_of(sentence));
    (void)fprintf(stderr, "comesh: %s: %.*s; %s\n", peer, TEXT_ARGS(buffer_view(&out)), outcome);
    buffer_free(&out);
}

/* Until both know the other's card, and the string. */
static enum result meet(struct meeting *meeting, enum minutes_role side, struct error *error)
{
    const struct pairing_self self = {.side = side,
                                      .card = meeting->own,
                                      .identity = meeting->identity,
                                      .person = text_of(meeting->person),
                                      .place = text_of(call_value(meeting->call, "place")),
                                      .now_s = world_wall_ms(world_real()) / 1000};
    uint64_t deadline_ms = line_now_ms() + MEET_MS;
    struct bytes message;
    enum result result = pairing_start(&self, &meeting->pairing, &meeting->out, error);
    if (result == RESULT_OK) {
        result = line_send(&meeting->line, &meeting->out, error);
    }
    while (result == RESULT_OK && pairing_state(meeting->pairing) == PAIRING_MEETING) {
        result = line_receive(&meeting->line, -1, deadline_ms, &message, error);
        if (result == RESULT_OK) {
            result = pairing_take(meeting->pairing, message, &meeting->out, error);
        }
        if (result == RESULT_OK) {
            result = line_send(&meeting->line, &meeting->out, error);
        }
    }
    return result;
}

/* Somebody who does not show a card that fits has learnt nothing, and others are still awaited.
 * Once the string is known, this run has had its one guess, and nobody else is let in. */
static enum result listen_until_met(struct meeting *meeting, const char *address,
                                    struct error *error)
{
    int listening = -1;
    char shown[LINE_ADDRESS_BYTES] = "";
    uint64_t deadline_ms = line_now_ms() + (uint64_t)LISTEN_MINUTES * 60000;
    bool met = false;
    enum result result = line_listen(address, &listening, shown, error);
    if (result == RESULT_OK) {
        (void)fprintf(stderr,
                      "comesh: listening at %s for %d minutes; the other party now runs `comesh "
                      "pair` with an address of this machine and that port\n",
                      shown, LISTEN_MINUTES);
    }
    while (result == RESULT_OK && !met) {
        result = line_accept(listening, deadline_ms, &meeting->line, error);
        if (result == RESULT_OK) {
            struct error told = {0};
            met = meet(meeting, MINUTES_LISTENER, &told) == RESULT_OK;
            if (!met) {
                tell(meeting->line.peer, told.message, "still listening");
                hang_up(meeting, &told);
            }
        }
    }
    if (listening >= 0) {
        (void)close(listening);
    }
    return result;
}

/* ---- the two people ---- */

static void show_string(const struct meeting *meeting)
{
    const struct card *card = pairing_card(meeting->pairing);
    const char *person = pairing_person(meeting->pairing);
    char words[WORDS_TEXT_BYTES];
    char digits[WORDS_DIGITS_BYTES];
    words_text(pairing_hash(meeting->pairing), words);
    words_digits(pairing_hash(meeting->pairing), digits);
    (void)fprintf(stderr, "\nThe other side, where %s sits, shows this card:\n\n", person);
    card_print(card, NULL, stderr);
    (void)fprintf(
        stderr,
        "\nCall %s of %s, at a number that you know. Both of you see the same, or somebody "
        "stands\nbetween you. In words, and in digits:\n\n    %s\n    %s\n\n"
        "Read them to each other.\n",
        person, card->party, words, digits);
}

static void ask(const struct meeting *meeting)
{
    (void)fprintf(stderr, "Type what %s reads to you: ", pairing_person(meeting->pairing));
}

/* What was typed. A word that is not of the list is a slip, and asked for again. */
static enum result take_typed(struct meeting *meeting, unsigned *slips, struct error *error)
{
    bool whole = false;
    enum result result = keyboard_read(meeting, &whole, error);
    if (result != RESULT_OK || !whole) {
        return result;
    }
    result = pairing_confirm(meeting->pairing, text_of(meeting->typed), &meeting->out, error);
    if (result == RESULT_INVALID && ++*slips < SLIPS_MAX) {
        (void)fprintf(stderr, "%s\n", error->message);
        ask(meeting);
        return RESULT_OK;
    }
    if (result == RESULT_OK && pairing_state(meeting->pairing) == PAIRING_WAITING) {
        (void)fprintf(stderr, "comesh: confirmed here; waiting for %s\n",
                      pairing_person(meeting->pairing));
    }
    return result;
}

/* Until both have confirmed; whatever fails on one side ends it on both. */
static enum result compare(struct meeting *meeting, struct error *error)
{
    uint64_t deadline_ms = line_now_ms() + PEOPLE_MS;
    unsigned slips = 0;
    enum result result = RESULT_OK;
    show_string(meeting);
    ask(meeting);
    while (result == RESULT_OK && pairing_state(meeting->pairing) != PAIRING_PAIRED) {
        struct bytes message;
        bool asked = pairing_state(meeting->pairing) == PAIRING_COMPARING;
        result =
            line_receive(&meeting->line, asked ? STDIN_FILENO : -1, deadline_ms, &message, error);
        if (result == RESULT_OK && message.data != NULL) {
            result = pairing_take(meeting->pairing, message, &meeting->out, error);
        } else if (result == RESULT_OK) {
            result = take_typed(meeting, &slips, error);
        }
        if (result == RESULT_OK) {
            result = line_send(&meeting->line, &meeting->out, error);
        }
    }
    return result;
}

/* ---- before and after ---- */

static enum result prepare(struct meeting *meeting, struct error *error)
{
    enum result result = node_config(meeting->call, &meeting->config, error);
    if (result == RESULT_OK) {
        result = card_load(meeting->call, NULL, &meeting->own, error);
    }
    if (result == RESULT_OK) {
        result = person_get(meeting, error);
    }
    if (result == RESULT_OK) {
        result = unlock_identity(meeting->call, meeting->config, meeting->own, &meeting->identity,
                                 error);
    }
    if (result == RESULT_OK && meeting->identity == NULL) {
        (void)fprintf(stderr,
                      "comesh: the identity key is kept elsewhere; sign the minutes there later "
                      "(`comesh key sign`)\n");
    }
    return result;
}

/* What is wrong with our own files is told here alone. */
static enum result converse(struct meeting *meeting, struct error *error)
{
    enum result result = pairings_check(meeting->config, pairing_card(meeting->pairing), error);
    if (result == RESULT_OK) {
        result = compare(meeting, error);
    } else if (result != RESULT_CONFLICT) {
        pairing_refuse(meeting->pairing, "this side cannot take a card now", &meeting->out);
    }
    return result == RESULT_OK
               ? pairings_keep(meeting->call, meeting->config, meeting->pairing, error)
               : result;
}

/* Ends the conversation; a failure that came after it had begun says what it means. */
static void finish(struct meeting *meeting, enum result result, struct error *error)
{
    bool begun = meeting->pairing != NULL;
    bool paired = begun && pairing_state(meeting->pairing) == PAIRING_PAIRED;
    hang_up(meeting, error);
    if (result != RESULT_OK && begun) {
        (void)error_wrap(error, paired ? "both sides have confirmed, but what follows is not done"
                                       : "NOT PAIRED, and nothing is trusted");
    }
    keypair_destroy(&meeting->identity);
    card_destroy(&meeting->own);
    free(meeting->config);
}

static enum result run(struct call *call, struct error *error)
{
    struct meeting meeting = {.call = call, .line = {.fd = -1}};
    const char *address = call->operand_count > 0 ? call->operands[0] : NULL;
    bool listening = call_value(call, "listen") != NULL;
    if (!listening && address == NULL) {
        return call_usage(call, error,
                          "name the other side, as `comesh pair kr.example:" LINE_PORT
                          "`, or wait for it with --listen");
    }
    enum result result = prepare(&meeting, error);
    if (result == RESULT_OK && listening) {
        result = listen_until_met(&meeting, address == NULL ? ":" LINE_PORT : address, error);
    } else if (result == RESULT_OK) {
        result = line_dial(address, &meeting.line, error);
        if (result == RESULT_OK) {
            result = meet(&meeting, MINUTES_CALLER, error);
        }
    }
    if (result == RESULT_OK) {
        result = converse(&meeting, error);
    }
    finish(&meeting, result, error);
    return result;
}

const struct command command_pair = {
    .name = "pair",
    .operands = "[HOST:PORT | --listen [ADDRESS:PORT]]",
    .summary = "exchange cards with another party, live, while two people are on the telephone",
    .examples = "  comesh pair --listen                           one of the two waits\n"
                "  comesh pair gateway.customs.go.kr:" LINE_PORT "         the other comes\n",
    .details =
        "Both sides then show the same six words, and the same as digits. The two people, who "
        "know\n"
        "each other's telephone number from elsewhere, read them to each other, and each types "
        "what\n"
        "the other reads. Words that differ mean that somebody stands between the two: the run "
        "ends\n"
        "on both sides, and nothing is trusted. When both have confirmed, each node trusts the\n"
        "other's card, and both keep the same minutes in pairing/, signed by the identity keys.\n"
        "What was typed comes from stdin, a line. The node may run meanwhile, or not.\n",
    .options = {{"listen", NULL, "wait for the other side, at ADDRESS:PORT or every address",
                 false},
                {"person", "NAME", "who sits here, for the minutes; asked for on a terminal",
                 false},
                {"place", "NAME", "where, for the minutes", false},
                UNLOCK_OPTION},
    .most_operands = 1,
    .run = run,
};
