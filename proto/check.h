/* The structural check: what the table says about a record, whatever encoding it came in.
 * Presence and number by operation, types, lengths in characters, digits, dates, codes as of the
 * day of issue, identifiers, item numbers. Rules between elements and menus are judged elsewhere.
 * Any thread. */
#ifndef COMESH_PROTO_CHECK_H
#define COMESH_PROTO_CHECK_H

#include "proto/finding.h"
#include "proto/record.h"

/* Adds a finding for everything that is wrong; findings->refusals tells whether the record holds.
 */
void check_record(const struct record *record, struct findings *findings);

/* The same by the code lists of a node; NULL for those that ship. */
void check_record_with(const struct record *record, const struct code_lists *lists,
                       struct findings *findings);

/* The day of issue, as of which codes are judged, CCYYMMDD; 0 when the document has none, or a
 * wrong one. */
uint32_t check_day(const struct record *record);

#endif
