/*
 * What the store costs: synthetic endpoints, each with a certificate of its own, are written as two
 * several scans. Prints the writer's CPU per endpoint, that of the rules, how long the closing
 * transaction takes, which compares the scan with those before, the database's bytes per endpoint
 * of the first and of later scans, and how long the endpoints view takes.
 *
 *     store_bench [FILE [ENDPOINTS [SETS [SCANS]]]]
 *
 * With SETS every endpoint is surveyed, and has one of so many feature sets; every tenth sends
 * another certificate when it is asked without a name. With more than two SCANS the last one is of
 * profile quick among standard ones, so that every endpoint is looked at closely.
 */
#include <openssl/sha.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tlscensus/sql.h"
#include "tlscensus/store.h"

#define DEFAULT_ENDPOINTS 100000
#define BATCH             256
#define NUM_CAS           50
#define DER_BYTES         1300
#define START_S           1795399200
#define DAY_S             86400
#define NUM_LABEL_SETS    200
#define OTHER_CHAIN_EVERY 10

static uint64_t g_random = 88172645463325252ULL;

static uint64_t random_next(void)
{
    g_random ^= g_random << 13;
    g_random ^= g_random >> 7;
    g_random ^= g_random << 17;
    return g_random;
}

static void check(enum tc_status status, const struct tc_error *error)
{
    if (status != TC_OK) {
        fprintf(stderr, "store_bench: %s (%s)\n", error->text, tc_status_str(status));
        exit(3);
    }
}

static double cpu_s(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

TC_PRINTF(1, 2) static struct tc_text text_of(const char *format, ...)
{
    char line[256];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    return (struct tc_text){.data = strdup(line), .len = (size_t)len};
}

/* ---- certificates and chains by hand: nothing of their making is measured ---- */

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
    free((void *)(uintptr_t)cert->der);
    free(cert);
}

static struct tc_cert *cert_new(long n, long ca, bool is_ca)
{
    struct tc_cert *cert = calloc(1, sizeof *cert);
    uint8_t *der = malloc(DER_BYTES);
    for (size_t i = 0; i < DER_BYTES; i++) {
        der[i] = (uint8_t)random_next();
    }
    tc_ref_init(&cert->ref, cert_destroy);
    memcpy(der, &n, sizeof n);
    cert->der = der;
    cert->der_len = DER_BYTES;
    SHA256(der, DER_BYTES, cert->sha256);
    SHA256(cert->sha256, TC_SHA256_BYTES, cert->spki_sha256);
    cert->has_spki = true;
    cert->serial_hex = malloc(64);
    char *digit = cert->serial_hex;
    for (size_t i = 0; i < 18; i++) {
        digit += snprintf(digit, 4, "%s%02X", i > 0 ? ":" : "", cert->sha256[i]);
    }
    cert->subject = text_of(is_ca ? "CN=R%ld,O=Example Trust,C=US" : "CN=www.host%ld.example", n);
    cert->subject_cn = text_of(is_ca ? "R%ld" : "www.host%ld.example", n);
    cert->issuer = text_of("CN=R%ld,O=Example Trust,C=US", ca);
    cert->issuer_cn = text_of("R%ld", ca);
    cert->issuer_organization = text_of("Example Trust");
    cert->not_before_s = START_S - (int64_t)(random_next() % 60) * DAY_S;
    cert->not_after_s = cert->not_before_s + (int64_t)90 * DAY_S - 1;
    cert->has_validity = true;
    cert->key_type = strdup("ECDSA P-256");
    cert->key_bits = 256;
    cert->signature = strdup("sha256WithRSAEncryption");
    cert->version = 3;
    cert->is_ca = is_ca;
    cert->path_len = -1;
    cert->has_key_usage = cert->has_ext_key_usage = true;
    cert->key_usage = TC_KU_DIGITAL_SIGNATURE;
    cert->ext_key_usage = TC_EKU_SERVER_AUTH;
    cert->policy = TC_POLICY_DV;
    cert->sct_count = 2;
    cert->ocsp_url = text_of("http://ocsp.r%ld.example", ca);
    cert->ca_issuers_url = text_of("http://r%ld.i.example/", ca);
    cert->crl_url = text_of("http://r1.c.example/%ld.crl", n % 100L);
    cert->num_names = is_ca ? 0 : 2;
    cert->names = calloc(2, sizeof *cert->names);
    if (!is_ca) {
        cert->names[0] = (struct tc_cert_name){TC_NAME_DNS, text_of("host%ld.example", n)};
        cert->names[1] = (struct tc_cert_name){TC_NAME_DNS, text_of("www.host%ld.example", n)};
    }
    return cert;
}

