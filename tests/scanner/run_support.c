#include "test_support.h"

#include "run_support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/dns_message.h"
#include "scanner/target_item.h"

#define A     DNS_TYPE_A
#define AAAA  DNS_TYPE_AAAA
#define CNAME DNS_TYPE_CNAME

static const struct dns_script k_scripts[] = {
    {.name = "host.example", .type = A, .records = {{0, NULL, A, "127.0.2.1"}}},
    {.name = "host.example", .type = AAAA},
    {.name = "three.example",
     .type = A,
     .records = {{0, NULL, A, "127.0.2.1"}, {0, NULL, A, "127.0.2.2"}, {0, NULL, A, "127.0.2.3"}}},
    {.name = "three.example", .type = AAAA},
    {.name = "alias.example",
     .type = A,
     .records = {{0, NULL, CNAME, "host.example"}, {0, "host.example", A, "127.0.2.1"}}},
    {.name = "alias.example", .type = AAAA, .records = {{0, NULL, CNAME, "host.example"}}},
    {.name = "mixed.example",
     .type = A,
     .records = {{0, NULL, A, "127.0.2.1"}, {0, NULL, A, "224.0.0.1"}}},
    {.name = "mixed.example", .type = AAAA},
    {.name = "broken.example", .rcode = DNS_RCODE_SERVFAIL},
    {.name = "empty.example"},
};

struct tc_verifier *g_verifier;

void run_observed(void *context, struct tc_observation *observation)
{
    struct run *run = context;
    if (atomic_load(&run->refusals) > 0) {
        atomic_store(&run->saw_row_without_room, true);
    }
    uv_mutex_lock(&run->lock);
    if (run->num_rows == MAX_ROWS) {
        abort();
    }
    run->rows[run->num_rows] = observation;
    run->num_rows++;
    uv_mutex_unlock(&run->lock);
}

bool run_has_room(void *context)
{
    struct run *run = context;
    atomic_fetch_add(&run->asked, 1);
    return atomic_fetch_sub(&run->refusals, 1) <= 0;
}

static void notice(void *context, const char *text)
{
    struct run *run = context;
    uv_mutex_lock(&run->lock);
    size_t used = strlen(run->notices);
    (void)snprintf(run->notices + used, sizeof run->notices - used, "%s\n", text);
    uv_mutex_unlock(&run->lock);
}

void run_init(struct run *run, unsigned num_sites, bool silent)
{
    static const char *resolver;
    *run = (struct run){
        .farm = {.num_sites = num_sites,
                 .silent = silent,
                 .scripts = k_scripts,
                 .num_scripts = TC_ARRAY_LEN(k_scripts)},
        .hooks = {.observed = run_observed, .notice = notice},
    };
    run->hooks.context = run;
    assert_int_equal(uv_mutex_init(&run->lock), 0);
    tls_farm_start(&run->farm);
    tc_scan_options_init(&run->options);
    resolver = run->farm.dns;
    run->options.resolvers = &resolver;
    run->options.num_resolvers = 1;
    run->options.workers = 3;
    run->options.address_rate = 0;
    run->options.per_address = 0;
    run->options.verifier = g_verifier;
}

void run_start(struct run *run)
{
    struct tc_error error = {""};
    enum tc_status status = tc_scan_start(&run->scan, &run->options, &run->hooks, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(status, TC_OK);
}

struct tc_target *run_target(const struct run *run, const char *host, const char *pinned,
                             int64_t id)
{
    struct tc_target *target = NULL;
    struct target_parts parts = {
        .protocol = TC_PROTOCOL_HTTPS,
        .port = run->farm.port,
        .host = host,
        .pinned_address = pinned,
        .is_address = host[0] >= '0' && host[0] <= '9',
        .input_text = host,
    };
    if (tc_target_new(&target, &parts) != TC_OK) {
        abort();
    }
    target->target_id = id;
    return target;
}

void run_push(struct run *run, const char *host, const char *pinned, int64_t id)
{
    assert_int_equal(tc_scan_push(run->scan, run_target(run, host, pinned, id)), TC_OK);
}

void run_wait(struct run *run)
{
    while (!tc_scan_wait(run->scan, 1000)) {
    }
}

void run_finish(struct run *run)
{
    tc_scan_end_of_targets(run->scan);
    run_wait(run);
}

void run_cleanup(struct run *run)
{
    tc_scan_free(run->scan);
    for (size_t i = 0; i < run->num_rows; i++) {
        tc_observation_free(run->rows[i]);
    }
    uv_mutex_destroy(&run->lock);
}

size_t run_count(const struct run *run, enum tc_outcome outcome)
{
    size_t num = 0;
    for (size_t i = 0; i < run->num_rows; i++) {
        num += run->rows[i]->outcome == outcome ? 1 : 0;
    }
    return num;
}

const struct tc_observation *run_only_row(const struct run *run)
{
    assert_int_equal(run->num_rows, 1);
    return run->rows[0];
}

int run_set_up(void **state)
{
    (void)state;
    struct tc_trust_store *store = NULL;
    struct tc_error error = {""};
    size_t added = 0;
    assert_int_equal(tc_trust_store_new(&store), TC_OK);
    assert_int_equal(
        tc_trust_store_add_pile(store, &added, peer_ca()->der, peer_ca()->der_len, &error), TC_OK);
    assert_int_equal(tc_verifier_new(&g_verifier, store, MAKE_NOW_S), TC_OK);
    return 0;
}

int run_tear_down(void **state)
{
    (void)state;
    tc_verifier_free(g_verifier);
    peer_certs_cleanup();
    return 0;
}
