/* Findings as the commands show them. */
#ifndef COMESH_TOOLS_COMESH_FINDINGS_H
#define COMESH_TOOLS_COMESH_FINDINGS_H

#include "proto/finding.h"

/* A line for each on stderr, or with `json` an array on stdout. */
enum result findings_tell(const struct findings *findings, bool json,
                          struct error *error) RESULT_CHECKED;

#endif
