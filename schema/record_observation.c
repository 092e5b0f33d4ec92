#include "recorder.h"

#include <openssl/sha.h>
#include <string.h>

/* column built_from */
#define BUILT_FROM_SENT  1
#define BUILT_FROM_STORE 2
#define BUILT_FROM_FLEET 4

/* Names met on the way to an address: shared, since later scans meet them again. */
static enum tc_status record_cname_chain(struct tc_recorder *recorder, const char *names,
                                         int64_t *out, struct tc_error *error)
{
    uint8_t key[TC_SHA256_BYTES];
    *out = 0;
    if (names == NULL || names[0] == '\0') {
        return TC_OK;
    }
    SHA256((const uint8_t *)names, strlen(names), key);
    *out = tc_known_get(&recorder->cname_chains, key);
    if (*out != 0) {
        return TC_OK;
    }
    struct tc_binder find = tc_binder_start(recorder->find_cname_chain);
    tc_bind_str(&find, names);
    enum tc_status status = tc_recorder_find(recorder, &find, out, error);
    if (status == TC_OK && *out == 0) {
        struct tc_binder put = tc_binder_start(recorder->put_cname_chain);
        tc_bind_str(&put, names);
        status = tc_recorder_run(recorder, &put, error);
        *out = sqlite3_last_insert_rowid(recorder->store->db);
    }
    if (status == TC_OK) {
        tc_known_put(&recorder->cname_chains, key, *out);
    }
    return status;
}

static enum tc_status find_endpoint(struct tc_recorder *recorder,
                                    const struct tc_observation *observation, int64_t *out,
                                    struct tc_error *error)
{
    struct tc_binder find = tc_binder_start(recorder->find_endpoint);
    tc_bind_int(&find, observation->target_id);
    tc_bind_str(&find, observation->address);
    return tc_recorder_find(recorder, &find, out, error);
}

/* `*out` is 0 where it is there already. */
static enum tc_status put_endpoint(struct tc_recorder *recorder,
                                   const struct tc_observation *observation, int64_t *out,
                                   struct tc_error *error)
{
    struct tc_binder put = tc_binder_start(recorder->put_endpoint);
    tc_bind_int(&put, observation->target_id);
    tc_bind_str(&put, observation->address);
    enum tc_status status = tc_recorder_run(recorder, &put, error);
    if (status == TC_OK) {
        bool is_new = sqlite3_changes(recorder->store->db) > 0;
        *out = is_new ? sqlite3_last_insert_rowid(recorder->store->db) : 0;
    }
    return status;
}

/* A first scan meets new endpoints alone, a later one hardly any: one statement is mostly enough.
 */
static enum tc_status record_endpoint(struct tc_recorder *recorder,
                                      const struct tc_observation *observation, int64_t *out,
                                      struct tc_error *error)
{
    enum tc_status status = TC_OK;
    int64_t endpoint_id = 0;
    bool was_new = recorder->endpoints_are_new;
    if (was_new) {
        status = put_endpoint(recorder, observation, &endpoint_id, error);
        recorder->endpoints_are_new = endpoint_id != 0;
    }
    if (status == TC_OK && endpoint_id == 0) {
        status = find_endpoint(recorder, observation, &endpoint_id, error);
    }
    if (status == TC_OK && endpoint_id == 0 && !was_new) {
        status = put_endpoint(recorder, observation, &endpoint_id, error);
        recorder->endpoints_are_new = true;
    }
    *out = endpoint_id;
    return status;
}

static enum tc_status record_count(struct tc_recorder *recorder,
                                   const struct tc_observation *observation, struct tc_error *error)
{
    if (observation->endpoints_count <= 1) { /* the column's default */
        return TC_OK;
    }
    struct tc_binder binder = tc_binder_start(recorder->put_endpoints_count);
    tc_bind_int(&binder, observation->endpoints_count);
    tc_bind_int(&binder, recorder->scan_id);
    tc_bind_int(&binder, observation->target_id);
    return tc_recorder_run(recorder, &binder, error);
}

