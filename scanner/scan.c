#include "tlscensus/scan.h"

#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "cares.h"
#include "scan_run.h"
#include "tlscensus/boringssl_compat.h"

/*
 * Descriptors that are no target sockets: what is open already is counted; a few more that the
 * program may open while it scans (journal, input, reports); and for each worker epoll sets, event
 * descriptors, route tests, DNS.
 */
#define SPARE_DESCRIPTORS      8
#define WORKER_DESCRIPTORS     10
#define COUNTED_DESCRIPTORS    1024
#define MIN_CONCURRENCY        4
#define MIN_WORKER_CONCURRENCY 8 /* a worker for fewer endpoints costs more than it brings */
#define MAX_WORKERS            256
#define NS_PER_MS              UINT64_C(1000000)
/* One in a day or so: pauses of any slower rate are of no use, and in time past every number. */
#define MIN_RATE 0.00001
/* Sockets that linger, while descriptors allow: the last words take about as long as the talk. */
#define LINGERING_TIMES 2
#define MIN_LINGERING   64
/* At the end of a run a few sockets may linger for a round trip more; many are not waited for. */
#define FEW_LINGERING  32
#define FEW_LINGER_MS  500
#define MANY_LINGER_MS 25

void tc_scan_library_versions(char *out, size_t out_len)
{
    (void)snprintf(out, out_len, "BoringSSL API %d, c-ares %s, libuv %s", BORINGSSL_API_VERSION,
                   ares_version(NULL), uv_version_string());
}

void tc_scan_say_once(struct tc_scan *scan, atomic_bool *said, const char *text)
{
    if (!atomic_exchange(said, true) && scan->hooks.notice != NULL) {
        scan->hooks.notice(scan->hooks.context, text);
    }
}

void tc_scan_add_vantage(struct tc_scan *scan, const struct tc_router *router)
{
    struct tc_vantage vantage;
    tc_router_get_vantage(router, &vantage);
    uv_mutex_lock(&scan->lock);
    tc_vantage_merge(&scan->vantage, &vantage);
    uv_mutex_unlock(&scan->lock);
}

void tc_scan_worker_ended(struct tc_scan *scan)
{
    uv_mutex_lock(&scan->lock);
    scan->num_running--;
    uv_cond_broadcast(&scan->ended);
    uv_mutex_unlock(&scan->lock);
}

void tc_scan_worker_left(struct tc_scan *scan)
{
    uv_mutex_lock(&scan->lock);
    scan->num_threads--;
    uv_cond_broadcast(&scan->ended);
    uv_mutex_unlock(&scan->lock);
}

static void wake_all(struct tc_scan *scan)
{
    for (unsigned i = 0; i < scan->num_workers; i++) {
        tc_worker_wake(&scan->workers[i]);
    }
}

void tc_scan_wake_starving(struct tc_scan *scan)
{
    wake_all(scan); /* rare: only a worker below its share starves */
}

/* Raises the soft limit of descriptors to what this run may use; says what there is. */
static size_t descriptors_for(size_t wanted)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return wanted;
    }
    if (limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < wanted) {
        rlim_t old = limit.rlim_cur;
        limit.rlim_cur = limit.rlim_max == RLIM_INFINITY || limit.rlim_max > wanted
                             ? (rlim_t)wanted
                             : limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
            limit.rlim_cur = old;
        }
    }
    return limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > wanted ? wanted
                                                                      : (size_t)limit.rlim_cur;
}

/* How many descriptors are open, as far as it matters: below the limits that are short. */
static size_t count_descriptors(void)
{
    size_t num = 0;
    for (int fd = 0; fd < COUNTED_DESCRIPTORS; fd++) {
        num += fcntl(fd, F_GETFD) >= 0 ? 1 : 0;
    }
    return num;
}

/*
 * Each endpoint in flight has a socket, and one that has just ended may linger. Where descriptors
 * are short, lingering is what suffers first.
 */
