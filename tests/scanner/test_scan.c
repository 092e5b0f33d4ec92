#include "test_support.h"

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scanner/dns_message.h"
#include "scanner/target_item.h"
#include "tls_farm.h"
#include "tlscensus/scan.h"

#define MAX_ROWS 1024
#define A        DNS_TYPE_A
#define AAAA     DNS_TYPE_AAAA
#define CNAME    DNS_TYPE_CNAME

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

/* All that a test needs, and what the run told it. */
struct run {
    struct tls_farm farm;
    struct tc_scan_options options;
    struct tc_scan_hooks hooks;
    struct tc_scan *scan;
    uv_mutex_t lock; /* guards the rows and the notices */
    struct tc_observation *rows[MAX_ROWS];
    size_t num_rows;
    char notices[1024];
    atomic_int refusals; /* has_room says no so often */
    atomic_int asked;
    atomic_bool saw_row_without_room;
};

static struct tc_verifier *g_verifier;

static void observed(void *context, struct tc_observation *observation)
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

static bool has_room(void *context)
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

static void run_init(struct run *run, unsigned num_sites, bool silent)
{
    static const char *resolver;
    *run = (struct run){
        .farm = {.num_sites = num_sites,
                 .silent = silent,
                 .scripts = k_scripts,
                 .num_scripts = TC_ARRAY_LEN(k_scripts)},
        .hooks = {.observed = observed, .notice = notice},
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

static void start(struct run *run)
{
    struct tc_error error = {""};
    enum tc_status status = tc_scan_start(&run->scan, &run->options, &run->hooks, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(status, TC_OK);
}

static char *copy(const char *text)
{
    char *result = text == NULL ? NULL : strdup(text);
    assert_true(text == NULL || result != NULL);
    return result;
}

static struct tc_target *make_target(const struct run *run, const char *host, const char *pinned,
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

static void push(struct run *run, const char *host, const char *pinned, int64_t id)
{
    assert_int_equal(tc_scan_push(run->scan, make_target(run, host, pinned, id)), TC_OK);
}

static void wait_for_end(struct run *run)
{
    while (!tc_scan_wait(run->scan, 1000)) {
    }
}

static void finish(struct run *run)
{
    tc_scan_end_of_targets(run->scan);
    wait_for_end(run);
}

static void run_cleanup(struct run *run)
{
    tc_scan_free(run->scan);
    for (size_t i = 0; i < run->num_rows; i++) {
        tc_observation_free(run->rows[i]);
    }
    uv_mutex_destroy(&run->lock);
}

static size_t count_outcome(const struct run *run, enum tc_outcome outcome)
{
    size_t num = 0;
    for (size_t i = 0; i < run->num_rows; i++) {
        num += run->rows[i]->outcome == outcome ? 1 : 0;
    }
    return num;
}

static void limits_hold_and_each_endpoint_has_one_row(void **state)
{
    (void)state;
    enum { NUM = 200, SITES = 20 };
    struct run run;
    bool seen[NUM] = {false};
    struct tc_scan_progress progress;
    run_init(&run, SITES, false);
    run.options.concurrency = 25;
    run.options.per_address = 2;
    start(&run);
    for (int64_t i = 0; i < NUM; i++) {
        push(&run, "host.example", run.farm.sites[i % SITES].address, i);
    }
    finish(&run);
    tc_scan_get_progress(run.scan, &progress);
    tls_farm_stop(&run.farm);
    assert_int_equal(run.num_rows, NUM);
    for (size_t i = 0; i < NUM; i++) {
        int64_t id = run.rows[i]->target_id;
        assert_string_equal(tc_outcome_str(run.rows[i]->outcome), "ok");
        assert_false(seen[id]);
        seen[id] = true;
        assert_true(run.rows[i]->chain->trusted);
    }
    for (size_t i = 0; i < SITES; i++) {
        assert_in_range(run.farm.sites[i].most_at_once, 1, 2);
        assert_int_equal(run.farm.sites[i].num_accepted, NUM / SITES);
    }
    assert_int_equal(run.farm.num_resets, 0);
    assert_int_equal(progress.targets_taken, NUM);
    assert_int_equal(progress.targets_done, NUM);
    assert_int_equal(progress.endpoints_done, NUM);
    assert_int_equal(progress.by_outcome[TC_OUTCOME_OK], NUM);
    assert_int_equal(progress.in_flight, 0);
    assert_int_equal(progress.waiting, 0);
    assert_true(progress.intake_closed);
    run_cleanup(&run);
}

static void many_names_on_one_address_do_not_hold_up_others(void **state)
{
    (void)state;
    enum { NUM = 300 };
    struct run run;
    size_t num_other = 0;
    run_init(&run, 2, false);
    run.options.as_given = true;
    run.options.concurrency = 4;
    run.options.workers = 1;
    run.options.per_address = 1;
    start(&run);
    for (int64_t i = 0; i < NUM; i++) {
        push(&run, "host.example", "127.0.2.1", i);
    }
    for (int64_t i = NUM; i < NUM + 10; i++) {
        push(&run, "host.example", "127.0.2.2", i);
    }
    finish(&run);
    tls_farm_stop(&run.farm);
    assert_int_equal(run.num_rows, NUM + 10);
    for (size_t i = 0; i < NUM / 2; i++) { /* they came last, and are done in the first half */
        num_other += run.rows[i]->target_id >= NUM ? 1 : 0;
    }
    assert_int_equal(num_other, 10);
    run_cleanup(&run);
}

static void as_given_with_one_slot_is_one_after_another(void **state)
{
    (void)state;
    enum { NUM = 40 };
    struct run run;
    run_init(&run, 3, false);
    run.options.as_given = true;
    run.options.concurrency = 1;
    start(&run);
    for (int64_t i = 0; i < NUM; i++) {
        push(&run, "host.example", run.farm.sites[i % 3].address, i);
    }
    finish(&run);
    tls_farm_stop(&run.farm);
    assert_int_equal(run.num_rows, NUM);
    for (size_t i = 0; i < NUM; i++) {
        assert_int_equal(run.rows[i]->target_id, i);
    }
    run_cleanup(&run);
}

static const struct tc_observation *only_row(const struct run *run)
{
    assert_int_equal(run->num_rows, 1);
    return run->rows[0];
}

static void a_name_leads_to_its_address(void **state)
{
    (void)state;
    struct run run;
    struct tc_scan_vantage vantage;
    run_init(&run, 1, false);
    start(&run);
    push(&run, "alias.example", NULL, 7);
    finish(&run);
    tc_scan_get_vantage(run.scan, &vantage);
    tls_farm_stop(&run.farm);
    const struct tc_observation *row = only_row(&run);
    assert_int_equal(row->outcome, TC_OUTCOME_OK);
    assert_string_equal(row->address, "127.0.2.1");
    assert_string_equal(row->cname_chain, "host.example");
    assert_int_equal(row->endpoints_count, 1);
    assert_true(row->timing.dns_us >= 0);
    assert_true(row->timing.total_us >= row->timing.dns_us + row->timing.connect_us);
    assert_int_equal(row->name_match, TC_NO); /* the certificate is for host.example */
    assert_non_null(strstr(vantage.text, "IPv4 127.0.0.1"));
    assert_int_equal(vantage.concurrency, 1000);
    run_cleanup(&run);
}

static void every_address_is_an_endpoint(void **state)
{
    (void)state;
    struct run run;
    run_init(&run, 3, false);
    start(&run);
    push(&run, "three.example", NULL, 7);
    finish(&run);
    tls_farm_stop(&run.farm);
    assert_int_equal(run.num_rows, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(run.rows[i]->endpoints_count, 3);
        assert_int_equal(run.rows[i]->outcome, TC_OUTCOME_OK);
        assert_int_equal(run.farm.sites[i].num_accepted, 1);
    }
    run_cleanup(&run);
}

static void one_address_is_enough_when_asked_for(void **state)
{
    (void)state;
    struct run run;
    run_init(&run, 3, false);
    run.options.one_address = true;
    start(&run);
    push(&run, "three.example", NULL, 7);
    finish(&run);
    tls_farm_stop(&run.farm);
    assert_int_equal(only_row(&run)->endpoints_count, 1);
    run_cleanup(&run);
}

static void resume_does_what_is_missing(void **state)
{
    (void)state;
    struct run run;
    run_init(&run, 3, false);
    start(&run);
    struct tc_target *target = make_target(&run, "three.example", NULL, 7);
    target->num_done_addresses = 2;
    target->done_addresses = calloc(2, sizeof(*target->done_addresses));
    assert_non_null(target->done_addresses);
    target->done_addresses[0] = copy("127.0.2.1");
    target->done_addresses[1] = copy("127.0.2.3");
    assert_int_equal(tc_scan_push(run.scan, target), TC_OK);
    finish(&run);
    tls_farm_stop(&run.farm);
    assert_string_equal(only_row(&run)->address, "127.0.2.2");
    assert_int_equal(only_row(&run)->endpoints_count, 3);
    run_cleanup(&run);
}

static struct name_case {
    const char *name;
    const char *host;
    enum tc_outcome outcome;
    enum tc_stage stage;
    const char *address;
    const char *detail;
    unsigned attempts;
} name_cases[] = {
    {"scan: a name that does not exist", "none.example", TC_OUTCOME_DNS_NOT_FOUND, TC_STAGE_DNS, "",
     "not exist", 1},
    {"scan: a name without address", "empty.example", TC_OUTCOME_DNS_NO_ADDRESS, TC_STAGE_DNS, "",
     "", 1},
    {"scan: a broken zone is asked twice", "broken.example", TC_OUTCOME_DNS_FAILURE, TC_STAGE_DNS,
     "", "SERVFAIL", 2},
    {"scan: a multicast address", "224.0.0.251", TC_OUTCOME_EXCLUDED, TC_STAGE_TCP, "224.0.0.251",
     "multicast", 0},
    {"scan: the unspecified address", "0.0.0.0", TC_OUTCOME_EXCLUDED, TC_STAGE_TCP, "0.0.0.0", "",
     0},
    {"scan: broadcast", "255.255.255.255", TC_OUTCOME_EXCLUDED, TC_STAGE_TCP, "255.255.255.255", "",
     0},
    {"scan: an excluded name", "secret.example", TC_OUTCOME_EXCLUDED, TC_STAGE_DNS, "",
     "exclusion list", 0},
    {"scan: a name below an excluded one", "a.below.example", TC_OUTCOME_EXCLUDED, TC_STAGE_DNS, "",
     "exclusion list", 0},
    {"scan: an excluded address", "127.0.2.77", TC_OUTCOME_EXCLUDED, TC_STAGE_TCP, "127.0.2.77",
     "exclusion list", 0},
    {"scan: a closed port", "127.0.2.200", TC_OUTCOME_REFUSED, TC_STAGE_TCP, "127.0.2.200",
     "closed", 1},
};

static struct tc_exclusions *read_exclusions(void)
{
    struct tc_exclusions *exclusions = NULL;
    struct tc_error error = {""};
    char path[] = "/tmp/tlscensus-exclude-XXXXXX";
    static const char k_list[] = "secret.example\n.below.example\n127.0.2.64/27\n";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, k_list, sizeof k_list - 1), sizeof k_list - 1);
    assert_int_equal(close(fd), 0);
    enum tc_status status = tc_exclusions_read(&exclusions, path, &error);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(status, TC_OK);
    return exclusions;
}

static void check_name(void **state)
{
    const struct name_case *row = *state;
    struct run run;
    struct tc_exclusions *exclusions = read_exclusions();
    run_init(&run, 1, false);
    run.options.exclusions = exclusions;
    start(&run);
    push(&run, row->host, NULL, 7);
    finish(&run);
    tls_farm_stop(&run.farm);
    const struct tc_observation *got = only_row(&run);
    assert_string_equal(tc_outcome_str(got->outcome), tc_outcome_str(row->outcome));
    assert_string_equal(tc_stage_str(got->stage), tc_stage_str(row->stage));
    assert_string_equal(got->address, row->address);
    assert_non_null(got->detail);
    assert_non_null(strstr(got->detail, row->detail));
    assert_int_equal(got->attempts, row->attempts);
    assert_int_equal(got->endpoints_count, 1);
    assert_null(got->chain);
    run_cleanup(&run);
    tc_exclusions_free(exclusions);
}

static void an_excluded_address_is_a_row_among_others(void **state)
{
    (void)state;
    struct run run;
    run_init(&run, 1, false);
    start(&run);
    push(&run, "mixed.example", NULL, 7);
    finish(&run);
    tls_farm_stop(&run.farm);
    assert_int_equal(run.num_rows, 2);
    assert_int_equal(count_outcome(&run, TC_OUTCOME_OK), 1);
    assert_int_equal(count_outcome(&run, TC_OUTCOME_EXCLUDED), 1);
    assert_int_equal(run.rows[0]->endpoints_count, 2);
    run_cleanup(&run);
}

static void nothing_is_begun_without_room(void **state)
{
    (void)state;
    struct run run;
    run_init(&run, 1, false);
    run.options.workers = 1;
    run.hooks.has_room = has_room;
    run.refusals = 3;
    start(&run);
    for (int64_t i = 0; i < 5; i++) {
        push(&run, "host.example", "127.0.2.1", i);
    }
    finish(&run);
    tls_farm_stop(&run.farm);
    assert_int_equal(run.num_rows, 5);
    assert_false(run.saw_row_without_room);
    assert_true(run.asked >= 3 + 5);
    run_cleanup(&run);
}

static void wait_for_flight(struct run *run, uint64_t in_flight)
{
    struct tc_scan_progress progress = {0};
    while (progress.in_flight < in_flight) {
        (void)tc_scan_wait(run->scan, 1);
        tc_scan_get_progress(run->scan, &progress);
    }
}

static void stop_ends_those_in_flight_and_no_others(bool at_once)
{
    enum { NUM = 50, SLOTS = 10 };
    struct run run;
    run_init(&run, 5, true);
    run.options.concurrency = SLOTS;
    start(&run);
    for (int64_t i = 0; i < NUM; i++) {
        push(&run, "host.example", run.farm.sites[i % 5].address, i);
    }
    wait_for_flight(&run, SLOTS);
    tc_scan_stop(run.scan, at_once);
    struct tc_target *late = make_target(&run, "host.example", "127.0.2.1", NUM);
    assert_int_equal(tc_scan_push(run.scan, late), TC_ERR_CANCELLED);
    tc_target_free(late);
    wait_for_end(&run);
    tls_farm_stop(&run.farm);
    assert_int_equal(run.num_rows, SLOTS);
    assert_int_equal(count_outcome(&run, TC_OUTCOME_INTERRUPTED), SLOTS);
    run_cleanup(&run);
}

static void stop_is_orderly(void **state)
{
    (void)state;
    stop_ends_those_in_flight_and_no_others(false);
}

static void stop_at_once(void **state)
{
    (void)state;
    stop_ends_those_in_flight_and_no_others(true);
}

static void stop_while_names_are_looked_up(void **state)
{
    (void)state;
    struct run run;
    struct tc_scan_progress progress = {0};
    int sockets[2];
    char silent[32];
    const char *resolver = silent;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof address;
    run_init(&run, 1, false);
    sockets[0] = socket(AF_INET, SOCK_DGRAM, 0); /* takes questions and never answers */
    assert_int_equal(bind(sockets[0], (const struct sockaddr *)&address, len), 0);
    assert_int_equal(getsockname(sockets[0], (struct sockaddr *)&address, &len), 0);
    (void)snprintf(silent, sizeof silent, "127.0.0.1:%u", ntohs(address.sin_port));
    run.options.resolvers = &resolver;
    start(&run);
    for (int64_t i = 0; i < 20; i++) {
        push(&run, "host.example", NULL, i);
    }
    while (progress.waiting < 20) {
        (void)tc_scan_wait(run.scan, 1);
        tc_scan_get_progress(run.scan, &progress);
    }
    tc_scan_stop(run.scan, false);
    wait_for_end(&run);
    tls_farm_stop(&run.farm);
    assert_int_equal(run.num_rows, 0); /* not begun: a later run does them */
    run_cleanup(&run);
    assert_int_equal(close(sockets[0]), 0);
}

static void a_run_without_targets_ends(void **state)
{
    (void)state;
    struct run run;
    run_init(&run, 1, false);
    start(&run);
    finish(&run);
    tls_farm_stop(&run.farm);
    assert_int_equal(run.num_rows, 0);
    run_cleanup(&run);
}

/* In a process of its own: a limit that was lowered cannot be raised again. */
static int scan_with_few_descriptors(struct run *run)
{
    struct rlimit limit = {64, 64};
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return 1;
    }
    struct tc_error error = {""};
    if (tc_scan_start(&run->scan, &run->options, &run->hooks, &error) != TC_OK) {
        (void)fprintf(stderr, "%s\n", error.text);
        return 2;
    }
    for (int64_t i = 0; i < 100; i++) {
        struct tc_target *target =
            make_target(run, "host.example", run->farm.sites[i % 5].address, i);
        if (tc_scan_push(run->scan, target) != TC_OK) {
            return 3;
        }
    }
    tc_scan_end_of_targets(run->scan);
    while (!tc_scan_wait(run->scan, 1000)) {
    }
    if (run->num_rows != 100 || count_outcome(run, TC_OUTCOME_OK) != 100) {
        return 4;
    }
    return strstr(run->notices, "concurrency lowered from 1000") == NULL ? 5 : 0;
}

static void sixty_four_descriptors_are_enough(void **state)
{
    (void)state;
    struct run run;
    int status = 0;
#if defined(__SANITIZE_THREAD__)
    print_message("skipped: threads cannot be started after fork() under ThreadSanitizer\n");
    skip();
#endif
    run_init(&run, 5, false);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        _exit(scan_with_few_descriptors(&run));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    tls_farm_stop(&run.farm);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    run_cleanup(&run);
}

static const char *const k_bad_resolvers[] = {"not an address"};
static const struct tc_proxy k_bad_proxy = {
    .kind = TC_PROXY_HTTP, .host = "no.such.host.invalid", .port = 1};

static void no_verifier(struct tc_scan_options *options)
{
    options->verifier = NULL;
}

static void no_slots(struct tc_scan_options *options)
{
    options->concurrency = 0;
}

static void no_workers(struct tc_scan_options *options)
{
    options->workers = 0;
}

static void negative_rate(struct tc_scan_options *options)
{
    options->rate = -1;
}

static void bad_resolver(struct tc_scan_options *options)
{
    options->resolvers = k_bad_resolvers;
    options->num_resolvers = 1;
}

static void bad_source(struct tc_scan_options *options)
{
    options->source_address = "192.0.2.1"; /* RFC 5737: nobody's */
}

static void bad_proxy(struct tc_scan_options *options)
{
    options->proxy = &k_bad_proxy;
}

static struct option_case {
    const char *name;
    void (*spoil)(struct tc_scan_options *options);
} option_cases[] = {
    {"start: without a verifier", no_verifier},
    {"start: no slots", no_slots},
    {"start: no workers", no_workers},
    {"start: a negative rate", negative_rate},
    {"start: a resolver without address", bad_resolver},
    {"start: a source address of nobody", bad_source},
    {"start: a proxy without address", bad_proxy},
};

static void check_option(void **state)
{
    const struct option_case *row = *state;
    struct tc_scan_options options;
    struct tc_scan_hooks hooks = {.observed = observed};
    struct tc_scan *scan = NULL;
    struct tc_error error = {""};
    tc_scan_options_init(&options);
    options.verifier = g_verifier;
    row->spoil(&options);
    assert_int_equal(tc_scan_start(&scan, &options, &hooks, &error), TC_ERR_INPUT);
    assert_null(scan);
    assert_true(error.text[0] != '\0');
}

static void versions_are_named(void **state)
{
    (void)state;
    char text[128];
    tc_scan_library_versions(text, sizeof text);
    assert_non_null(strstr(text, "BoringSSL API "));
    assert_non_null(strstr(text, "c-ares 1."));
    assert_non_null(strstr(text, "libuv 1."));
}

static int set_up(void **state)
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

static int tear_down(void **state)
{
    (void)state;
    tc_verifier_free(g_verifier);
    peer_certs_cleanup();
    return 0;
}

#define NUM_OTHERS 15

int main(void)
{
    const struct CMUnitTest others[NUM_OTHERS] = {
        cmocka_unit_test(limits_hold_and_each_endpoint_has_one_row),
        cmocka_unit_test(many_names_on_one_address_do_not_hold_up_others),
        cmocka_unit_test(as_given_with_one_slot_is_one_after_another),
        cmocka_unit_test(a_name_leads_to_its_address),
        cmocka_unit_test(every_address_is_an_endpoint),
        cmocka_unit_test(one_address_is_enough_when_asked_for),
        cmocka_unit_test(resume_does_what_is_missing),
        cmocka_unit_test(an_excluded_address_is_a_row_among_others),
        cmocka_unit_test(nothing_is_begun_without_room),
        cmocka_unit_test(stop_is_orderly),
        cmocka_unit_test(stop_at_once),
        cmocka_unit_test(stop_while_names_are_looked_up),
        cmocka_unit_test(a_run_without_targets_ends),
        cmocka_unit_test(sixty_four_descriptors_are_enough),
        cmocka_unit_test(versions_are_named),
    };
    struct CMUnitTest tests[NUM_OTHERS + TC_ARRAY_LEN(name_cases) + TC_ARRAY_LEN(option_cases)] = {
        0};
    size_t num = 0;
    for (; num < NUM_OTHERS; num++) {
        tests[num] = others[num];
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(name_cases); i++, num++) {
        tests[num].name = name_cases[i].name;
        tests[num].test_func = check_name;
        tests[num].initial_state = &name_cases[i];
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(option_cases); i++, num++) {
        tests[num].name = option_cases[i].name;
        tests[num].test_func = check_option;
        tests[num].initial_state = &option_cases[i];
    }
    return cmocka_run_group_tests_name("scan", tests, set_up, tear_down);
}
