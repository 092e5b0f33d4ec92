/* What the survey found: features, each set of them stored once, and other chains. */
#include "recorder.h"

#include <openssl/sha.h>
#include <string.h>

/* ---- features ---- */

#define ITEM_BYTES 22 /* a feature without its text */

static uint8_t *put_be(uint8_t *at, uint64_t value, size_t num_bytes)
{
    for (size_t i = 0; i < num_bytes; i++) {
        at[i] = (uint8_t)(value >> (8 * (num_bytes - 1 - i)) & 0xff);
    }
    return at + num_bytes;
}

/*
 * One feature after the other, big-endian and with the text's length plus one (0: no text), so that
 * no two sets have the same bytes on any machine.
 */
static void hash_features(const struct tc_features *features, uint8_t out[TC_SHA256_BYTES])
{
    SHA256_CTX hash;
    SHA256_Init(&hash);
    for (size_t i = 0; i < features->num_items; i++) {
        const struct tc_feature *item = &features->items[i];
        size_t text_len = item->text != NULL ? strlen(item->text) : 0;
        uint8_t bytes[ITEM_BYTES];
        uint8_t *at = put_be(bytes, item->kind, 1);
        at = put_be(at, item->version, 2);
        at = put_be(at, item->code, 4);
        at = put_be(at, (uint64_t)item->supported + 1, 1); /* TC_UNKNOWN is -1: 0 */
        at = put_be(at, item->rank, 2);
        at = put_be(at, (uint64_t)item->value, 8);
        (void)put_be(at, item->text != NULL ? text_len + 1 : 0, 4);
        SHA256_Update(&hash, bytes, sizeof bytes);
        SHA256_Update(&hash, item->text != NULL ? item->text : "", text_len);
    }
    SHA256_Final(out, &hash);
}

static enum tc_status put_features(struct tc_recorder *recorder, const struct tc_features *features,
                                   int64_t feature_set_id, struct tc_error *error)
{
    for (size_t i = 0; i < features->num_items; i++) {
        const struct tc_feature *item = &features->items[i];
        struct tc_binder binder = tc_binder_start(recorder->put_feature);
        tc_bind_int(&binder, feature_set_id);
        tc_bind_str(&binder, tc_feature_kind_str(item->kind));
        tc_bind_int(&binder, item->version);
        tc_bind_int(&binder, item->code);
        tc_bind_tristate(&binder, item->supported);
        tc_bind_id(&binder, item->rank);
        tc_bind_known(&binder, item->value);
        tc_bind_str(&binder, item->text);
        enum tc_status status = tc_recorder_run(recorder, &binder, error);
        if (status != TC_OK) {
            return status;
        }
    }
    return TC_OK;
}

enum tc_status tc_record_features(struct tc_recorder *recorder, const struct tc_features *features,
                                  int64_t *out, struct tc_error *error)
{
    uint8_t key[TC_SHA256_BYTES];
    *out = 0;
    if (features->num_items == 0) {
        return TC_OK;
    }
    hash_features(features, key);
    *out = tc_known_get(&recorder->feature_sets, key);
    if (*out != 0) {
        return TC_OK;
    }
    struct tc_binder find = tc_binder_start(recorder->find_feature_set);
    tc_bind_bytes(&find, key, sizeof key);
    enum tc_status status = tc_recorder_find(recorder, &find, out, error);
    if (status == TC_OK && *out == 0) {
        struct tc_binder put = tc_binder_start(recorder->put_feature_set);
        tc_bind_bytes(&put, key, sizeof key);
        status = tc_recorder_run(recorder, &put, error);
        if (status == TC_OK) {
            *out = sqlite3_last_insert_rowid(recorder->store->db);
            status = put_features(recorder, features, *out, error);
        }
    }
    if (status == TC_OK) {
        tc_known_put(&recorder->feature_sets, key, *out);
    }
    return status;
}

/* ---- other chains ---- */

void tc_bind_other_verdict(struct tc_binder *binder, const struct tc_chain *chain,
                           const struct tc_chain_ids *ids)
{
    tc_bind_id(binder, ids->verified_chain_id);
    tc_bind_int(binder, (int64_t)chain->num_presented);
    tc_bind_id(binder, (int64_t)chain->num_verified);
    tc_bind_str(binder, tc_chain_status_str(chain->status));
    tc_bind_int(binder, chain->trusted);
    tc_bind_str(binder, chain->trusted ? NULL : tc_trust_detail_str(chain->trust_detail));
    tc_bind_str(binder, chain->trusted ? NULL : chain->trust_text);
    if (ids->first_to_expire_id != 0) {
        tc_bind_int(binder, chain->path_not_after_s);
    } else {
        tc_bind_null(binder);
    }
}

/* In the order of put_other_chain.sql. */
static enum tc_status put_other_chain(struct tc_recorder *recorder, int64_t observation_id,
                                      const struct tc_other_chain *other,
                                      const struct tc_chain_ids *ids, struct tc_error *error)
{
    const struct tc_chain *chain = other->chain;
    struct tc_binder binder = tc_binder_start(recorder->put_other_chain);
    tc_bind_int(&binder, observation_id);
    tc_bind_str(&binder, tc_chain_role_str(other->role));
    tc_bind_int(&binder, ids->leaf_id);
    tc_bind_id(&binder, ids->presented_chain_id);
    tc_bind_other_verdict(&binder, chain, ids);
    tc_bind_tristate(&binder, other->name_match);
    return tc_recorder_run(recorder, &binder, error);
}

enum tc_status tc_record_other_chains(struct tc_recorder *recorder,
                                      const struct tc_observation *observation,
                                      int64_t observation_id, struct tc_error *error)
{
    for (size_t i = 0; i < observation->num_other_chains; i++) {
        struct tc_chain_ids ids = {0};
        const struct tc_other_chain *other = &observation->other_chains[i];
        enum tc_status status = tc_record_chain(recorder, other->chain, &ids, error);
        if (status == TC_OK && ids.leaf_id != 0) {
            status = put_other_chain(recorder, observation_id, other, &ids, error);
        }
        if (status != TC_OK) {
            return status;
        }
    }
    return TC_OK;
}