static void chain_destroy(struct tc_ref *ref)
{
    struct tc_chain *chain = (struct tc_chain *)ref;
    tc_ref_release(&chain->presented[0]->ref);
    free(chain->presented);
    free(chain->path);
    free(chain->trust_text);
    free(chain);
}

static struct tc_cert *g_cas[NUM_CAS];
static struct tc_cert *g_root;

static struct tc_chain *chain_new(struct tc_cert *leaf, long ca)
{
    struct tc_chain *chain = calloc(1, sizeof *chain);
    tc_ref_init(&chain->ref, chain_destroy);
    chain->presented = calloc(2, sizeof *chain->presented);
    chain->presented[0] = leaf;
    chain->presented[1] = g_cas[ca];
    chain->num_presented = chain->presented_chain_len = 2;
    chain->path = calloc(3, sizeof *chain->path);
    chain->path[0].cert = leaf;
    chain->path[1].cert = g_cas[ca];
    chain->path[2] = (struct tc_path_entry){g_root, TC_ORIGIN_STORE, true};
    chain->num_path = chain->num_verified = 3;
    chain->order_ok = chain->trusted = chain->trusted_but_for_date = true;
    chain->status = TC_CHAIN_COMPLETE;
    chain->path_not_after_s = leaf->not_after_s;
    chain->path_first_to_expire = leaf;
    chain->trust_text = strdup("trusted");
    return chain;
}

static struct tc_observation *observation_new(long n, int64_t target_id, struct tc_cert *leaf)
{
    struct tc_observation *observation = tc_observation_new();
    uint64_t r = random_next();
    observation->target_id = target_id;
    snprintf(observation->address, sizeof observation->address, "10.%ld.%ld.%ld", n >> 16 & 255,
             n >> 8 & 255, n & 255);
    observation->observed_s = START_S + n / 1000;
    observation->attempts = observation->connections = 1;
    observation->read_bytes = 3000 + (r & 1023);
    observation->timing = (struct tc_timing){.dns_us = 9000 + (int64_t)(r >> 10 & 8191),
                                             .connect_us = 20000 + (int64_t)(r >> 20 & 16383),
                                             .starttls_us = TC_TIME_UNKNOWN,
                                             .server_hello_us = 21000 + (int64_t)(r >> 30 & 8191),
                                             .handshake_us = 45000 + (int64_t)(r >> 40 & 8191),
                                             .total_us = 90000 + (int64_t)(r >> 45 & 16383),
                                             .own_us = 500 + (int64_t)(r >> 50 & 255),
                                             .loop_lag_us = (int64_t)(r >> 55 & 127),
                                             .rtt_us = 19000 + (int64_t)(r >> 50 & 4095)};
    observation->tls_version = 0x0304;
    observation->cipher = 0x1301;
    observation->kx_group = 29;
    observation->signature_scheme = 0x0403;
    strcpy(observation->alpn, "h2");
    observation->alpn_len = 2;
    observation->ocsp_stapled = observation->client_certificate_requested =
        observation->hello_retry = TC_NO;
    tc_ref_get(&leaf->ref);
    observation->chain = chain_new(leaf, n % NUM_CAS);
    observation->name_match = TC_YES;
    observation->cn_match = TC_YES;
    return observation;
}

/* ---- surveys: of ten servers four are of today, four of yesterday, one knows TLS 1.0 as well, and
 * one TLS 1.2 alone ---- */

enum age { AGE_TODAY, AGE_YESTERDAY, AGE_TLS12, AGE_OLD };

static long g_num_sets; /* 0: nothing is surveyed */

static void put(struct tc_features *features, enum tc_feature_kind kind, uint16_t version,
                uint32_t code, enum tc_tristate supported)
{
    const struct tc_feature feature = {.kind = kind,
                                       .version = version,
                                       .code = code,
                                       .supported = supported,
                                       .value = TC_FEATURE_NO_VALUE};
    if (tc_features_put(features, &feature) != TC_OK) {
        exit(3);
    }
}

static void put_all(struct tc_features *features, enum tc_feature_kind kind, uint16_t version,
                    const uint32_t *codes, size_t num_codes)
{
    for (size_t i = 0; i < num_codes; i++) {
        put(features, kind, version, codes[i], TC_YES);
    }
}
#define PUT_ALL(features, kind, version, codes)                                                    \
    put_all(features, kind, version, codes, TC_ARRAY_LEN(codes))

