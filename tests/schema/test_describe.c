#include "test_support.h"

#include <stdlib.h>
#include <string.h>

#include "tlscensus/buf.h"
#include "tlscensus/describe.h"

/* What is heard of one relation, and of one of its columns. */
struct ear {
    const char *relation;
    const char *column; /* "" for the relation itself */
    bool is_here;
    unsigned times;
    struct tc_buf heard;
};

static void hear_relation(void *context, const struct tc_relation *relation)
{
    struct ear *ear = context;
    ear->is_here = strcmp(relation->name, ear->relation) == 0;
    if (ear->is_here && ear->column[0] == '\0') {
        tc_buf_addf(&ear->heard, "%s: %s", relation->is_view ? "view" : "table", relation->words);
        ear->times++;
    }
}

static void hear_column(void *context, const struct tc_column *column)
{
    struct ear *ear = context;
    if (ear->is_here && strcmp(column->name, ear->column) == 0) {
        tc_buf_addf(&ear->heard, "%s%s: %s", column->type, column->is_key ? " key" : "",
                    column->words);
        ear->times++;
    }
}

static struct describe_case {
    const char *name;
    const char *relation;
    const char *column;
    const char *heard;
} cases[] = {
    {"a table", "label_set", "", "table: owner, department, …: stored once"},
    {"a table without words", "target", "", "table: "},
    {"a view", "scan_feature_set", "",
     "view: The feature sets that a scan met, each once. Like servers share a set, so whoever asks "
     "what is supported asks it of a set first, and then which observations have it."},
    {"a view behind another", "v_endpoint", "", "view: One row per endpoint of the newest scan."},
    {"a column", "scan", "finished_s", "INTEGER: NULL while running, or killed"},
    {"a key", "endpoint", "endpoint_id", "INTEGER key: "},
    {"a column without words", "scan", "started_s", "INTEGER: "},
    {"a column whose name begins as another's", "scan", "scan_uuid", "TEXT: "},
    {"a column of a table that was made anew", "feature", "kind",
     "TEXT key: version, cipher, group, signature, alpn, trait, dh, fingerprint"},
    {"a column that was added", "observation", "starttls_leftover_bytes",
     "INTEGER: in the clear behind the server's go to TLS; NULL where there was no go"},
    {"a column of a view", "v_expiring", "host", "TEXT: "},
};

static void check_description(void **state)
{
    const struct describe_case *row = *state;
    struct ear ear = {.relation = row->relation, .column = row->column};
    const struct tc_describe_hearer hearer = {
        .context = &ear, .relation = hear_relation, .column = hear_column};
    struct tc_error error = {""};
    tc_buf_init(&ear.heard, 10000);
    assert_int_equal(tc_store_describe(&hearer, &error), TC_OK);
    assert_int_equal(ear.times, 1);
    assert_string_equal(ear.heard.data, row->heard);
    tc_buf_cleanup(&ear.heard);
}

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(cases)] = {0};
    for (size_t i = 0; i < TC_ARRAY_LEN(cases); i++) {
        tests[i].name = cases[i].name;
        tests[i].test_func = check_description;
        tests[i].initial_state = &cases[i];
    }
    return cmocka_run_group_tests_name("describe", tests, NULL, NULL);
}