static enum tc_status fit_descriptors(struct tc_scan *scan, struct tc_error *error)
{
    struct tc_scan_options *options = &scan->options;
    size_t asked = options->concurrency;
    size_t fixed =
        count_descriptors() + SPARE_DESCRIPTORS + (size_t)WORKER_DESCRIPTORS * scan->num_workers;
    size_t lingering = LINGERING_TIMES * asked + MIN_LINGERING;
    size_t have = descriptors_for(fixed + MIN_CONCURRENCY + asked + lingering);
    if (have < fixed + MIN_CONCURRENCY) {
        return tc_fail(error, TC_ERR_LIMIT,
                       "only %zu file descriptors are allowed, and at least %zu are needed: raise "
                       "the limit (ulimit -n)",
                       have, fixed + MIN_CONCURRENCY);
    }
    size_t room = have - fixed;
    if (options->concurrency > room) {
        options->concurrency = room - room / MIN_CONCURRENCY;
    }
    scan->max_lingering = room - options->concurrency;
    if (scan->max_lingering > lingering) {
        scan->max_lingering = lingering;
    }
    if (options->concurrency < asked && scan->hooks.notice != NULL) {
        char text[160];
        (void)snprintf(text, sizeof text,
                       "concurrency lowered from %zu to %zu: only %zu file descriptors are allowed",
                       asked, options->concurrency, have);
        scan->hooks.notice(scan->hooks.context, text);
    }
    return TC_OK;
}

static bool is_rate(double rate)
{
    return rate == 0 || rate >= MIN_RATE;
}

static enum tc_status check_options(const struct tc_scan_options *options, struct tc_error *error)
{
    if (options->concurrency == 0 || options->workers == 0) {
        return tc_fail(error, TC_ERR_INPUT, "concurrency and workers must be at least 1");
    }
    if (options->verifier == NULL) {
        return tc_fail(error, TC_ERR_INPUT, "no trust store to verify with");
    }
    if (options->max_read_bytes == 0 || options->max_certs == 0 || options->max_cert_bytes == 0) {
        return tc_fail(error, TC_ERR_INPUT, "caps on bytes and certificates must be at least 1");
    }
    if (!is_rate(options->rate) || !is_rate(options->address_rate) || !is_rate(options->dns_rate)) {
        return tc_fail(error, TC_ERR_INPUT,
                       "a rate must be 0 for no limit, or at least %g a second", MIN_RATE);
    }
    return TC_OK;
}

/* No more workers than there is work for, nor than descriptors allow. */
static unsigned choose_workers(const struct tc_scan_options *options)
{
    unsigned workers = options->workers < MAX_WORKERS ? options->workers : MAX_WORKERS;
    size_t fixed = count_descriptors() + SPARE_DESCRIPTORS;
    size_t each = WORKER_DESCRIPTORS + MIN_WORKER_CONCURRENCY;
    size_t have = descriptors_for(fixed + each * workers);
    while (workers > 1 && (options->concurrency / MIN_WORKER_CONCURRENCY < workers ||
                           have < fixed + each * workers)) {
        workers--;
    }
    return workers;
}

