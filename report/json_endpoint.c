/* What an endpoint's object has besides the columns of its table: chains, features, other chains.
 */
#include "json_internal.h"

/* What follows the leaf in a chain: `,"hash","hash"`. */
enum tc_status json_fill_chain(struct tc_buf *out, void *context, int64_t id,
                               struct tc_error *error)
{
    struct json_writer *writer = context;
    enum tc_status status = TC_OK;
    if (id == 0) {
        return TC_OK;
    }
    tc_rows_reset(writer->chain_rows);
    tc_rows_bind_int(writer->chain_rows, ":chain_id", id);
    while ((status = tc_rows_next(writer->chain_rows, error)) == TC_OK) {
        tc_buf_add_str(out, ",\"");
        tc_add_hash(out, writer->chain_rows, 0);
        tc_buf_add_char(out, '"');
    }
    return status == TC_ERR_END ? TC_OK : status;
}

/* The columns of report_features.sql, in its order. */
static const struct tc_column feature_columns[] = {
    {"kind", TC_CELL_TEXT},     {"version", TC_CELL_TEXT},      {"name", TC_CELL_TEXT},
    {"code", TC_CELL_INTEGER},  {"supported", TC_CELL_BOOLEAN}, {"rank", TC_CELL_INTEGER},
    {"value", TC_CELL_INTEGER}, {"text", TC_CELL_TEXT},
};

/* What a feature set holds: an array of objects. */
enum tc_status json_fill_features(struct tc_buf *out, void *context, int64_t id,
                                  struct tc_error *error)
{
    struct json_writer *writer = context;
    enum tc_status status = TC_OK;
    tc_rows_reset(writer->feature_rows);
    tc_rows_bind_int(writer->feature_rows, ":feature_set_id", id);
    tc_buf_add_char(out, '[');
    for (bool first = true; (status = tc_rows_next(writer->feature_rows, error)) == TC_OK;
         first = false) {
        tc_buf_add_str(out, first ? "{" : ",{");
        for (size_t i = 0; i < TC_ARRAY_LEN(feature_columns); i++) {
            tc_buf_addf(out, "%s\"%s\":", i > 0 ? "," : "", feature_columns[i].name);
            json_scalar(out, writer->feature_rows, feature_columns[i].cell, (int)i);
        }
        tc_buf_add_char(out, '}');
    }
    tc_buf_add_char(out, ']');
    return status == TC_ERR_END ? TC_OK : status;
}

/* From which the two chains of a row are put together. */
static const struct tc_column chain_columns[JSON_CHAIN_COLUMNS] = {
    {"leaf_sha256", TC_CELL_HASH},           {"presented_depth", TC_CELL_INTEGER},
    {"presented_chain_id", TC_CELL_INTEGER}, {"verified_depth", TC_CELL_INTEGER},
    {"verified_chain_id", TC_CELL_INTEGER},
};

/* One chain of an endpoint as an array of hashes, leaf first; null where there is none. */
static enum tc_status json_chain(struct json_writer *writer, const char *name,
                                 const struct tc_rows *rows, int leaf, int depth, int chain_id,
                                 struct tc_error *error)
{
    struct tc_buf *out = &writer->text;
    tc_buf_addf(out, ",\"%s\":", name);
    if (tc_rows_is_null(rows, depth) || tc_rows_is_null(rows, leaf)) {
        return tc_buf_add_str(out, "null");
    }
    tc_buf_add_str(out, "[\"");
    tc_add_hash(out, rows, leaf);
    tc_buf_add_char(out, '"');
    enum tc_status status =
        tc_text_cache_add(out, writer->chains, tc_rows_int(rows, chain_id), error);
    tc_buf_add_char(out, ']');
    return status;
}

static enum tc_status json_chains(struct json_writer *writer, const struct tc_rows *rows,
                                  const int *sources, struct tc_error *error)
{
    enum tc_status status =
        json_chain(writer, "presented_chain", rows, sources[JSON_CHAIN_LEAF],
                   sources[JSON_CHAIN_PRESENTED_DEPTH], sources[JSON_CHAIN_PRESENTED_ID], error);
    if (status == TC_OK) {
        status =
            json_chain(writer, "verified_chain", rows, sources[JSON_CHAIN_LEAF],
                       sources[JSON_CHAIN_VERIFIED_DEPTH], sources[JSON_CHAIN_VERIFIED_ID], error);
    }
    return status;
}

