/* RESOLVE belongs to the target: its answer starts one endpoint for each address. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "endpoint_record.h"
#include "scan_run.h"

#define US_PER_MS INT64_C(1000)
/* A lookup that failed is tried again after this and up to as much again. */
#define LOOKUP_PAUSE_US (500 * US_PER_MS)

static const struct tc_address k_no_address;

static void add_count(_Atomic uint64_t *count, uint64_t number)
{
    atomic_fetch_add_explicit(count, number, memory_order_relaxed);
}

static void add_phases(struct tc_worker_counts *counts, const struct tc_timing *timing)
{
    int64_t hello_us = timing->server_hello_us > 0 ? timing->server_hello_us : 0;
    int64_t rest_us = timing->handshake_us > hello_us ? timing->handshake_us - hello_us : 0;
    int64_t phases_us[4] = {timing->dns_us, timing->connect_us, hello_us, rest_us};
    for (size_t i = 0; i < TC_ARRAY_LEN(phases_us); i++) {
        if (phases_us[i] > 0) {
            add_count(&counts->phase_us[i], (uint64_t)phases_us[i]);
        }
    }
}

void tc_worker_emit(struct tc_worker *worker, struct tc_observation *observation)
{
    struct tc_scan *scan = worker->scan;
    add_count(&worker->counts.endpoints_done, 1);
    if (observation == NULL) {
        tc_scan_say_once(scan, &scan->said_no_memory,
                         "memory ran out: some endpoints have no result; scan with --resume, or "
                         "with a lower --concurrency");
        return;
    }
    add_count(&worker->counts.by_outcome[observation->outcome], 1);
    if (observation->outcome == TC_OUTCOME_OK) {
        add_phases(&worker->counts, &observation->timing);
    }
    scan->hooks.observed(scan->hooks.context, observation);
}

static void free_task(struct tc_task *task)
{
    struct tc_worker *worker = task->worker;
    if (task->previous != NULL) {
        task->previous->next = task->next;
    } else {
        worker->first_task = task->next;
    }
    if (task->next != NULL) {
        task->next->previous = task->previous;
    }
    worker->num_tasks--;
    tc_timers_cancel(&worker->timers, &task->timer);
    tc_target_free(task->origin.target);
    free(task->origin.cname_chain);
    tc_pool_give(&worker->tasks, task);
}

static void end_task(struct tc_task *task)
{
    if (!task->worker->is_stopping) {
        add_count(&task->worker->counts.targets_done, 1);
    }
    free_task(task);
}

void tc_task_endpoint_over(struct tc_task *task)
{
    task->num_open--;
    if (task->num_open == 0) {
        end_task(task);
    }
}

/* --resume: the endpoint has its row already. */
static bool is_done_before(const struct tc_target *target, const struct tc_address *address)
{
    char text[TC_ADDRESS_TEXT_MAX];
    tc_address_format(text, address);
    for (size_t i = 0; i < target->num_done_addresses; i++) {
        if (strcmp(target->done_addresses[i], text) == 0) {
            return true;
        }
    }
    return false;
}

/* One row for which nothing is contacted. */
static void emit_uncontacted(struct tc_task *task, const struct tc_address *address,
                             enum tc_outcome outcome, const char *detail)
{
    enum tc_stage stage = outcome == TC_OUTCOME_UNREACHABLE || outcome == TC_OUTCOME_EXCLUDED
                              ? TC_STAGE_TCP
                              : TC_STAGE_DNS;
    if (is_done_before(task->origin.target, address)) {
        return;
    }
    struct tc_observation *observation =
        tc_origin_record(&task->origin, address, &task->worker->io, outcome, stage, detail);
    if (observation != NULL) {
        observation->attempts = task->lookups;
    }
    tc_worker_emit(task->worker, observation);
}

/* The target's only row, and its end. */
static void end_uncontacted(struct tc_task *task, enum tc_outcome outcome, enum tc_stage stage,
                            const char *detail)
{
    task->origin.endpoints_count = 1;
    struct tc_observation *observation = NULL;
    if (!is_done_before(task->origin.target, &k_no_address)) {
        observation = tc_origin_record(&task->origin, &k_no_address, &task->worker->io, outcome,
                                       stage, detail);
        if (observation != NULL) {
            observation->attempts = task->lookups;
        }
        tc_worker_emit(task->worker, observation);
    }
    end_task(task);
}

