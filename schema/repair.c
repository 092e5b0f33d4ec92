/*
 * When a scan closes: chains without a trusted complete path are judged again, with the
 * intermediates that other endpoints sent, so that the order of arrival does not matter.
 */
#include <stdlib.h>

#include "recorder.h"
#include "tlscensus/sql.h"

#define COMMIT_EVERY 500U /* judged chains in one transaction */

/* Adds the certificate in column 0. */
static enum tc_status pile_add(struct tc_cert_pile *pile, sqlite3_stmt *row)
{
    const void *der = sqlite3_column_blob(row, 0);
    size_t der_len = (size_t)sqlite3_column_bytes(row, 0);
    struct tc_cert *cert = NULL;
    struct tc_cert **grown = realloc(pile->certs, (pile->num_certs + 1) * sizeof(struct tc_cert *));
    if (grown == NULL) {
        return TC_ERR_NOMEM;
    }
    pile->certs = grown;
    enum tc_status status = tc_cert_new(&cert, der, der_len);
    if (status == TC_OK) {
        grown[pile->num_certs++] = cert;
    }
    return status;
}

/* Fills `pile` from a statement whose parameters are bound. Resets it. */
static enum tc_status pile_read(struct tc_store *store, struct tc_cert_pile *pile,
                                sqlite3_stmt *statement, struct tc_error *error)
{
    enum tc_status status = TC_OK;
    int rc = sqlite3_step(statement);
    while (rc == SQLITE_ROW && status == TC_OK) {
        status = pile_add(pile, statement);
        rc = sqlite3_step(statement);
    }
    if (status != TC_OK) {
        (void)tc_fail(error, status, "%s: %s while reading certificates", store->path,
                      tc_status_str(status));
    } else if (rc != SQLITE_DONE) {
        status = tc_db_fail(store, error, "reading certificates");
    }
    (void)sqlite3_reset(statement);
    return status;
}

enum tc_status tc_store_fleet_cas(struct tc_store *store, struct tc_cert_pile *out,
                                  struct tc_error *error)
{
    sqlite3_stmt *statement = NULL;
    struct tc_cert_pile pile = {0};
    enum tc_status status = tc_db_prepare(store, &statement, tc_sql_fleet_cas, false, error);
    if (status == TC_OK) {
        status = pile_read(store, &pile, statement, error);
    }
    sqlite3_finalize(statement);
    if (status != TC_OK) {
        tc_cert_pile_cleanup(&pile);
        return status;
    }
    *out = pile;
    return TC_OK;
}

/* ---- judging again ---- */

struct repair_shop {
    struct tc_store *store;
    struct tc_recorder recorder;
    sqlite3_stmt *list;      /* the broken chains */
    sqlite3_stmt *presented; /* the certificates of one */
    sqlite3_stmt *put;       /* its new verdict */
    sqlite3_stmt *put_other; /* the same, where it was met as another chain */
    tc_repair_judge judge;
    void *context;
    uint64_t repaired;
    unsigned in_transaction;
};

static enum tc_status shop_open(struct repair_shop *shop, int64_t scan_id, struct tc_error *error)
{
    struct tc_store *store = shop->store;
    sqlite3_stmt *fill = NULL;
    enum tc_status status = tc_recorder_open(&shop->recorder, store, scan_id, false, error);
    if (status == TC_OK) {
        status = tc_db_exec(store, tc_sql_make_broken_chains, "looking for broken chains", error);
    }
    if (status == TC_OK) {
        status = tc_db_prepare(store, &fill, tc_sql_fill_broken_chains, false, error);
    }
    if (status == TC_OK) {
        tc_db_bind_int(fill, ":scan_id", scan_id);
        if (sqlite3_step(fill) != SQLITE_DONE) {
            status = tc_db_fail(store, error, "looking for broken chains");
        }
    }
    sqlite3_finalize(fill);
    if (status == TC_OK) {
        status = tc_db_prepare(store, &shop->list, tc_sql_list_broken_chains, false, error);
    }
    if (status == TC_OK) {
        status = tc_db_prepare(store, &shop->presented, tc_sql_presented_ders, false, error);
    }
    if (status == TC_OK) {
        status = tc_db_prepare(store, &shop->put, tc_sql_put_verdict, false, error);
    }
    return status == TC_OK
               ? tc_db_prepare(store, &shop->put_other, tc_sql_put_other_verdict, false, error)
               : status;
}

static void shop_close(struct repair_shop *shop)
{
    sqlite3_finalize(shop->list);
    sqlite3_finalize(shop->presented);
    sqlite3_finalize(shop->put);
    sqlite3_finalize(shop->put_other);
    (void)sqlite3_exec(shop->store->db, tc_sql_drop_broken_chains, NULL, NULL, NULL);
    tc_recorder_close(&shop->recorder);
}

