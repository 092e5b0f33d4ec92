/* A database with feature sets of one's own: each row of a test table is a set and a scan. */
#ifndef SURVEY_FIXTURE_H
#define SURVEY_FIXTURE_H

#include "tlscensus/store.h"

/* Rows of table feature without the set: kind, version, code, supported, rank, value, text. */
#define FEATURE_VERSION(code, supported) "('version',0," #code "," #supported ",NULL,NULL,NULL),"
#define FEATURE_SUITE(version, code, rank)                                                         \
    "('cipher'," #version "," #code ",1," #rank ",NULL,NULL),"
#define FEATURE_TRAIT(version, code, supported)                                                    \
    "('trait'," #version "," #code "," #supported ",NULL,NULL,NULL),"
#define FEATURE_VALUE(code, supported, value)                                                      \
    "('trait',0," #code "," #supported ",NULL," #value ",NULL),"

struct survey_fixture {
    char path[64];
    struct tc_store *store;
};

/* Makes the database; survey_fixture_add adds set `number`, met by `endpoints` of scan `number`. */
void survey_fixture_init(struct survey_fixture *fixture);
void survey_fixture_add(struct survey_fixture *fixture, int number, int endpoints,
                        const char *features);
/* Opens what was made for reading. */
void survey_fixture_open(struct survey_fixture *fixture);
void survey_fixture_cleanup(struct survey_fixture *fixture);

#endif
