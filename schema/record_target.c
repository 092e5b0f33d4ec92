#include "recorder.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DONE_MAX 65536U /* addresses of one name: far above what a lookup gives */

/* ---- labels ---- */

static size_t num_labels(const struct tc_labels *labels)
{
    return labels->names != NULL ? labels->names->num_names : 0;
}

static void hash_text(SHA256_CTX *hash, const char *text)
{
    uint64_t len = strlen(text); /* so that no two sets have the same bytes */
    SHA256_Update(hash, &len, sizeof len);
    SHA256_Update(hash, text, (size_t)len);
}

/* The canonical text is position, name and value of each cell that is not empty, in order. */
static bool hash_labels(const struct tc_labels *labels, uint8_t out[TC_SHA256_BYTES])
{
    SHA256_CTX hash;
    bool any = false;
    SHA256_Init(&hash);
    for (size_t i = 0; i < num_labels(labels); i++) {
        if (labels->values[i] != NULL) {
            uint64_t position = i + 1;
            any = true;
            SHA256_Update(&hash, &position, sizeof position);
            hash_text(&hash, labels->names->names[i]);
            hash_text(&hash, labels->values[i]);
        }
    }
    SHA256_Final(out, &hash);
    return any;
}

static enum tc_status put_labels(struct tc_recorder *recorder, const struct tc_labels *labels,
                                 int64_t label_set_id, struct tc_error *error)
{
    for (size_t i = 0; i < num_labels(labels); i++) {
        if (labels->values[i] == NULL) {
            continue;
        }
        struct tc_binder binder = tc_binder_start(recorder->put_label);
        tc_bind_int(&binder, label_set_id);
        tc_bind_str(&binder, labels->names->names[i]);
        tc_bind_str(&binder, labels->values[i]);
        tc_bind_int(&binder, (int64_t)i + 1);
        enum tc_status status = tc_recorder_run(recorder, &binder, error);
        if (status != TC_OK) {
            return status;
        }
    }
    return TC_OK;
}

/* `*out` is 0 where the line has no label. */
static enum tc_status record_labels(struct tc_recorder *recorder, const struct tc_labels *labels,
                                    int64_t *out, struct tc_error *error)
{
    uint8_t key[TC_SHA256_BYTES];
    *out = 0;
    if (!hash_labels(labels, key)) {
        return TC_OK;
    }
    *out = tc_known_get(&recorder->label_sets, key);
    if (*out != 0) {
        return TC_OK;
    }
    struct tc_binder find = tc_binder_start(recorder->find_label_set);
    tc_bind_bytes(&find, key, sizeof key);
    enum tc_status status = tc_recorder_find(recorder, &find, out, error);
    if (status == TC_OK && *out == 0) {
        struct tc_binder put = tc_binder_start(recorder->put_label_set);
        tc_bind_bytes(&put, key, sizeof key);
        status = tc_recorder_run(recorder, &put, error);
        if (status == TC_OK) {
            *out = sqlite3_last_insert_rowid(recorder->store->db);
            status = put_labels(recorder, labels, *out, error);
        }
    }
    if (status == TC_OK) {
        tc_known_put(&recorder->label_sets, key, *out);
    }
    return status;
}

/* ---- lines that gave nothing ---- */

static enum tc_status put_rejection(struct tc_recorder *recorder, const char *file, uint64_t line,
                                    const char *text, const char *reason, struct tc_error *error)
{
    struct tc_binder binder = tc_binder_start(recorder->put_rejected_target);
    tc_bind_int(&binder, recorder->scan_id);
    tc_bind_str(&binder, file);
    tc_bind_int(&binder, (int64_t)line);
    tc_bind_str(&binder, text);
    tc_bind_str(&binder, reason);
    return tc_recorder_run(recorder, &binder, error);
}

enum tc_status tc_record_rejection(struct tc_recorder *recorder,
                                   const struct tc_rejection *rejection, struct tc_error *error)
{
    return put_rejection(recorder, rejection->file, rejection->line, rejection->text,
                         rejection->reason, error);
}

/* ---- targets ---- */

static void bind_target_key(struct tc_binder *binder, const struct tc_target *target)
{
    tc_bind_str(binder, target->host);
    tc_bind_int(binder, target->port);
    tc_bind_str(binder, tc_protocol_str(target->protocol));
    tc_bind_str(binder, target->pinned_address != NULL ? target->pinned_address : "");
    tc_bind_str(binder, target->sni != NULL ? target->sni : "");
}

/* NULL where the scan's holds. */
static const char *own_profile(const struct tc_target *target)
{
    return target->has_profile ? tc_profile_str(target->profile) : NULL;
}

