/* Names in the certificates of a scan that is under way, read beside the writer. */
#include "tlscensus/sql.h"
#include "tlscensus/store.h"

/* In the order of found_names.sql. */
enum column { NAME = 0, DOMAIN, FOUND_IN, PORT, IS_AGAIN, NUM_FOUND, NUM_ALL };

static enum tc_status each_row(struct tc_rows *rows, tc_found_name_hearer hear, void *context,
                               struct tc_error *error)
{
    enum tc_status status = TC_OK;
    while (status == TC_OK) {
        status = tc_rows_next(rows, error);
        int64_t port = status == TC_OK ? tc_rows_int(rows, PORT) : 0;
        if (status == TC_OK && port > 0 && port <= UINT16_MAX) {
            const struct tc_found_name found = {
                .name = tc_rows_text(rows, NAME),
                .registrable_domain = tc_rows_text(rows, DOMAIN),
                .found_in = tc_rows_text(rows, FOUND_IN),
                .port = (uint16_t)port,
                .is_again = tc_rows_int(rows, IS_AGAIN) != 0,
                .num_found = (uint64_t)tc_rows_int(rows, NUM_FOUND),
                .num_all = (uint64_t)tc_rows_int(rows, NUM_ALL),
            };
            status = hear(context, &found);
        }
    }
    return status == TC_ERR_END ? TC_OK : status;
}

enum tc_status tc_store_each_found_name(const char *path, int64_t scan_id,
                                        tc_found_name_hearer hear, void *context,
                                        struct tc_error *error)
{
    struct tc_store *store = NULL;
    struct tc_rows *rows = NULL;
    enum tc_status status = tc_store_open(&store, path, TC_STORE_READ, error);
    if (status == TC_OK) {
        status = tc_rows_open(&rows, store, tc_sql_found_names, error);
    }
    if (status == TC_OK) {
        tc_rows_bind_int(rows, ":scan_id", scan_id);
        status = each_row(rows, hear, context, error);
    }
    if (rows != NULL) {
        tc_rows_close(rows);
    }
    tc_store_close(store);
    return status;
}