static void bind_timing(struct tc_binder *binder, const struct tc_timing *timing)
{
    tc_bind_known(binder, timing->dns_us);
    tc_bind_known(binder, timing->connect_us);
    tc_bind_known(binder, timing->starttls_us);
    tc_bind_known(binder, timing->server_hello_us);
    tc_bind_known(binder, timing->handshake_us);
    tc_bind_known(binder, timing->total_us);
    tc_bind_known(binder, timing->own_us);
    tc_bind_known(binder, timing->loop_lag_us);
    tc_bind_known(binder, timing->rtt_us);
}

static void bind_handshake(struct tc_binder *binder, const struct tc_observation *observation)
{
    tc_bind_id(binder, observation->tls_version);
    tc_bind_id(binder, observation->cipher);
    tc_bind_id(binder, observation->kx_group);
    tc_bind_id(binder, observation->signature_scheme);
    tc_bind_text(binder, observation->alpn_len > 0 ? observation->alpn : NULL,
                 observation->alpn_len);
    tc_bind_tristate(binder, observation->ocsp_stapled);
    tc_bind_tristate(binder, observation->client_certificate_requested);
    tc_bind_tristate(binder, observation->hello_retry);
    tc_bind_id(binder, observation->sct_count_tls);
}

static int64_t built_from(const struct tc_chain *chain)
{
    static const int64_t bits[] = {[TC_ORIGIN_SENT] = BUILT_FROM_SENT,
                                   [TC_ORIGIN_STORE] = BUILT_FROM_STORE,
                                   [TC_ORIGIN_FLEET] = BUILT_FROM_FLEET};
    int64_t sum = 0;
    for (size_t i = 0; i < chain->num_verified; i++) {
        if (!chain->path[i].is_anchor || chain->num_verified == 1) {
            sum |= bits[chain->path[i].origin];
        }
    }
    return sum;
}

void tc_bind_verdict(struct tc_binder *binder, const struct tc_chain *chain)
{
    bool has_path = chain->num_verified > 0;
    const char *detail = tc_trust_detail_str(chain->trust_detail);
    tc_bind_int(binder, (int64_t)chain->num_presented);
    tc_bind_id(binder, (int64_t)chain->num_verified);
    tc_bind_int(binder, (int64_t)chain->presented_chain_len);
    tc_bind_int(binder, (int64_t)chain->num_extraneous);
    tc_bind_int(binder, (int64_t)chain->num_duplicates);
    tc_bind_int(binder, chain->root_sent);
    tc_bind_id(binder, has_path ? built_from(chain) : 0);
    tc_bind_str(binder, tc_chain_status_str(chain->status));
    tc_bind_int(binder, chain->trusted);
    tc_bind_str(binder, chain->trusted ? NULL : detail);
    tc_bind_str(binder, chain->trusted ? NULL : chain->trust_text);
    tc_bind_int(binder, chain->trusted_but_for_date);
}

#define VERDICT_COLUMNS 12

static void bind_chain(struct tc_binder *binder, const struct tc_observation *observation,
                       const struct tc_chain_ids *ids)
{
    const struct tc_chain *chain = observation->chain;
    tc_bind_id(binder, ids->leaf_id);
    tc_bind_id(binder, ids->presented_chain_id);
    tc_bind_id(binder, ids->verified_chain_id);
    if (chain != NULL) {
        tc_bind_verdict(binder, chain);
    } else {
        for (int i = 0; i < VERDICT_COLUMNS; i++) {
            tc_bind_null(binder);
        }
    }
    tc_bind_tristate(binder, observation->name_match);
    tc_bind_tristate(binder, observation->cn_match);
    if (ids->first_to_expire_id != 0) {
        tc_bind_int(binder, chain->path_not_after_s);
    } else {
        tc_bind_null(binder);
    }
    tc_bind_id(binder, ids->first_to_expire_id);
}