static enum tc_status put_target(struct tc_recorder *recorder, struct tc_target *target,
                                 struct tc_error *error)
{
    struct tc_binder put = tc_binder_start(recorder->put_target);
    bind_target_key(&put, target);
    tc_bind_str(&put, target->host_unicode);
    tc_bind_str(&put, target->registrable_domain);
    tc_bind_str(&put, target->input_text);
    enum tc_status status = tc_recorder_run(recorder, &put, error);
    if (status != TC_OK) {
        return status;
    }
    if (sqlite3_changes(recorder->store->db) > 0) {
        target->target_id = sqlite3_last_insert_rowid(recorder->store->db);
        return TC_OK;
    }
    struct tc_binder find = tc_binder_start(recorder->find_target);
    bind_target_key(&find, target);
    return tc_recorder_find(recorder, &find, &target->target_id, error);
}

/* put_scan_target and renew_scan_target have the same parameters. */
static enum tc_status run_scan_target(struct tc_recorder *recorder, sqlite3_stmt *statement,
                                      const struct tc_target *target, int64_t label_set_id,
                                      struct tc_error *error)
{
    struct tc_binder binder = tc_binder_start(statement);
    tc_bind_int(&binder, recorder->scan_id);
    tc_bind_int(&binder, target->target_id);
    tc_bind_id(&binder, label_set_id);
    tc_bind_int(&binder, (int64_t)target->input_line);
    tc_bind_str(&binder, target->input_text);
    tc_bind_int(&binder, recorder->run);
    tc_bind_str(&binder, target->found_in);
    tc_bind_str(&binder, own_profile(target));
    return tc_recorder_run(recorder, &binder, error);
}

/* What the scan knows of a target that it had before. */
struct earlier {
    int64_t run;
    int64_t label_set_id; /* 0: none */
    int64_t input_line;
    int64_t endpoints_count;
    enum tc_profile profile; /* the scan's where it has none of its own */
};

static enum tc_profile profile_of(const unsigned char *text)
{
    int profile = TC_PROFILE_COUNT - 1;
    while (profile > 0 && (text == NULL || strcmp(tc_profile_str((enum tc_profile)profile),
                                                  (const char *)text) != 0)) {
        profile--;
    }
    return (enum tc_profile)profile;
}

static enum tc_status find_earlier(struct tc_recorder *recorder, int64_t target_id,
                                   struct earlier *out, struct tc_error *error)
{
    sqlite3_stmt *find = recorder->find_scan_target;
    struct tc_binder binder = tc_binder_start(find);
    tc_bind_int(&binder, recorder->scan_id);
    tc_bind_int(&binder, target_id);
    enum tc_status status = TC_OK;
    if (binder.rc != SQLITE_OK || sqlite3_step(find) != SQLITE_ROW) {
        status = tc_db_fail(recorder->store, error, "looking for a duplicate");
    } else {
        *out = (struct earlier){.run = sqlite3_column_int64(find, 0),
                                .label_set_id = sqlite3_column_int64(find, 1),
                                .input_line = sqlite3_column_int64(find, 2),
                                .endpoints_count = sqlite3_column_int64(find, 3),
                                .profile = profile_of(sqlite3_column_text(find, 4))};
    }
    (void)sqlite3_reset(find);
    return status;
}

static enum tc_status reject_duplicate(struct tc_recorder *recorder, const char *file,
                                       const struct tc_target *target,
                                       const struct earlier *earlier, struct tc_error *error)
{
    char reason[128];
    if (earlier->input_line > 0) {
        snprintf(reason, sizeof reason,
                 "duplicate of line %lld with other labels: those of line %lld stand",
                 (long long)earlier->input_line, (long long)earlier->input_line);
    } else { /* a command line's, or a group's own */
        snprintf(reason, sizeof reason,
                 "duplicate of a target named before, with other labels: the first ones stand");
    }
    return put_rejection(recorder, file, target->input_line, target->input_text, reason, error);
}

static void drop_done(struct tc_target *target)
{
    for (size_t i = 0; i < target->num_done_addresses; i++) {
        free(target->done_addresses[i]);
    }
    free(target->done_addresses);
    target->done_addresses = NULL;
    target->num_done_addresses = 0;
}

static enum tc_status add_done(struct tc_target *target, const unsigned char *address)
{
    size_t num = target->num_done_addresses;
    char **grown = realloc(target->done_addresses, (num + 1) * sizeof *grown);
    if (grown == NULL) {
        return TC_ERR_NOMEM;
    }
    target->done_addresses = grown;
    grown[num] = strdup(address != NULL ? (const char *)address : "");
    if (grown[num] == NULL) {
        return TC_ERR_NOMEM;
    }
    target->num_done_addresses++;
    return TC_OK;
}

