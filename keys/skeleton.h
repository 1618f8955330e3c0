/* What a name looks like: two names that people take for one have one skeleton. Drops case, blanks,
 * hyphens, dots and accents, and takes Greek, Cyrillic, full-width and figure look-alikes of Latin
 * letters for these letters (an excerpt of Unicode TR 39). It does not know all look-alikes of all
 * scripts: a help against a mistake and an easy trick, beside the fingerprint, not in its place.
 * Any thread. */
#ifndef COMESH_KEYS_SKELETON_H
#define COMESH_KEYS_SKELETON_H

#include "proto/bytes.h"

/* Appends the skeleton of valid UTF-8. */
void skeleton_append(struct text name, struct buffer *out);

bool skeleton_is_same(struct text a, struct text b);

#endif
