/* The tables and statements of the views. Private to views*.c.
 * Keys are small integers; `idx` is an entry's index in its channel, `position` one in the journal,
 * `below` says that all entries under it are meant. */
#ifndef COMESH_NODE_STORE_VIEWS_SCHEMA_H
#define COMESH_NODE_STORE_VIEWS_SCHEMA_H

#include "node/store/sql.h"

struct views {
    struct sql sql;
    char path[1280];
    bool claimed; /* marked as in use by this boot of the machine: see views_claim */
};

#define VIEWS_TABLES                                                                               \
    "CREATE TABLE applied(one INTEGER PRIMARY KEY, journal BLOB, position INTEGER,"                \
    " sequence INTEGER, boot TEXT);"                                                               \
    "INSERT INTO applied VALUES(1, NULL, 0, 0, '');"                                               \
    "CREATE TABLE channel(number INTEGER PRIMARY KEY, direction INTEGER, partner TEXT,"            \
    " origin TEXT, held TEXT);"                                                                    \
    "CREATE TABLE entry(channel INTEGER, idx INTEGER, position INTEGER, size INTEGER,"             \
    " operation INTEGER, exporter TEXT, number TEXT, hashes BLOB,"                                 \
    " PRIMARY KEY(channel, idx)) WITHOUT ROWID;"                                                   \
    "CREATE TABLE message(id BLOB PRIMARY KEY, channel INTEGER, idx INTEGER) WITHOUT ROWID;"       \
    "CREATE TABLE certificate(number_key TEXT, exporter TEXT, row INTEGER, position INTEGER,"      \
    " channel INTEGER, idx INTEGER, PRIMARY KEY(number_key, exporter)) WITHOUT ROWID;"             \
    "CREATE TABLE about(certificate INTEGER, position INTEGER, channel INTEGER, idx INTEGER,"      \
    " PRIMARY KEY(certificate, position)) WITHOUT ROWID;"                                          \
    "CREATE TABLE answer(channel INTEGER, idx INTEGER, time_ms INTEGER,"                           \
    " PRIMARY KEY(channel, idx)) WITHOUT ROWID;"                                                   \
    "CREATE TABLE receipt(channel INTEGER, below INTEGER, time_s INTEGER, position INTEGER,"       \
    " size INTEGER, PRIMARY KEY(channel, below)) WITHOUT ROWID;"                                   \
    "CREATE TABLE judged(channel INTEGER, below INTEGER, time_ms INTEGER,"                         \
    " PRIMARY KEY(channel, below)) WITHOUT ROWID;"                                                 \
    "CREATE TABLE taken(channel INTEGER, below INTEGER, time_ms INTEGER,"                          \
    " PRIMARY KEY(channel, below)) WITHOUT ROWID;"                                                 \
    "CREATE TABLE carried(channel INTEGER, below INTEGER, serial INTEGER,"                         \
    " PRIMARY KEY(channel, below)) WITHOUT ROWID;"                                                 \
    "CREATE TABLE remark(channel INTEGER, idx INTEGER, place_in_order INTEGER, outcome INTEGER,"   \
    " code TEXT, element TEXT, place TEXT, detail TEXT,"                                           \
    " PRIMARY KEY(channel, idx, place_in_order)) WITHOUT ROWID;"