static enum tc_status read_done(struct tc_recorder *recorder, struct tc_target *target,
                                struct tc_error *error)
{
    sqlite3_stmt *list = recorder->done_addresses;
    struct tc_binder binder = tc_binder_start(list);
    tc_bind_int(&binder, recorder->scan_id);
    tc_bind_int(&binder, target->target_id);
    enum tc_status status = TC_OK;
    int rc = binder.rc == SQLITE_OK ? sqlite3_step(list) : binder.rc;
    while (rc == SQLITE_ROW && status == TC_OK && target->num_done_addresses < DONE_MAX) {
        status = add_done(target, sqlite3_column_text(list, 0));
        rc = sqlite3_step(list);
    }
    if (status != TC_OK) {
        (void)tc_fail(error, status, "%s: out of memory", recorder->store->path);
    } else if (rc != SQLITE_DONE && rc != SQLITE_ROW) {
        status = tc_db_fail(recorder->store, error, "reading what is done already");
    }
    (void)sqlite3_reset(list);
    return status;
}

/* What hangs on a row goes before the row: nothing cascades while the recorder is open. */
static enum tc_status drop_interrupted(struct tc_recorder *recorder, int64_t target_id,
                                       struct tc_error *error)
{
    sqlite3_stmt *const drops[] = {
        recorder->drop_interrupted_messages, recorder->drop_interrupted_waivers,
        recorder->drop_interrupted_other_chains, recorder->drop_interrupted};
    for (size_t i = 0; i < TC_ARRAY_LEN(drops); i++) {
        struct tc_binder binder = tc_binder_start(drops[i]);
        tc_bind_int(&binder, recorder->scan_id);
        tc_bind_int(&binder, target_id);
        enum tc_status status = tc_recorder_run(recorder, &binder, error);
        if (status != TC_OK) {
            return status;
        }
    }
    return TC_OK;
}

/*
 * The list was read again for --resume, and has this target still. One profile holds for all
 * addresses of a target: with what is done already stands what that was done by.
 */
static enum tc_status resume_target(struct tc_recorder *recorder, struct tc_target *target,
                                    int64_t label_set_id, const struct earlier *earlier,
                                    enum tc_registration *out, struct tc_error *error)
{
    enum tc_status status = drop_interrupted(recorder, target->target_id, error);
    if (status == TC_OK) {
        status = read_done(recorder, target, error);
    }
    if (status == TC_OK && target->num_done_addresses > 0) {
        target->has_profile = true;
        target->profile = earlier->profile;
    }
    if (status == TC_OK) {
        status =
            run_scan_target(recorder, recorder->renew_scan_target, target, label_set_id, error);
    }
    if (status != TC_OK) {
        drop_done(target);
        return status;
    }
    bool done = (int64_t)target->num_done_addresses >= earlier->endpoints_count;
    *out = done ? TC_REGISTERED_DONE : TC_REGISTERED;
    return TC_OK;
}

/* The scan has this target already: another line of this run, or the same line of an earlier one.
 */
static enum tc_status meet_again(struct tc_recorder *recorder, const char *file,
                                 struct tc_target *target, int64_t label_set_id,
                                 enum tc_registration *out, struct tc_error *error)
{
    struct earlier earlier = {0};
    enum tc_status status = find_earlier(recorder, target->target_id, &earlier, error);
    if (status != TC_OK) {
        return status;
    }
    if (recorder->resume && earlier.run < recorder->run) {
        return resume_target(recorder, target, label_set_id, &earlier, out, error);
    }
    *out = TC_REGISTERED_DUPLICATE;
    if (label_set_id == earlier.label_set_id) {
        return TC_OK;
    }
    return reject_duplicate(recorder, file, target, &earlier, error);
}

enum tc_status tc_record_target(struct tc_recorder *recorder, const char *file,
                                struct tc_target *target, enum tc_registration *out,
                                struct tc_error *error)
{
    int64_t label_set_id = 0;
    enum tc_status status = put_target(recorder, target, error);
    if (status == TC_OK) {
        status = record_labels(recorder, &target->labels, &label_set_id, error);
    }
    if (status != TC_OK) {
        return status;
    }
    status = run_scan_target(recorder, recorder->put_scan_target, target, label_set_id, error);
    if (status != TC_OK) {
        return status;
    }
    if (sqlite3_changes(recorder->store->db) == 0) {
        return meet_again(recorder, file, target, label_set_id, out, error);
    }
    *out = TC_REGISTERED;
    return TC_OK;
}