static void put_versions(struct tc_features *features, enum age age)
{
    static const uint32_t k_codes[] = {0x0002, 0x0300, 0x0301, 0x0302, 0x0303, 0x0304};
    for (size_t i = 0; i < TC_ARRAY_LEN(k_codes); i++) {
        bool is_old = k_codes[i] == 0x0301 || k_codes[i] == 0x0302;
        bool is_new = k_codes[i] == 0x0303 || (k_codes[i] == 0x0304 && age != AGE_TLS12);
        bool is_there = is_new || (is_old && age == AGE_OLD);
        put(features, TC_FEATURE_VERSION, 0, k_codes[i], is_there ? TC_YES : TC_NO);
        if (is_there) {
            put(features, TC_FEATURE_TRAIT, (uint16_t)k_codes[i], TC_TRAIT_CIPHERS_COMPLETE,
                TC_YES);
        }
    }
}

static void put_suites(struct tc_features *features, enum age age)
{
    static const uint32_t k_13[] = {0x1301, 0x1302, 0x1303};
    static const uint32_t k_aead[] = {0xc02b, 0xc02c, 0xcca9, 0xc02f, 0xc030, 0xcca8};
    static const uint32_t k_cbc[] = {0xc023, 0xc024, 0xc009, 0xc00a, 0xc027,
                                     0xc028, 0xc013, 0xc014, 0x002f, 0x0035};
    static const uint32_t k_old[] = {0xc013, 0xc014, 0x002f, 0x0035, 0x000a};
    PUT_ALL(features, TC_FEATURE_CIPHER, 0x0303, k_aead);
    if (age != AGE_TLS12) {
        PUT_ALL(features, TC_FEATURE_CIPHER, 0x0304, k_13);
    }
    if (age != AGE_TODAY) {
        PUT_ALL(features, TC_FEATURE_CIPHER, 0x0303, k_cbc);
    }
    if (age == AGE_OLD) {
        PUT_ALL(features, TC_FEATURE_CIPHER, 0x0301, k_old);
        PUT_ALL(features, TC_FEATURE_CIPHER, 0x0302, k_old);
    }
}

static void put_rest(struct tc_features *features, enum age age, long set)
{
    static const uint32_t k_groups[] = {29, 23, 24};
    static const uint32_t k_yes[] = {1, 3, 6, 7, 13, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 37};
    static const uint32_t k_no[] = {9, 10, 11, 12, 15, 33, 36};
    static const uint32_t k_schemes[] = {0x0403, 0x0503, 0x0804, 0x0805, 0x0806, 0x0401};
    PUT_ALL(features, TC_FEATURE_GROUP, 0x0303, k_groups);
    PUT_ALL(features, TC_FEATURE_GROUP, 0x0304, k_groups);
    PUT_ALL(features, TC_FEATURE_SIGNATURE, 0x0303, k_schemes);
    PUT_ALL(features, TC_FEATURE_TRAIT, 0, k_yes);
    for (size_t i = 0; i < TC_ARRAY_LEN(k_no); i++) {
        put(features, TC_FEATURE_TRAIT, 0, k_no[i], TC_NO);
    }
    put(features, TC_FEATURE_TRAIT, 0, TC_TRAIT_POST_QUANTUM, age == AGE_TODAY ? TC_YES : TC_NO);
    put(features, TC_FEATURE_TRAIT, 0, TC_TRAIT_ALPN_STRICT, age <= AGE_YESTERDAY);
    put(features, TC_FEATURE_TRAIT, 0, TC_TRAIT_ENCRYPT_THEN_MAC, age == AGE_YESTERDAY);
    put(features, TC_FEATURE_TRAIT, 0, TC_TRAIT_SURVEY_COMPLETE, TC_YES);
    const struct tc_feature ticket = {.kind = TC_FEATURE_TRAIT,
                                      .code = TC_TRAIT_SESSION_TICKET,
                                      .supported = TC_YES,
                                      .value = 300 + set}; /* what makes sets differ */
    if (tc_features_put(features, &ticket) != TC_OK) {
        exit(3);
    }
}

static void survey(struct tc_observation *observation, long n)
{
    static const enum age k_ages[] = {AGE_TODAY,     AGE_TODAY,     AGE_TODAY,     AGE_TODAY,
                                      AGE_YESTERDAY, AGE_YESTERDAY, AGE_YESTERDAY, AGE_YESTERDAY,
                                      AGE_TLS12,     AGE_OLD};
    long set = n % g_num_sets;
    enum age age = k_ages[(size_t)set % TC_ARRAY_LEN(k_ages)];
    put_versions(&observation->features, age);
    put_suites(&observation->features, age);
    put_rest(&observation->features, age, set);
    if (age == AGE_TLS12) {
        observation->tls_version = 0x0303;
        observation->cipher = 0xc02b;
    }
    if (n % OTHER_CHAIN_EVERY == 0) {
        observation->other_chains = calloc(1, sizeof *observation->other_chains);
        tc_ref_get(&g_cas[0]->ref);
        observation->other_chains[0] =
            (struct tc_other_chain){TC_CHAIN_NO_SNI, chain_new(g_cas[0], n % NUM_CAS), TC_NO};
        observation->num_other_chains = 1;
    }
}