/* Rows that an observation refers to; 0 for none. */
struct shared_ids {
    int64_t endpoint_id;
    int64_t cname_chain_id;
    int64_t feature_set_id;
    struct tc_chain_ids chain;
};

/* In the order of put_observation.sql. */
static enum tc_status put_observation(struct tc_recorder *recorder,
                                      const struct tc_observation *observation,
                                      const struct shared_ids *ids, struct tc_error *error)
{
    struct tc_binder binder = tc_binder_start(recorder->put_observation);
    recorder->last_observation_id++;
    tc_bind_int(&binder, recorder->last_observation_id);
    tc_bind_int(&binder, recorder->scan_id);
    tc_bind_int(&binder, ids->endpoint_id);
    tc_bind_int(&binder, observation->observed_s);
    tc_bind_int(&binder, observation->outcome);
    tc_bind_str(&binder, tc_stage_str(observation->stage));
    tc_bind_str(&binder, observation->detail);
    tc_bind_int(&binder, observation->attempts);
    tc_bind_int(&binder, observation->connections);
    tc_bind_int(&binder, (int64_t)observation->read_bytes);
    tc_bind_id(&binder, ids->cname_chain_id);
    bind_timing(&binder, &observation->timing);
    bind_handshake(&binder, observation);
    bind_chain(&binder, observation, &ids->chain);
    tc_bind_id(&binder, ids->feature_set_id);
    tc_bind_known(&binder, observation->starttls_leftover_bytes);
    return tc_recorder_run(recorder, &binder, error);
}

static enum tc_status put_messages(struct tc_recorder *recorder,
                                   const struct tc_observation *observation, int64_t observation_id,
                                   struct tc_error *error)
{
    for (size_t i = 0; i < observation->num_messages; i++) {
        const struct tc_message *message = &observation->messages[i];
        struct tc_binder binder = tc_binder_start(recorder->put_handshake_message);
        tc_bind_int(&binder, observation_id);
        tc_bind_int(&binder, (int64_t)i);
        tc_bind_int(&binder, message->from_server);
        tc_bind_int(&binder, message->type);
        tc_bind_int(&binder, message->size_bytes);
        tc_bind_int(&binder, message->offset_us);
        enum tc_status status = tc_recorder_run(recorder, &binder, error);
        if (status != TC_OK) {
            return status;
        }
    }
    return TC_OK;
}

static enum tc_status record_shared(struct tc_recorder *recorder,
                                    const struct tc_observation *observation,
                                    struct shared_ids *out, struct tc_error *error)
{
    enum tc_status status = record_endpoint(recorder, observation, &out->endpoint_id, error);
    if (status == TC_OK) {
        status =
            record_cname_chain(recorder, observation->cname_chain, &out->cname_chain_id, error);
    }
    if (status == TC_OK) {
        status = tc_record_features(recorder, &observation->features, &out->feature_set_id, error);
    }
    if (status == TC_OK && observation->chain != NULL) {
        status = tc_record_chain(recorder, observation->chain, &out->chain, error);
    }
    return status;
}

enum tc_status tc_record_observation(struct tc_recorder *recorder,
                                     const struct tc_observation *observation, bool *out_stored,
                                     struct tc_error *error)
{
    struct shared_ids ids = {0};
    enum tc_status status = record_shared(recorder, observation, &ids, error);
    if (status == TC_OK) {
        status = record_count(recorder, observation, error);
    }
    if (status == TC_OK) {
        status = put_observation(recorder, observation, &ids, error);
    }
    if (status != TC_OK) {
        return status;
    }
    *out_stored = sqlite3_changes(recorder->store->db) > 0;
    if (!*out_stored) {
        return TC_OK;
    }
    int64_t observation_id = recorder->last_observation_id;
    status = put_messages(recorder, observation, observation_id, error);
    return status == TC_OK ? tc_record_other_chains(recorder, observation, observation_id, error)
                           : status;
}
