/* Who may pair. See pairing_check.h. */
#include "keys/pairing_check.h"

#include "keys/text.h"
#include "proto/utf8.h"

#define SHOWN_MAX 80 /* bytes of a name that a sentence repeats */

static struct text shown(struct text name)
{
    return utf8_cut(name, SHOWN_MAX);
}

enum result pairing_check_self(const struct pairing_self *self, struct error *error)
{
    if (!minutes_name_is_valid(self->person) ||
        (self->place.size > 0 && !minutes_name_is_valid(self->place))) {
        return error_set(error, RESULT_INVALID,
                         "person '%.*s', place '%.*s': give the printable name of a person, and of "
                         "a place or none, each below %zu bytes",
                         TEXT_ARGS(shown(self->person)), TEXT_ARGS(shown(self->place)),
                         MINUTES_NAME_BYTES);
    }
    if (!card_key_is_valid(&self->card->keys[KEY_IDENTITY][0], self->now_s)) {
        return error_set(error, RESULT_DENIED,
                         "the identity key on the own card, of %s, is not valid now; make a new "
                         "card first",
                         self->card->party);
    }
    return RESULT_OK;
}

static enum result clock_check(const struct pairing_self *self, const struct card *card,
                               uint64_t time_s, struct error *error)
{
    char ours[TEXT_TIME_BYTES];
    char theirs[TEXT_TIME_BYTES];
    uint64_t apart = time_s > self->now_s ? time_s - self->now_s : self->now_s - time_s;
    if (apart <= PAIRING_CLOCK_MAX_S) {
        return RESULT_OK;
    }
    text_time(self->now_s, ours);
    text_time(time_s, theirs);
    return error_set(error, RESULT_DENIED,
                     "the clock of %s shows %s, that of %s %s; set the wrong one, and pair again",
                     self->card->party, ours, card->party, theirs);
}

enum result pairing_check_other(const struct pairing_self *self, const struct card *card,
                                uint64_t time_s, struct error *error)
{
    const struct card *own = self->card;
    if (!text_equal(text_of(card->environment), text_of(own->environment))) {
        return error_set(error, RESULT_DENIED,
                         "the card of %s is of environment %s, that of %s of %s; pair nodes of one "
                         "environment",
                         card->party, card->environment, own->party, own->environment);
    }
    if (text_equal(text_of(card->party), text_of(own->party)) ||
        text_equal(text_of(card->domain), text_of(own->domain))) {
        return error_set(error, RESULT_DENIED,
                         "the cards are of %s (%s) and %s (%s); two different parties pair",
                         own->party, own->domain, card->party, card->domain);
    }
    if (!card_key_is_valid(&card->keys[KEY_IDENTITY][0], self->now_s)) {
        return error_set(error, RESULT_DENIED,
                         "the identity key of %s is not valid now; it needs a new card",
                         card->party);
    }
    return clock_check(self, card, time_s, error);
}