static enum tc_status put_verdict(struct repair_shop *shop, const struct tc_repair *repair,
                                  const struct tc_chain *chain, const struct tc_chain_ids *ids,
                                  struct tc_error *error)
{
    struct tc_binder binder = tc_binder_start(shop->put);
    tc_bind_verdict(&binder, chain);
    tc_bind_id(&binder, ids->verified_chain_id);
    if (ids->first_to_expire_id != 0) {
        tc_bind_int(&binder, chain->path_not_after_s);
    } else {
        tc_bind_null(&binder);
    }
    tc_bind_id(&binder, ids->first_to_expire_id);
    tc_bind_int(&binder, repair->leaf_id);
    tc_bind_int(&binder, shop->recorder.scan_id);
    tc_bind_id(&binder, repair->presented_chain_id);
    enum tc_status status = tc_recorder_run(&shop->recorder, &binder, error);
    if (status == TC_OK) {
        shop->repaired += (uint64_t)sqlite3_changes64(shop->store->db);
    }
    return status;
}

static enum tc_status put_other_verdict(struct repair_shop *shop, const struct tc_repair *repair,
                                        const struct tc_chain *chain,
                                        const struct tc_chain_ids *ids, struct tc_error *error)
{
    struct tc_binder binder = tc_binder_start(shop->put_other);
    tc_bind_other_verdict(&binder, chain, ids);
    tc_bind_int(&binder, repair->leaf_id);
    tc_bind_id(&binder, repair->presented_chain_id);
    tc_bind_int(&binder, shop->recorder.scan_id);
    return tc_recorder_run(&shop->recorder, &binder, error);
}

/* What came of a chain, wherever the scan met it. */
static enum tc_status put_verdicts(struct repair_shop *shop, const struct tc_repair *repair,
                                   const struct tc_chain *chain, struct tc_error *error)
{
    struct tc_chain_ids ids = {0};
    enum tc_status status = tc_record_chain(&shop->recorder, chain, &ids, error);
    if (status == TC_OK) {
        status = put_verdict(shop, repair, chain, &ids, error);
    }
    return status == TC_OK ? put_other_verdict(shop, repair, chain, &ids, error) : status;
}

/* One chain: read, judge, and store what came of it. */
static enum tc_status mend(struct repair_shop *shop, struct tc_repair *repair,
                           struct tc_error *error)
{
    struct tc_chain *chain = NULL;
    struct tc_binder binder = tc_binder_start(shop->presented);
    tc_bind_int(&binder, repair->leaf_id);
    tc_bind_int(&binder, repair->presented_chain_id);
    enum tc_status status = pile_read(shop->store, &repair->presented, shop->presented, error);
    if (status == TC_OK) {
        status = shop->judge(shop->context, repair, &chain);
        if (status != TC_OK) {
            (void)tc_fail(error, status, "%s: %s while judging a chain again", shop->store->path,
                          tc_status_str(status));
        }
    }
    if (status == TC_OK && chain != NULL) {
        status = put_verdicts(shop, repair, chain, error);
    }
    if (chain != NULL) {
        tc_chain_release(chain);
    }
    tc_cert_pile_cleanup(&repair->presented);
    return status;
}

static enum tc_status commit_now_and_then(struct repair_shop *shop, struct tc_error *error)
{
    if (++shop->in_transaction < COMMIT_EVERY) {
        return TC_OK;
    }
    shop->in_transaction = 0;
    enum tc_status status = tc_db_commit(shop->store, error);
    return status == TC_OK ? tc_db_begin(shop->store, error) : status;
}

static enum tc_status mend_all(struct repair_shop *shop, struct tc_error *error)
{
    enum tc_status status = tc_db_begin(shop->store, error);
    int rc = SQLITE_DONE;
    while (status == TC_OK && (rc = sqlite3_step(shop->list)) == SQLITE_ROW) {
        struct tc_repair repair = {.leaf_id = sqlite3_column_int64(shop->list, 0),
                                   .presented_chain_id = sqlite3_column_int64(shop->list, 1)};
        status = mend(shop, &repair, error);
        if (status == TC_OK) {
            status = commit_now_and_then(shop, error);
        }
    }
    if (status == TC_OK && rc != SQLITE_DONE) {
        status = tc_db_fail(shop->store, error, "reading broken chains");
    }
    (void)sqlite3_reset(shop->list);
    if (status == TC_OK) {
        status = tc_db_commit(shop->store, error);
    }
    tc_db_rollback(shop->store);
    return status;
}

enum tc_status tc_store_each_broken_chain(struct tc_store *store, int64_t scan_id,
                                          tc_repair_judge judge, void *context,
                                          uint64_t *out_repaired, struct tc_error *error)
{
    struct repair_shop shop = {.store = store, .judge = judge, .context = context};
    enum tc_status status = shop_open(&shop, scan_id, error);
    if (status == TC_OK) {
        status = mend_all(&shop, error);
    }
    shop_close(&shop);
    if (status == TC_OK) {
        *out_repaired = shop.repaired;
    }
    return status;
}