/* --proxy may be a name: it is looked up once, before the run, as any program does. */
static enum tc_status find_proxy(struct tc_scan *scan, struct tc_error *error)
{
    const struct tc_proxy *proxy = scan->options.proxy;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    struct sockaddr_storage storage = {0};
    if (proxy == NULL || proxy->kind == TC_PROXY_NONE) {
        scan->options.proxy = NULL;
        return TC_OK;
    }
    if (tc_address_parse(&scan->proxy_address, proxy->host)) {
        return TC_OK;
    }
    int result = getaddrinfo(proxy->host, NULL, &hints, &found);
    if (result != 0 || found == NULL || found->ai_addrlen > sizeof storage) {
        freeaddrinfo(result == 0 ? found : NULL);
        return tc_fail(error, TC_ERR_INPUT, "the proxy %s has no address: %s", proxy->host,
                       gai_strerror(result));
    }
    memcpy(&storage, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    if (!tc_address_from_sockaddr(&scan->proxy_address, &storage)) {
        return tc_fail(error, TC_ERR_INPUT, "the proxy %s has no IP address", proxy->host);
    }
    return TC_OK;
}

static enum tc_status make_dns(struct tc_scan *scan, struct tc_error *error)
{
    const struct tc_scan_options *options = &scan->options;
    struct tc_dns_options dns = {
        .servers = options->resolvers,
        .num_servers = options->num_resolvers,
        .family = options->family,
        .timeout_ms = options->dns_timeout_ms,
        .rate = options->dns_rate,
        .workers = scan->num_workers,
    };
    return tc_dns_new(&scan->dns, &dns, error);
}

static enum tc_status make_parts(struct tc_scan *scan, struct tc_error *error)
{
    struct tc_scan_options *options = &scan->options;
    struct tc_gate_options gate = {
        .per_address = options->per_address,
        .address_rate = options->address_rate,
        .wake = tc_worker_gate_wake,
    };
    tc_limits_init(&scan->limits, options->concurrency, scan->num_workers, options->rate);
    enum tc_status status = tc_tls_new(&scan->tls, options);
    if (status != TC_OK) {
        return tc_fail(error, status, "cannot set up TLS: %s", tc_status_str(status));
    }
    status = tc_gate_new(&scan->gate, &gate);
    if (status == TC_OK) {
        status = tc_intake_new(&scan->intake, TC_INTAKE_WINDOW, !options->as_given, uv_hrtime());
    }
    if (status != TC_OK) {
        return tc_fail(error, status, "cannot begin a scan: %s", tc_status_str(status));
    }
    status = find_proxy(scan, error);
    return status == TC_OK ? make_dns(scan, error) : status;
}

/*
 * What each profile means here, once all else is settled: `asked` has its numbers where they were
 * given.
 */
static void make_profiles(struct tc_scan *scan, const struct tc_scan_options *asked)
{
    for (int i = 0; i < TC_PROFILE_COUNT; i++) {
        struct tc_scan_options *options = &scan->profiles[i];
        *options = scan->options;
        options->profile = (enum tc_profile)i;
        options->endpoint_timeout_ms = asked->endpoint_timeout_ms;
        options->connections_per_endpoint = asked->connections_per_endpoint;
        options->keep_messages = asked->keep_messages;
        tc_scan_options_complete(options);
    }
}

static void count_thread(struct tc_scan *scan, int change)
{
    uv_mutex_lock(&scan->lock);
    scan->num_running += (unsigned)change;
    scan->num_threads += (unsigned)change;
    uv_mutex_unlock(&scan->lock);
}

static enum tc_status start_workers(struct tc_scan *scan, struct tc_error *error)
{
    enum tc_status status = TC_OK;
    scan->workers = calloc(scan->num_workers, sizeof(*scan->workers));
    if (scan->workers == NULL) {
        return tc_fail(error, TC_ERR_NOMEM, "cannot begin a scan: %s", tc_status_str(TC_ERR_NOMEM));
    }
    for (unsigned i = 0; i < scan->num_workers && status == TC_OK; i++) {
        status = tc_worker_init(&scan->workers[i], scan, error);
    }
    for (unsigned i = 0; i < scan->num_workers && status == TC_OK; i++) {
        count_thread(scan, 1);
        status = tc_worker_start(&scan->workers[i], error);
        if (status != TC_OK) {
            count_thread(scan, -1);
            tc_scan_stop(scan, true); /* those that run already end */
        }
    }
    return status;
}

enum tc_status tc_scan_start(struct tc_scan **out, const struct tc_scan_options *options,
                             const struct tc_scan_hooks *hooks, struct tc_error *error)
{
    enum tc_status status = check_options(options, error);
    if (status != TC_OK) {
        return status;
    }
    struct tc_scan *scan = calloc(1, sizeof *scan);
    if (scan == NULL || uv_mutex_init(&scan->lock) != 0) {
        free(scan);
        return tc_fail(error, TC_ERR_NOMEM, "cannot begin a scan: %s", tc_status_str(TC_ERR_NOMEM));
    }
    if (uv_cond_init(&scan->ended) != 0) {
        uv_mutex_destroy(&scan->lock);
        free(scan);
        return tc_fail(error, TC_ERR_NOMEM, "cannot begin a scan: %s", tc_status_str(TC_ERR_NOMEM));
    }
    scan->options = *options;
    tc_scan_options_complete(&scan->options);
    scan->hooks = *hooks;
    scan->num_workers = choose_workers(options);
    status = fit_descriptors(scan, error);
    if (status == TC_OK) {
        status = make_parts(scan, error);
    }
    if (status == TC_OK) {
        make_profiles(scan, options);
        status = start_workers(scan, error);
    }
    if (status != TC_OK) {
        tc_scan_free(scan);
        return status;
    }
    *out = scan;
    return TC_OK;
}

enum tc_status tc_scan_push(struct tc_scan *scan, struct tc_target *target)
{
    enum tc_status status = tc_intake_push(scan->intake, target);
    for (unsigned i = 0; i < scan->num_workers && status == TC_OK; i++) {
        if (atomic_exchange(&scan->workers[i].is_hungry, false)) {
            tc_worker_wake(&scan->workers[i]);
            break;
        }
    }
    return status;
}

void tc_scan_end_of_targets(struct tc_scan *scan)
{
    tc_intake_close(scan->intake);
    wake_all(scan);
}

void tc_scan_stop(struct tc_scan *scan, bool at_once)
{
    unsigned wanted = at_once ? TC_STOP_AT_ONCE : TC_STOP_ORDERLY;
    unsigned before = atomic_load(&scan->stop);
    while (before < wanted && !atomic_compare_exchange_weak(&scan->stop, &before, wanted)) {
    }
    tc_intake_cancel(scan->intake);
    wake_all(scan);
}

/* Waits until `*num`, which the lock guards, is 0; false where that takes longer. */
static bool wait_for_none(struct tc_scan *scan, const unsigned *num, unsigned timeout_ms)
{
    uint64_t until_ns = uv_hrtime() + timeout_ms * NS_PER_MS;
    uv_mutex_lock(&scan->lock);
    while (*num > 0) {
        uint64_t now_ns = uv_hrtime();
        if (now_ns >= until_ns) {
            break;
        }
        (void)uv_cond_timedwait(&scan->ended, &scan->lock, until_ns - now_ns);
    }
    bool none = *num == 0;
    uv_mutex_unlock(&scan->lock);
    return none;
}

bool tc_scan_wait(struct tc_scan *scan, unsigned timeout_ms)
{
    return wait_for_none(scan, &scan->num_running, timeout_ms);
}

static uint64_t read_count(_Atomic uint64_t *count)
{
    return atomic_load_explicit(count, memory_order_relaxed);
}

void tc_scan_get_progress(struct tc_scan *scan, struct tc_scan_progress *out)
{
    *out = (struct tc_scan_progress){
        .targets_taken = tc_intake_num_pushed(scan->intake),
        .intake_closed = tc_intake_is_closed(scan->intake),
    };
    for (unsigned i = 0; i < scan->num_workers; i++) {
        struct tc_worker_counts *counts = &scan->workers[i].counts;
        out->targets_done += read_count(&counts->targets_done);
        out->endpoints_done += read_count(&counts->endpoints_done);
        out->in_flight += read_count(&counts->in_flight);
        out->surveying += read_count(&counts->surveying);
        out->waiting += read_count(&counts->waiting);
        for (size_t j = 0; j < TC_OUTCOME_COUNT; j++) {
            out->by_outcome[j] += read_count(&counts->by_outcome[j]);
        }
        for (size_t j = 0; j < 4; j++) {
            out->slowest_phase_us[j] += (double)read_count(&counts->phase_us[j]);
        }
    }
}

bool tc_scan_is_idle(struct tc_scan *scan)
{
    uint64_t num_done = 0;
    for (unsigned i = 0; i < scan->num_workers; i++) {
        num_done += read_count(&scan->workers[i].counts.targets_done);
    }
    return num_done >= tc_intake_num_pushed(scan->intake);
}

void tc_scan_get_vantage(struct tc_scan *scan, struct tc_scan_vantage *out)
{
    out->concurrency = scan->options.concurrency;
    uv_mutex_lock(&scan->lock);
    tc_vantage_text(out->text, sizeof out->text, &scan->vantage);
    uv_mutex_unlock(&scan->lock);
}

static unsigned last_linger_ms(const struct tc_scan *scan)
{
    uint64_t num = 0;
    for (unsigned i = 0; i < scan->num_workers; i++) {
        num += atomic_load(&scan->workers[i].counts.lingering);
    }
    return num <= FEW_LINGERING ? FEW_LINGER_MS : MANY_LINGER_MS;
}

void tc_scan_free(struct tc_scan *scan)
{
    if (scan == NULL) {
        return;
    }
    if (scan->workers != NULL && !wait_for_none(scan, &scan->num_threads, last_linger_ms(scan))) {
        tc_scan_stop(scan, true);
    }
    /* All threads end before any loop is closed: one may still wake the others (wake_all()). */
    for (unsigned i = 0; scan->workers != NULL && i < scan->num_workers; i++) {
        tc_worker_join(&scan->workers[i]);
    }
    for (unsigned i = 0; scan->workers != NULL && i < scan->num_workers; i++) {
        tc_worker_cleanup(&scan->workers[i]);
    }
    free(scan->workers);
    tc_dns_free(scan->dns);
    tc_intake_free(scan->intake);
    tc_gate_free(scan->gate);
    tc_tls_free(scan->tls);
    uv_cond_destroy(&scan->ended);
    uv_mutex_destroy(&scan->lock);
    free(scan);
}