/* What a row of the endpoints' query has beside the columns of the table. */
static const struct tc_column endpoint_columns[JSON_ENDPOINT_COLUMNS] = {
    {"observation_id", TC_CELL_INTEGER}, {"feature_set_id", TC_CELL_INTEGER}};

enum tc_status json_endpoint_match(struct json_endpoint_sources *out, const struct tc_rows *rows,
                                   struct tc_error *error)
{
    enum tc_status status =
        tc_columns_match(out->chains, chain_columns, JSON_CHAIN_COLUMNS, rows, error);
    return status == TC_OK ? tc_columns_match(out->endpoint, endpoint_columns,
                                              JSON_ENDPOINT_COLUMNS, rows, error)
                           : status;
}

static const struct tc_column other_columns[] = {
    {"role", TC_CELL_TEXT},
    {"presented_depth", TC_CELL_INTEGER},
    {"verified_depth", TC_CELL_INTEGER},
    {"chain_status", TC_CELL_TEXT},
    {"trusted", TC_CELL_BOOLEAN},
    {"trust_detail", TC_CELL_TEXT},
    {"name_match", TC_CELL_BOOLEAN},
    {"chain_expires_utc", TC_CELL_TIME},
};

static enum tc_status json_other_chains(struct json_writer *writer, int64_t observation_id,
                                        struct tc_error *error)
{
    int sources[TC_ARRAY_LEN(other_columns)] = {0};
    int chains[JSON_CHAIN_COLUMNS] = {0};
    const struct json_table table = {writer->other_rows, other_columns, TC_ARRAY_LEN(other_columns),
                                     sources};
    enum tc_status status =
        tc_columns_match(sources, other_columns, table.num_columns, table.rows, error);
    if (status == TC_OK) {
        status = tc_columns_match(chains, chain_columns, JSON_CHAIN_COLUMNS, table.rows, error);
    }
    if (status != TC_OK) {
        return status;
    }
    tc_rows_reset(table.rows);
    tc_rows_bind_int(table.rows, ":observation_id", observation_id);
    tc_buf_add_char(&writer->text, '[');
    for (bool first = true; (status = tc_rows_next(table.rows, error)) == TC_OK; first = false) {
        tc_buf_add_str(&writer->text, first ? "{" : ",{");
        status = json_members(writer, &table, error);
        if (status == TC_OK) {
            status = json_chains(writer, table.rows, chains, error);
        }
        if (status != TC_OK) {
            return status;
        }
        tc_buf_add_char(&writer->text, '}');
    }
    tc_buf_add_char(&writer->text, ']');
    return status == TC_ERR_END ? TC_OK : status;
}

/* What the survey found; null where there was none. */
static enum tc_status json_survey(struct json_writer *writer, const struct tc_rows *rows,
                                  const int *sources, struct tc_error *error)
{
    struct tc_buf *out = &writer->text;
    int feature_set_id = sources[JSON_ENDPOINT_FEATURE_SET_ID];
    if (tc_rows_is_null(rows, feature_set_id)) {
        return tc_buf_add_str(out, ",\"features\":null,\"other_chains\":null");
    }
    tc_buf_add_str(out, ",\"features\":");
    enum tc_status status =
        tc_text_cache_add(out, writer->features, tc_rows_int(rows, feature_set_id), error);
    if (status != TC_OK) {
        return status;
    }
    tc_buf_add_str(out, ",\"other_chains\":");
    return json_other_chains(writer, tc_rows_int(rows, sources[JSON_ENDPOINT_OBSERVATION_ID]),
                             error);
}

enum tc_status json_endpoint(struct json_writer *writer, const struct tc_rows *rows,
                             const struct json_endpoint_sources *sources, struct tc_error *error)
{
    enum tc_status status = json_chains(writer, rows, sources->chains, error);
    return status == TC_OK ? json_survey(writer, rows, sources->endpoint, error) : status;
}
