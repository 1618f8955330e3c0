/* Who may pair with whom: names, environments, clocks. Any thread. */
#ifndef COMESH_KEYS_PAIRING_CHECK_H
#define COMESH_KEYS_PAIRING_CHECK_H

#include "keys/pairing.h"

/* RESULT_INVALID for names that cannot stand in minutes, RESULT_DENIED for an own card whose
 * identity key is not valid now. */
enum result pairing_check_self(const struct pairing_self *self, struct error *error) RESULT_CHECKED;

/* RESULT_DENIED for a card of another environment, of the own party or domain, or whose identity
 * key is not valid now, and for a clock that differs by more than PAIRING_CLOCK_MAX_S. */
enum result pairing_check_other(const struct pairing_self *self, const struct card *card,
                                uint64_t time_s, struct error *error) RESULT_CHECKED;

#endif
