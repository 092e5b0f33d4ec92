/*
 * Inside the room: what rules find, gathered in temporary tables until all of them have spoken.
 * Details are many and mostly alike, so a finding holds the number of its detail.
 */
#ifndef SCHEMA_FOUND_H
#define SCHEMA_FOUND_H

#include "database.h"
#include "known.h"
#include "tlscensus/buf.h"

struct tc_found {
    struct tc_store *store;
    sqlite3_stmt *put;
    sqlite3_stmt *find;
    sqlite3_stmt *renew;
    sqlite3_stmt *put_detail;
    struct tc_known details; /* by the SHA-256 of the text */
    struct tc_buf joined;
};

/* Makes the tables empty. The caller closes with tc_found_close(), after a failure too. */
TC_MUST_USE enum tc_status tc_found_open(struct tc_found *found, struct tc_store *store,
                                         struct tc_error *error);
/* The tables stay for tc_finding_sets_bundle(). */
void tc_found_close(struct tc_found *found);

struct tc_finding {
    int64_t rule_id;
    int64_t observation_id;
    int64_t severity;
    const char *detail; /* NULL where the rule said nothing */
    size_t detail_len;
};
/*
 * tc_found_put takes one row of a rule. Several for one observation become one finding: the worst
 * severity, details joined. One row adds 4,000 characters at most, and a detail of as many grows no
 * more.
 */
TC_MUST_USE enum tc_status tc_found_put(struct tc_found *found, const struct tc_finding *finding,
                                        struct tc_error *error);

#endif
