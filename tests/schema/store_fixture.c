/* nftw() and mkdtemp() are XSI and POSIX. */
#define _XOPEN_SOURCE 700
#include "test_support.h"

#include <ftw.h>
#include <openssl/sha.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store_fixture.h"

#define PATHS 16

/* ---- a folder ---- */

char *fixture_folder_new(void)
{
    const char *base = getenv("TMPDIR");
    char path[512];
    snprintf(path, sizeof path, "%s/tlscensus-store-XXXXXX", base != NULL ? base : "/tmp");
    assert_non_null(mkdtemp(path));
    return strdup(path);
}

static int remove_one(const char *path, const struct stat *file, int kind, struct FTW *walk)
{
    (void)file;
    (void)kind;
    (void)walk;
    return remove(path);
}

void fixture_folder_free(char *folder)
{
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(folder);
}

const char *fixture_path(const char *folder, const char *name)
{
    static char paths[PATHS][1024];
    static unsigned next;
    char *path = paths[next++ % PATHS];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

/* ---- facts by hand ---- */

static struct tc_text text_of(const char *text)
{
    return text != NULL ? (struct tc_text){strdup(text), strlen(text)} : (struct tc_text){0};
}

static void cert_destroy(struct tc_ref *ref)
{
    struct tc_cert *cert = (struct tc_cert *)ref;
    struct tc_text *texts[] = {&cert->subject,   &cert->subject_cn,          &cert->issuer,
                               &cert->issuer_cn, &cert->issuer_organization, &cert->ocsp_url,
                               &cert->crl_url,   &cert->ca_issuers_url};
    for (size_t i = 0; i < TC_ARRAY_LEN(texts); i++) {
        free(texts[i]->data);
    }
    for (size_t i = 0; i < cert->num_names; i++) {
        free(cert->names[i].text.data);
    }
    free(cert->names);
    free(cert->serial_hex);
    free(cert->key_type);
    free(cert->signature);
    free(cert->parse_error);
    free((void *)(uintptr_t)cert->der);
    free(cert);
}

static struct tc_cert *cert_of_bytes(const char *bytes)
{
    struct tc_cert *cert = calloc(1, sizeof *cert);
    assert_non_null(cert);
    tc_ref_init(&cert->ref, cert_destroy);
    cert->der = (uint8_t *)strdup(bytes);
    cert->der_len = strlen(bytes);
    SHA256(cert->der, cert->der_len, cert->sha256);
    return cert;
}

struct tc_cert *fixture_cert_broken(const char *bytes)
{
    struct tc_cert *cert = cert_of_bytes(bytes);
    cert->parse_error = strdup("the bytes are no certificate");
    return cert;
}

struct tc_cert *fixture_cert(const char *cn, const char *issuer_cn, bool is_ca)
{
    char bytes[512];
    snprintf(bytes, sizeof bytes, "%s issued by %s", cn, issuer_cn);
    struct tc_cert *cert = cert_of_bytes(bytes);
    SHA256(cert->sha256, TC_SHA256_BYTES, cert->spki_sha256);
    cert->has_spki = true;
    cert->serial_hex = strdup("04:E1:23");
    snprintf(bytes, sizeof bytes, "CN=%s", cn);
    cert->subject = text_of(bytes);
    cert->subject_cn = text_of(cn);
    snprintf(bytes, sizeof bytes, "CN=%s", issuer_cn);
    cert->issuer = text_of(bytes);
    cert->issuer_cn = text_of(issuer_cn);
    cert->issuer_organization = text_of("Example Trust");
    cert->not_before_s = FIXTURE_START_S - 10 * FIXTURE_DAY_S;
    cert->not_after_s = FIXTURE_START_S + 80 * FIXTURE_DAY_S;
    cert->has_validity = true;
    cert->key_type = strdup("ECDSA P-256");
    cert->key_bits = 256;
    cert->signature = strdup("ecdsa-with-SHA256");
    cert->version = 3;
    cert->is_ca = is_ca;
    cert->is_self_issued = cert->is_self_signed = strcmp(cn, issuer_cn) == 0;
    cert->path_len = -1;
    cert->ocsp_url = text_of("http://ocsp.example");
    if (!is_ca) {
        cert->names = calloc(1, sizeof *cert->names);
        cert->names[0] = (struct tc_cert_name){TC_NAME_DNS, text_of(cn)};
        cert->num_names = 1;
    }
    return cert;
}

static void chain_destroy(struct tc_ref *ref)
{
    struct tc_chain *chain = (struct tc_chain *)ref;
    for (size_t i = 0; i < chain->num_presented; i++) {
        tc_ref_release(&chain->presented[i]->ref);
    }
    for (size_t i = 0; i < chain->num_path; i++) {
        tc_ref_release(&chain->path[i].cert->ref);
    }
    free(chain->presented);
    free(chain->path);
    free(chain->trust_text);
    free(chain);
}

static void add_path(struct tc_chain *chain, struct tc_cert *root)
{
    chain->num_path = chain->num_verified = chain->num_presented + 1;
    chain->path = calloc(chain->num_path, sizeof *chain->path);
    for (size_t i = 0; i < chain->num_presented; i++) {
        tc_ref_get(&chain->presented[i]->ref);
        chain->path[i].cert = chain->presented[i];
    }
    tc_ref_get(&root->ref);
    chain->path[chain->num_presented] = (struct tc_path_entry){root, TC_ORIGIN_STORE, true};
}

struct tc_chain *fixture_chain(struct tc_cert *const *presented, size_t num_presented,
                               struct tc_cert *root)
{
    struct tc_chain *chain = calloc(1, sizeof *chain);
    assert_non_null(chain);
    tc_ref_init(&chain->ref, chain_destroy);
    chain->presented = calloc(num_presented, sizeof *chain->presented);
    memcpy(chain->presented, presented, num_presented * sizeof *presented);
    chain->num_presented = chain->presented_chain_len = num_presented;
    chain->order_ok = true;
    if (root != NULL) {
        add_path(chain, root);
    }
    chain->status = root != NULL ? TC_CHAIN_COMPLETE : TC_CHAIN_NO_PATH;
    chain->trusted = chain->trusted_but_for_date = root != NULL;
    chain->trust_detail = root != NULL ? TC_TRUST_OK : TC_TRUST_UNKNOWN_ISSUER;
    chain->trust_text = strdup(root != NULL ? "trusted" : "no issuer is known");
    chain->path_first_to_expire = chain->presented[0];
    chain->path_not_after_s = chain->presented[0]->not_after_s;
    return chain;
}

struct tc_observation *fixture_observation(int64_t target_id, const char *address,
                                           struct tc_chain *chain)
{
    struct tc_observation *observation = tc_observation_new();
    assert_non_null(observation);
    observation->target_id = target_id;
    snprintf(observation->address, sizeof observation->address, "%s", address);
    observation->observed_s = FIXTURE_START_S + 1;
    observation->attempts = observation->connections = 1;
    observation->read_bytes = 4321;
    observation->timing.connect_us = 1500;
    observation->timing.handshake_us = 4500;
    observation->timing.total_us = 6000;
    observation->tls_version = 0x0304;
    observation->cipher = 0x1301;
    observation->kx_group = 29;
    memcpy(observation->alpn, "h2", 3);
    observation->alpn_len = 2;
    observation->ocsp_stapled = TC_NO;
    observation->name_match = chain != NULL ? TC_YES : TC_UNKNOWN;
    observation->chain = chain;
    return observation;
}

static void names_destroy(struct tc_ref *ref)
{
    struct tc_label_names *names = (struct tc_label_names *)ref;
    for (size_t i = 0; i < names->num_names; i++) {
        free(names->names[i]);
    }
    free(names->names);
    free(names);
}

static struct tc_label_names *label_names(void)
{
    struct tc_label_names *names = calloc(1, sizeof *names);
    tc_ref_init(&names->ref, names_destroy);
    names->num_names = 2;
    names->names = calloc(2, sizeof *names->names);
    names->names[0] = strdup("owner");
    names->names[1] = strdup("city");
    return names;
}

struct tc_target *fixture_target(const char *host, uint64_t line, const char *owner,
                                 const char *city)
{
    struct tc_target *target = calloc(1, sizeof *target);
    assert_non_null(target);
    target->protocol = TC_PROTOCOL_HTTPS;
    target->port = 443;
    target->host = strdup(host);
    target->input_text = strdup(host);
    target->input_line = line;
    target->labels.names = label_names();
    target->labels.values = calloc(2, sizeof *target->labels.values);
    target->labels.values[0] = owner != NULL ? strdup(owner) : NULL;
    target->labels.values[1] = city != NULL ? strdup(city) : NULL;
    return target;
}

void fixture_target_free(struct tc_target *target)
{
    for (size_t i = 0; i < target->num_done_addresses; i++) {
        free(target->done_addresses[i]);
    }
    for (size_t i = 0; i < target->labels.names->num_names; i++) {
        free(target->labels.values[i]);
    }
    free(target->labels.values);
    tc_ref_release(&target->labels.names->ref);
    free(target->done_addresses);
    free(target->pinned_address);
    free(target->input_text);
    free(target->host);
    free(target);
}

/* ---- scans ---- */

struct tc_store *fixture_scan_begin(const char *path, int64_t *out_scan_id)
{
    struct tc_store *store = NULL;
    struct tc_error error = {.text = ""};
    const struct tc_scan_start_record record = {.profile = "quick",
                                                .started_s = FIXTURE_START_S,
                                                .tool_version = "test",
                                                .options_json = "{\"profile\":\"quick\"}",
                                                .trust_store = "none"};
    if (tc_store_open(&store, path, TC_STORE_CREATE, &error) != TC_OK) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(tc_store_begin_scan(store, out_scan_id, &record, &error), TC_OK);
    return store;
}

void fixture_scan_end(struct tc_store *store, int64_t scan_id, enum tc_scan_state state)
{
    struct tc_error error = {.text = ""};
    const struct tc_scan_end_record record = {
        .state = state, .finished_s = FIXTURE_START_S + 60, .vantage = "lo", .notices = ""};
    assert_int_equal(tc_store_end_scan(store, scan_id, &record, &error), TC_OK);
    tc_store_close(store);
}

enum tc_registration fixture_register(struct tc_writer *writer, struct tc_target *target)
{
    enum tc_registration registration = TC_REGISTERED;
    assert_int_equal(tc_writer_register(writer, "hosts.csv", &target, 1, &registration), TC_OK);
    return registration;
}

/* ---- another program's eyes ---- */

static sqlite3 *open_other(const char *path, int flags)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open_v2(path, &db, flags, NULL), SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    return db;
}

int64_t fixture_int(const char *path, const char *sql)
{
    const char *text = fixture_text(path, sql);
    return text[0] != '\0' ? strtoll(text, NULL, 10) : -1;
}

const char *fixture_text(const char *path, const char *sql)
{
    static char texts[4][4096];
    static unsigned next;
    char *out = texts[next++ % 4];
    sqlite3 *db = open_other(path, SQLITE_OPEN_READWRITE);
    sqlite3_stmt *statement = NULL;
    out[0] = '\0';
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) {
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    }
    if (sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_text(statement, 0) != NULL) {
        snprintf(out, sizeof texts[0], "%s", (const char *)sqlite3_column_text(statement, 0));
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return out;
}

void fixture_exec(const char *path, const char *sql)
{
    sqlite3 *db = open_other(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    }
    sqlite3_close(db);
}