/* Why an address is not to be contacted, in words; NULL where it may be. */
static const char *why_excluded(const struct tc_worker *worker, const struct tc_address *address)
{
    const struct tc_exclusions *exclusions = worker->scan->options.exclusions;
    const char *never = tc_address_never_contacted(address);
    if (never != NULL) {
        return never;
    }
    if (tc_router_is_broadcast(worker->router, address)) {
        return "a broadcast address of a network of this machine";
    }
    if (exclusions != NULL &&
        tc_exclusions_has_address(exclusions, address->octets, address->len)) {
        return "its address is on the exclusion list";
    }
    return NULL;
}

static bool has_route(struct tc_worker *worker, const struct tc_address *address)
{
    struct tc_scan *scan = worker->scan;
    bool is_ipv6 = address->len == TC_IPV6_BYTES;
    if (scan->proxy_address.len > 0 || tc_router_test(worker->router, address) == 0) {
        return true;
    }
    if (scan->options.family_forced) {
        return true; /* asked for: connect() shall say what is wrong */
    }
    if (is_ipv6) {
        tc_scan_say_once(scan, &scan->said_no_ipv6,
                         "no IPv6 route from here: IPv6 addresses are not tried (-6 forces it)");
    } else {
        tc_scan_say_once(scan, &scan->said_no_ipv4,
                         "no IPv4 route from here: IPv4 addresses are not tried (-4 forces it)");
    }
    return false;
}

static void start_endpoint(struct tc_task *task, const struct tc_address *address)
{
    struct tc_worker *worker = task->worker;
    if (is_done_before(task->origin.target, address)) {
        return;
    }
    struct tc_endpoint *endpoint = tc_pool_take(&worker->endpoints);
    if (endpoint == NULL) {
        tc_worker_emit(worker, NULL);
        return;
    }
    tc_endpoint_init(endpoint, &worker->shared, &task->origin, address);
    task->num_open++;
    tc_turns_add(&worker->turns, endpoint);
}

static void end_without_route(struct tc_task *task, const struct tc_address *first)
{
    char detail[TC_DETAIL_MAX];
    char text[TC_ADDRESS_TEXT_MAX];
    tc_address_format(text, first);
    if (task->lookups == 0) {
        (void)snprintf(detail, sizeof detail, "no route to %s from here", text);
    } else {
        (void)snprintf(detail, sizeof detail,
                       "only %s addresses (%s), and no route to them from here",
                       first->len == TC_IPV6_BYTES ? "IPv6" : "IPv4", text);
    }
    task->origin.endpoints_count = 1;
    emit_uncontacted(task, first, TC_OUTCOME_UNREACHABLE, detail);
    end_task(task);
}

/* The addresses that count: with a route, or excluded; just the first with --one-address. */
static size_t choose(struct tc_task *task, struct tc_address *out, const struct tc_address *all,
                     size_t num_all)
{
    bool one = task->worker->scan->options.one_address;
    size_t num = 0;
    for (size_t i = 0; i < num_all; i++) {
        bool excluded = why_excluded(task->worker, &all[i]) != NULL;
        if (!excluded && !has_route(task->worker, &all[i])) {
            continue;
        }
        if (one && !excluded) {
            out[0] = all[i];
            return 1;
        }
        out[num] = all[i];
        num++;
    }
    return one && num > 1 ? 1 : num; /* all are excluded: the first stands for them */
}

static void start_endpoints(struct tc_task *task, const struct tc_address *all, size_t num_all)
{
    struct tc_address chosen[TC_MAX_ADDRESSES];
    num_all = num_all < TC_MAX_ADDRESSES ? num_all : TC_MAX_ADDRESSES;
    size_t num = choose(task, chosen, all, num_all);
    if (num == 0) {
        end_without_route(task, &all[0]);
        return;
    }
    task->origin.endpoints_count = (uint32_t)num;
    task->num_open = 1; /* held here, so that the task outlives the loop */
    for (size_t i = 0; i < num; i++) {
        const char *why = why_excluded(task->worker, &chosen[i]);
        if (why != NULL) {
            emit_uncontacted(task, &chosen[i], TC_OUTCOME_EXCLUDED, why);
        } else {
            start_endpoint(task, &chosen[i]);
        }
    }
    tc_task_endpoint_over(task);
}

static void begin_lookup(struct tc_task *task);

static void lookup_timer_fired(struct tc_timer *timer)
{
    begin_lookup((struct tc_task *)(void *)((char *)timer - offsetof(struct tc_task, timer)));
}

/* True where the lookup will be tried again. */
static bool retry_lookup(struct tc_task *task, enum tc_outcome outcome)
{
    struct tc_worker *worker = task->worker;
    if (worker->is_stopping || !tc_outcome_is_transient(outcome, false) ||
        task->lookups > worker->scan->options.retries) {
        return false;
    }
    uint32_t jitter = worker->io.random_u32(worker->io.context);
    int64_t at_us = worker->io.now_us(worker->io.context) + LOOKUP_PAUSE_US +
                    (int64_t)(jitter % (uint32_t)LOOKUP_PAUSE_US);
    return tc_timers_set(&worker->timers, &task->timer, at_us) == TC_OK;
}

