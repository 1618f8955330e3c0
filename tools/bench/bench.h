/* The subcommands of comesh-bench. Arguments begin with the subcommand's own name, or the
 * program's. Each gives an exit code of sysexits.h. */
#ifndef COMESH_TOOLS_BENCH_BENCH_H
#define COMESH_TOOLS_BENCH_BENCH_H

/* Measures, prints the table, writes JSON. */
int command_measure(int count, char **arguments);

/* Writes sample certificates to stdout. */
int command_sample(int count, char **arguments);

/* Serves HTTP with nothing behind it, until stdin ends. */
int command_http_floor(int count, char **arguments);

/* Posts certificates over TLS, tells the rate and the p99. */
int command_http_load(int count, char **arguments);

#endif