/* ---- one scan ---- */

static const char *const k_label_names[] = {"owner", "department", "city"};
static struct tc_label_names g_labels = {.num_names = 3,
                                         .names = (char **)(uintptr_t)k_label_names};

static void target_fill(struct tc_target *target, long n)
{
    char line[128];
    *target = (struct tc_target){.protocol = TC_PROTOCOL_HTTPS, .port = 443};
    snprintf(line, sizeof line, "www.host%ld.example", n);
    target->host = strdup(line);
    target->input_text = strdup(line);
    target->registrable_domain = strdup(strchr(line, '.') + 1);
    target->input_line = (uint64_t)n + 2;
    target->labels = (struct tc_labels){.names = &g_labels, .values = calloc(3, sizeof(char *))};
    for (size_t i = 0; i < 3; i++) {
        snprintf(line, sizeof line, "%s %ld", k_label_names[i], n % NUM_LABEL_SETS);
        target->labels.values[i] = strdup(line);
    }
}

static void target_clear(struct tc_target *target)
{
    for (size_t i = 0; i < 3; i++) {
        free(target->labels.values[i]);
    }
    free(target->labels.values);
    free(target->registrable_domain);
    free(target->input_text);
    free(target->host);
}

static void wait_for_room(struct tc_writer *writer)
{
    struct tc_error error;
    const struct timespec pause = {.tv_nsec = 200000};
    while (!tc_writer_has_room(writer)) {
        check(tc_writer_status(writer, &error), &error);
        nanosleep(&pause, NULL);
    }
}

static void feed(struct tc_writer *writer, struct tc_cert *const *leaves, long num_endpoints)
{
    struct tc_error error;
    struct tc_target targets[BATCH];
    struct tc_target *pointers[BATCH];
    enum tc_registration registrations[BATCH];
    for (long first = 0; first < num_endpoints; first += BATCH) {
        size_t num = num_endpoints - first < BATCH ? (size_t)(num_endpoints - first) : BATCH;
        for (size_t i = 0; i < num; i++) {
            target_fill(&targets[i], first + (long)i);
            pointers[i] = &targets[i];
        }
        wait_for_room(writer);
        enum tc_status status =
            tc_writer_register(writer, "bench.csv", pointers, num, registrations);
        if (status != TC_OK) {
            check(tc_writer_status(writer, &error), &error);
        }
        for (size_t i = 0; i < num; i++) {
            struct tc_observation *observation =
                observation_new(first + (long)i, targets[i].target_id, leaves[first + (long)i]);
            if (g_num_sets > 0) {
                survey(observation, first + (long)i);
            }
            tc_writer_put(writer, observation);
            target_clear(&targets[i]);
        }
    }
}

