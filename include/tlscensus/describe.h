/*
 * What is in a database, for whoever reads it with other tools: tables, views and columns, with the
 * words of schema/migrations and schema/views.sql.
 */
#ifndef TLSCENSUS_DESCRIBE_H
#define TLSCENSUS_DESCRIBE_H

#include <stdbool.h>

#include "tlscensus/status.h"

struct tc_relation {
    const char *name;
    bool is_view;
    const char *words; /* one paragraph, "" where its name says all */
};

struct tc_column {
    const char *name;
    const char *type;  /* INTEGER, TEXT, BLOB; "" for what a view computes */
    bool is_key;       /* part of the primary key */
    const char *words; /* "" where its name says all */
};

/* Hears a relation, then its columns in their order. Texts are borrowed for the call. */
struct tc_describe_hearer {
    void *context;
    void (*relation)(void *context, const struct tc_relation *relation);
    void (*column)(void *context, const struct tc_column *column);
};

/*
 * tc_store_describe tells the whole database of this version: views first, which are for people,
 * then tables, each by name.
 *
 * Errors: TC_ERR_NOMEM, TC_ERR_STORE.
 */
TC_MUST_USE enum tc_status tc_store_describe(const struct tc_describe_hearer *hearer,
                                             struct tc_error *error);

#endif
