/* The structural check: what the table says about a record, whatever encoding it came in.
 * Presence and number by operation, types, lengths in characters, digits, dates, codes,
 * identifiers, item numbers. Rules between elements and menus are judged elsewhere. Any thread. */
#ifndef COMESH_PROTO_CHECK_H
#define COMESH_PROTO_CHECK_H

#include "proto/finding.h"
#include "proto/record.h"

/* Adds a finding for everything that is wrong; findings->refusals tells whether the record holds.
 */
void check_record(const struct record *record, struct findings *findings);

#endif