static void scan(const char *path, struct tc_cert *const *leaves, long num_endpoints,
                 const char *name, const char *profile, off_t before_bytes, off_t *out_bytes)
{
    static int64_t night;
    struct tc_error error;
    struct tc_store *store = NULL;
    struct tc_writer *writer = NULL;
    struct tc_assess_counts counts = {0};
    struct stat file;
    int64_t scan_id = 0;
    double process = cpu_s(CLOCK_PROCESS_CPUTIME_ID);
    double own = cpu_s(CLOCK_THREAD_CPUTIME_ID);
    double wall = cpu_s(CLOCK_MONOTONIC);
    const struct tc_scan_start_record start = {.profile = profile,
                                               .started_s = START_S + night++ * DAY_S,
                                               .tool_version = "bench",
                                               .options_json = "{}",
                                               .trust_store = "none"};
    const struct tc_scan_end_record end = {
        .state = TC_SCAN_DONE, .finished_s = START_S + 100, .vantage = "", .notices = ""};

    check(tc_store_open(&store, path, TC_STORE_CREATE, &error), &error);
    check(tc_store_begin_scan(store, &scan_id, &start, &error), &error);
    check(tc_writer_start(&writer, store, scan_id, false, &error), &error);
    feed(writer, leaves, num_endpoints);
    check(tc_writer_stop(writer, NULL, &error), &error);
    process = cpu_s(CLOCK_PROCESS_CPUTIME_ID) - process;
    own = cpu_s(CLOCK_THREAD_CPUTIME_ID) - own;
    wall = cpu_s(CLOCK_MONOTONIC) - wall;
    double assess = cpu_s(CLOCK_PROCESS_CPUTIME_ID);
    check(tc_assess(store, &(struct tc_assess_options){.scan_id = scan_id}, &counts, &error),
          &error);
    assess = cpu_s(CLOCK_PROCESS_CPUTIME_ID) - assess;
    double closing = cpu_s(CLOCK_PROCESS_CPUTIME_ID);
    check(tc_store_end_scan(store, scan_id, &end, &error), &error);
    closing = cpu_s(CLOCK_PROCESS_CPUTIME_ID) - closing;
    tc_store_close(store);
    stat(path, &file);
    uint64_t num_findings = 0;
    for (size_t i = 0; i < TC_ARRAY_LEN(counts.findings); i++) {
        num_findings += counts.findings[i];
    }
    printf("%-12s %6.1f us CPU of the writer, %6.1f us wall, %5.1f us of the rules, %5.1f us to "
           "close it "
           "(%.2f s); %6.1f bytes per endpoint, %.2f findings in them\n",
           name, (process - own) / (double)num_endpoints * 1e6, wall / (double)num_endpoints * 1e6,
           assess / (double)num_endpoints * 1e6, closing / (double)num_endpoints * 1e6, closing,
           (double)(file.st_size - before_bytes) / (double)num_endpoints,
           (double)num_findings / (double)num_endpoints);
    *out_bytes = file.st_size;
}

static void read_back(const char *path, const char *sql, const char *name)
{
    struct tc_error error;
    struct tc_store *store = NULL;
    struct tc_rows *rows = NULL;
    long num_rows = 0;
    double wall = cpu_s(CLOCK_MONOTONIC);
    check(tc_store_open(&store, path, TC_STORE_READ, &error), &error);
    check(tc_rows_open(&rows, store, sql, &error), &error);
    if (strstr(sql, ":scan_id") != NULL) {
        tc_rows_bind_int(rows, ":scan_id", 1);
        tc_rows_bind_int(rows, ":first_row", 0);
        tc_rows_bind_int(rows, ":max_rows", -1);
    }
    enum tc_status status = TC_OK;
    while ((status = tc_rows_next(rows, &error)) == TC_OK) {
        for (int i = 0; i < tc_rows_num_columns(rows); i++) {
            (void)tc_rows_text(rows, i);
        }
        num_rows++;
    }
    if (status != TC_ERR_END) {
        check(status, &error);
    }
    tc_rows_close(rows);
    tc_store_close(store);
    printf("%-12s %7.3f s for %ld rows\n", name, cpu_s(CLOCK_MONOTONIC) - wall, num_rows);
}

int main(int argc, char **argv)
{
    const char *path = argc > 1 ? argv[1] : "store_bench.db";
    long num_endpoints = argc > 2 ? strtol(argv[2], NULL, 10) : DEFAULT_ENDPOINTS;
    g_num_sets = argc > 3 ? strtol(argv[3], NULL, 10) : 0;
    long num_scans = argc > 4 ? strtol(argv[4], NULL, 10) : 2;
    struct tc_cert **leaves = calloc((size_t)num_endpoints, sizeof(struct tc_cert *));
    off_t first_bytes = 0;
    off_t later_bytes = 0;
    unlink(path);
    g_root = cert_new(-1, 0, true);
    for (long i = 0; i < NUM_CAS; i++) {
        g_cas[i] = cert_new(-2 - i, 0, true);
    }
    for (long i = 0; i < num_endpoints; i++) {
        leaves[i] = cert_new(i, i % NUM_CAS, false);
    }
    const char *profile = g_num_sets > 0 ? "standard" : "quick";
    scan(path, leaves, num_endpoints, "first scan", profile, 0, &first_bytes);
    for (long i = 1; i < num_scans; i++) {
        bool is_odd = num_scans > 2 && i + 1 == num_scans;
        long num_sets = g_num_sets;
        g_num_sets = is_odd ? 0 : num_sets; /* nothing is surveyed */
        scan(path, leaves, num_endpoints, is_odd ? "quick scan" : "later scan",
             is_odd ? "quick" : profile, first_bytes, &later_bytes);
        first_bytes = later_bytes;
        g_num_sets = num_sets;
    }
    read_back(path, "SELECT * FROM v_endpoint", "v_endpoint");
    read_back(path, tc_sql_report_endpoints, "report");
    for (long i = 0; i < num_endpoints; i++) {
        tc_ref_release(&leaves[i]->ref);
    }
    free(leaves);
    return 0;
}