static void looked_up(void *context, const struct tc_resolution *resolution)
{
    struct tc_task *task = context;
    task->is_looking_up = false;
    /*
     * What the hosts file or the cache knew is said in an idle callback, just before the loop
     * sleeps: no event would call work() for what begins or ends here.
     */
    tc_worker_stay_awake(task->worker);
    if (resolution->outcome == TC_OUTCOME_INTERRUPTED || task->worker->is_stopping) {
        task->worker->num_lookups--;
        free_task(task); /* not begun: no row */
        return;
    }
    if (retry_lookup(task, resolution->outcome)) {
        return;
    }
    task->worker->num_lookups--;
    task->origin.dns_us = resolution->dns_us;
    if (resolution->cname_chain != NULL) {
        task->origin.cname_chain = strdup(resolution->cname_chain);
    }
    if (resolution->outcome != TC_OUTCOME_OK) {
        end_uncontacted(task, resolution->outcome, TC_STAGE_DNS, resolution->detail);
        return;
    }
    start_endpoints(task, resolution->addresses, resolution->num_addresses);
}

static void begin_lookup(struct tc_task *task)
{
    struct tc_worker *worker = task->worker;
    task->lookups++;
    enum tc_status status =
        tc_resolver_lookup(worker->resolver, task->origin.target->host, looked_up, task);
    task->is_looking_up = status == TC_OK;
    if (status != TC_OK) {
        worker->num_lookups--;
        end_uncontacted(task, TC_OUTCOME_LOCAL_ERROR, TC_STAGE_DNS, tc_status_str(status));
    }
}

static void begin_task(struct tc_task *task)
{
    struct tc_worker *worker = task->worker;
    const struct tc_scan_options *options = &worker->scan->options;
    const struct tc_target *target = task->origin.target;
    const char *literal = target->pinned_address != NULL ? target->pinned_address
                          : target->is_address           ? target->host
                                                         : NULL;
    struct tc_address address;
    if (!target->is_address && options->exclusions != NULL &&
        tc_exclusions_has_name(options->exclusions, target->host)) {
        end_uncontacted(task, TC_OUTCOME_EXCLUDED, TC_STAGE_DNS,
                        "the name is on the exclusion list");
    } else if (target->failed_lookup.outcome != TC_OUTCOME_OK) {
        task->lookups = target->failed_lookup.attempts;
        end_uncontacted(task, target->failed_lookup.outcome, TC_STAGE_DNS,
                        target->failed_lookup.detail);
    } else if (literal != NULL && tc_address_parse(&address, literal)) {
        start_endpoints(task, &address, 1);
    } else if (literal != NULL) {
        end_uncontacted(task, TC_OUTCOME_LOCAL_ERROR, TC_STAGE_DNS, "its address cannot be read");
    } else if (options->proxy != NULL && options->proxy->resolves) {
        task->origin.endpoints_count = 1;
        task->num_open = 1;
        start_endpoint(task, &k_no_address);
        tc_task_endpoint_over(task);
    } else {
        worker->num_lookups++;
        begin_lookup(task);
    }
}

void tc_worker_begin_target(struct tc_worker *worker, struct tc_target *target)
{
    struct tc_task *task = tc_pool_take(&worker->tasks);
    if (task == NULL) {
        tc_target_free(target);
        tc_worker_emit(worker, NULL);
        add_count(&worker->counts.targets_done, 1);
        return;
    }
    task->origin.target = target;
    task->origin.options =
        target->has_profile ? &worker->scan->profiles[target->profile] : &worker->scan->options;
    task->origin.endpoints_count = 1;
    task->origin.dns_us = TC_TIME_UNKNOWN;
    task->worker = worker;
    task->timer.fire = lookup_timer_fired;
    task->next = worker->first_task;
    if (worker->first_task != NULL) {
        worker->first_task->previous = task;
    }
    worker->first_task = task;
    worker->num_tasks++;
    begin_task(task);
}

void tc_worker_drop_targets(struct tc_worker *worker)
{
    struct tc_task *next = NULL;
    for (struct tc_task *task = worker->first_task; task != NULL; task = next) {
        next = task->next;
        if (task->num_open == 0 && !task->is_looking_up) { /* between two lookups */
            worker->num_lookups--;
            free_task(task);
        }
    }
}
