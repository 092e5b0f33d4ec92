/* What earlier scans found of an endpoint, read beside the writer. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "tlscensus/features.h"
#include "tlscensus/sql.h"
#include "tlscensus/store.h"

struct tc_earlier {
    pthread_mutex_t lock;   /* guards the rest: one asks at a time */
    struct tc_store *store; /* a connection of its own */
    struct tc_rows *rows;
};

/* In the order of earlier_features.sql. */
enum column { KIND = 0, VERSION, CODE, SUPPORTED, RANK, VALUE, TEXT };

enum tc_status tc_earlier_open(struct tc_earlier **out, const char *path, int64_t scan_id,
                               struct tc_error *error)
{
    struct tc_earlier *earlier = calloc(1, sizeof *earlier);
    if (earlier == NULL || pthread_mutex_init(&earlier->lock, NULL) != 0) {
        free(earlier);
        return tc_fail(error, TC_ERR_NOMEM, "%s: out of memory", path);
    }
    enum tc_status status = tc_store_open(&earlier->store, path, TC_STORE_READ, error);
    if (status == TC_OK) {
        status = tc_rows_open(&earlier->rows, earlier->store, tc_sql_earlier_features, error);
    }
    if (status != TC_OK) {
        tc_earlier_close(earlier);
        return status;
    }
    tc_rows_bind_int(earlier->rows, ":scan_id", scan_id);
    *out = earlier;
    return TC_OK;
}

void tc_earlier_close(struct tc_earlier *earlier)
{
    if (earlier == NULL) {
        return;
    }
    if (earlier->rows != NULL) {
        tc_rows_close(earlier->rows);
    }
    tc_store_close(earlier->store);
    pthread_mutex_destroy(&earlier->lock);
    free(earlier);
}

/* False for a kind that this program does not know: a later one may have written it. */
static bool find_kind(enum tc_feature_kind *out, const char *name)
{
    for (int kind = 0; kind < TC_FEATURE_KIND_COUNT; kind++) {
        if (strcmp(tc_feature_kind_str((enum tc_feature_kind)kind), name) == 0) {
            *out = (enum tc_feature_kind)kind;
            return true;
        }
    }
    return false;
}

/* No survey writes other numbers: cut to their width they would tell of something else. */
static bool is_in_range(const struct tc_rows *rows)
{
    int64_t version = tc_rows_int(rows, VERSION);
    int64_t code = tc_rows_int(rows, CODE);
    int64_t rank = tc_rows_int(rows, RANK);
    return version >= 0 && version <= UINT16_MAX && code >= 0 && code <= UINT32_MAX && rank >= 0 &&
           rank <= UINT16_MAX;
}

static enum tc_status put_row(struct tc_features *features, const struct tc_rows *rows)
{
    char *text = NULL;
    struct tc_feature feature = {
        .version = (uint16_t)tc_rows_int(rows, VERSION),
        .code = (uint32_t)tc_rows_int(rows, CODE),
        .rank = (uint16_t)tc_rows_int(rows, RANK),
        .value = tc_rows_is_null(rows, VALUE) ? TC_FEATURE_NO_VALUE : tc_rows_int(rows, VALUE),
        .supported = tc_rows_is_null(rows, SUPPORTED)    ? TC_UNKNOWN
                     : tc_rows_int(rows, SUPPORTED) != 0 ? TC_YES
                                                         : TC_NO,
    };
    if (!is_in_range(rows) || !find_kind(&feature.kind, tc_rows_text(rows, KIND))) {
        return TC_OK;
    }
    if (!tc_rows_is_null(rows, TEXT)) {
        text = strdup(tc_rows_text(rows, TEXT));
        if (text == NULL) {
            return TC_ERR_NOMEM;
        }
    }
    feature.text = text;
    enum tc_status status = tc_features_put(features, &feature);
    free(text);
    return status;
}

static enum tc_status read_rows(struct tc_earlier *earlier, struct tc_features *out,
                                struct tc_error *error)
{
    enum tc_status status = TC_OK;
    while (status == TC_OK) {
        status = tc_rows_next(earlier->rows, error);
        if (status == TC_OK) {
            status = put_row(out, earlier->rows);
            if (status != TC_OK) {
                (void)tc_fail(error, status, "%s: %s", tc_store_path(earlier->store),
                              tc_status_str(status));
            }
        }
    }
    return status == TC_ERR_END ? TC_OK : status;
}

enum tc_status tc_earlier_features(struct tc_earlier *earlier, struct tc_features *out,
                                   int64_t target_id, const char *address, enum tc_profile profile,
                                   struct tc_error *error)
{
    struct tc_features features = {0};
    pthread_mutex_lock(&earlier->lock);
    tc_rows_bind_int(earlier->rows, ":target_id", target_id);
    tc_rows_bind_text(earlier->rows, ":address", address);
    tc_rows_bind_text(earlier->rows, ":profile", tc_profile_str(profile));
    enum tc_status status = read_rows(earlier, &features, error);
    tc_rows_reset(earlier->rows); /* no read transaction stays: it would hold up a checkpoint */
    pthread_mutex_unlock(&earlier->lock);
    if (status == TC_OK && features.num_items == 0) {
        status = TC_ERR_NOT_FOUND;
    }
    if (status != TC_OK) {
        tc_features_cleanup(&features);
        return status;
    }
    *out = features;
    return TC_OK;
}