/* symbol, statement */
#define VIEWS_STATEMENTS(X)                                                                        \
    X(BEGIN, "BEGIN IMMEDIATE")                                                                    \
    X(SNAPSHOT, "BEGIN DEFERRED")                                                                  \
    X(COMMIT, "COMMIT")                                                                            \
    X(ROLLBACK, "ROLLBACK")                                                                        \
    X(GET_APPLIED, "SELECT journal, position, sequence FROM applied")                              \
    X(PUT_APPLIED, "UPDATE applied SET journal = ?, position = ?, sequence = ?")                   \
    X(GET_BOOT, "SELECT boot FROM applied")                                                        \
    X(PUT_BOOT, "UPDATE applied SET boot = ?")                                                     \
    X(PUT_CHANNEL, "INSERT INTO channel VALUES(?, ?, ?, ?, NULL)")                                 \
    X(PUT_ENTRY, "INSERT INTO entry VALUES(?, ?, ?, ?, ?, ?, ?, ?)")                               \
    X(PUT_MESSAGE, "INSERT OR IGNORE INTO message VALUES(?, ?, ?)")                                \
    X(PUT_ISSUE, "INSERT OR IGNORE INTO certificate VALUES(?, ?, ?, ?, ?, ?)")                     \
    X(PUT_MENTION, "INSERT OR IGNORE INTO certificate VALUES(?, ?, ?, NULL, NULL, NULL)")          \
    X(FILL_ISSUE, "UPDATE certificate SET position = ?, channel = ?, idx = ?"                      \
                  " WHERE number_key = ? AND exporter = ? AND position IS NULL")                   \
    X(WITHDRAW_ISSUE, "UPDATE certificate SET position = NULL, channel = NULL, idx = NULL"         \
                      " WHERE number_key = ? AND exporter = ? AND channel = ? AND idx = ?")        \
    X(FOLLOW_ISSUE,                                                                                \
      "UPDATE certificate SET (position, channel, idx) ="                                          \
      " (SELECT about.position, about.channel, about.idx FROM about"                               \
      " JOIN entry USING(channel, idx)"                                                            \
      " WHERE about.certificate = certificate.row AND about.position > ? AND operation = ?"        \
      " AND NOT EXISTS(SELECT 1 FROM remark WHERE remark.channel = about.channel"                  \
      " AND remark.idx = about.idx AND outcome = ?)"                                               \
      " ORDER BY about.position LIMIT 1) WHERE number_key = ? AND exporter = ?")                   \
    X(DROP_ABOUT,                                                                                  \
      "DELETE FROM about WHERE (certificate, position) IN"                                         \
      " (SELECT row, position FROM certificate WHERE number_key = ? AND exporter = ?)")            \
    X(PUT_ABOUT, "INSERT INTO about SELECT row, ?, ?, ? FROM certificate"                          \
                 " WHERE number_key = ? AND exporter = ?")                                         \
    X(PUT_ANSWER, "INSERT OR IGNORE INTO answer VALUES(?, ?, ?)")                                  \
    X(PUT_RECEIPT, "INSERT OR IGNORE INTO receipt VALUES(?, ?, ?, ?, ?)")                          \
    X(PUT_JUDGED, "INSERT OR IGNORE INTO judged VALUES(?, ?, ?)")                                  \
    X(PUT_TAKEN, "INSERT OR IGNORE INTO taken VALUES(?, ?, ?)")                                    \
    X(PUT_CARRIED, "INSERT OR IGNORE INTO carried VALUES(?, ?, ?)")                                \
    X(PUT_REMARK, "INSERT OR IGNORE INTO remark VALUES(?, ?, ?, ?, ?, ?, ?, ?)")                   \
    X(PUT_HOLD, "UPDATE channel SET held = ? WHERE number = ?")                                    \
    X(PUT_RELEASE, "UPDATE channel SET held = NULL WHERE number = ?")                              \
    X(FIND_MESSAGE, "SELECT channel, idx FROM message WHERE id = ?")                               \
    X(FIND_CERTIFICATE, "SELECT row, channel, idx FROM certificate"                                \
                        " WHERE number_key = ? AND exporter = ? AND position IS NOT NULL")         \
    X(FIND_ENTRY, "SELECT position, size, operation, exporter, number FROM entry"                  \
                  " WHERE channel = ? AND idx = ?")                                                \
    X(CHANNELS, "SELECT number, direction, partner, origin, held,"                                 \
                " (SELECT count(*) FROM channel) FROM channel ORDER BY number")                    \
    X(LAST_ENTRY, "SELECT idx FROM entry WHERE channel = ? ORDER BY idx DESC LIMIT 1")             \
    X(LAST_RECEIPT, "SELECT below, time_s, position, size FROM receipt WHERE channel = ?"          \
                    " ORDER BY below DESC LIMIT 1")                                                \
    X(LAST_JUDGED, "SELECT below FROM judged WHERE channel = ? ORDER BY below DESC LIMIT 1")       \
    X(LAST_TAKEN, "SELECT below FROM taken WHERE channel = ? ORDER BY below DESC LIMIT 1")         \
    X(LAST_CARRIED, "SELECT below, serial FROM carried WHERE channel = ?"                          \
                    " ORDER BY below DESC LIMIT 1")                                                \
    X(RUN, "SELECT idx, position, size, hashes FROM entry WHERE channel = ? AND idx >= ?"          \
           " ORDER BY idx LIMIT ?")                                                                \
    X(HASHES, "SELECT hashes FROM entry WHERE channel = ? AND idx = ?")                            \
    X(CERTIFICATE, "SELECT row, position, channel, idx FROM certificate"                           \
                   " WHERE number_key = ?1 AND (?2 = '' OR exporter = ?2)")                        \
    X(ABOUT, "SELECT position, channel, idx FROM about WHERE certificate = ? ORDER BY position")   \
    X(RECEIPT, "SELECT below, time_s, position, size FROM receipt WHERE channel = ?"               \
               " AND below > ? ORDER BY below LIMIT 1")                                            \
    X(MESSAGE, "SELECT position, size, exporter, entry.number, direction, partner, origin,"        \
               " held IS NOT NULL,"                                                                \
               " (SELECT time_s FROM receipt WHERE channel = ?1 AND below > ?2"                    \
               " ORDER BY below LIMIT 1),"                                                         \
               " (SELECT time_ms FROM judged WHERE channel = ?1 AND below > ?2"                    \
               " ORDER BY below LIMIT 1),"                                                         \
               " (SELECT time_ms FROM taken WHERE channel = ?1 AND below > ?2"                     \
               " ORDER BY below LIMIT 1),"                                                         \
               " (SELECT time_ms FROM answer WHERE channel = ?1 AND idx = ?2),"                    \
               " EXISTS (SELECT 1 FROM remark WHERE channel = ?1 AND idx = ?2)"                    \
               " FROM entry JOIN channel ON channel.number = entry.channel"                        \
               " WHERE entry.channel = ?1 AND idx = ?2")                                           \
    X(REMARKS, "SELECT outcome, code, element, place, detail FROM remark"                          \
               " WHERE channel = ? AND idx = ? ORDER BY place_in_order")

static inline enum result views_no_memory(struct error *error)
{
    return error_set(error, RESULT_NO_MEMORY, "no memory for what the views found");
}

enum views_statement {
#define VIEWS_STATEMENT(symbol, text) VIEWS_##symbol,
    VIEWS_STATEMENTS(VIEWS_STATEMENT)
#undef VIEWS_STATEMENT
        VIEWS_STATEMENT_COUNT
};

_Static_assert(VIEWS_STATEMENT_COUNT <= SQL_STATEMENTS_MAX, "raise SQL_STATEMENTS_MAX");

#endif
