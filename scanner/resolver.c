#include "resolver.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cares.h"
#include "dns.h"
#include "dns_channel.h"
#include "dns_lookup.h"
#include "dns_verdict.h"

/*
 * Queries in flight on a channel: their answers, all at once, fit in the socket's buffer, and a
 * resolver that limits its clients stays content.
 */
#define MAX_QUERIES 128U
/*
 * A query that is older than this gives its place to another. Its answer, if one comes, comes
 * alone; were its place kept, a hundred names with dead servers would hold up all others for the
 * whole limit.
 */
#define SLOW_US 500000U
/* Lookups that have been asked, slow ones among them. */
#define MAX_LOOKUPS 1024U
/* Servers that are asked one after the other when their answers are failures. */
#define MAX_SERVERS_ASKED 3U
/* Answers in a row that came only after a re-send: the first server is then no longer asked first.
 */
#define MAX_LATE_ANSWERS 3U
#define TICK_MAX_MS      50U
#define NUM_BUCKETS      1024U /* for equal lookups: at most a few thousand are under way */
#define BURST_S          0.1   /* of --dns-rate at once */
#define US_PER_S         1000000.0

struct tc_resolver {
    struct tc_dns *dns;
    uv_loop_t *loop;
    struct tc_dns_channel_owner owner;
    struct tc_dns_channel *channels[TC_MAX_DNS_SERVERS]; /* by first server; made when needed */
    size_t first_server;                                 /* the one asked first */
    unsigned num_late;                                   /* answers in a row */
    uv_timer_t timer;
    uv_idle_t idle; /* runs the callbacks of what needed no query */
    bool closing;
    bool settling;
    struct lookup_list waiting;
    struct lookup_list asked; /* in the order of sending, so deadlines are in order */
    struct lookup_list ready;
    struct lookup *buckets[NUM_BUCKETS]; /* waiting and asked, by name */
    size_t num_pending;                  /* callbacks owed */
    unsigned num_counted;                /* queries that count against MAX_QUERIES */
    size_t num_held;                     /* queries that c-ares holds */
    uint64_t now_us;                     /* when the loop woke */
    double tokens;                       /* lookups that --dns-rate allows now */
    uint64_t tokens_us;                  /* when they were counted */
};

static uint64_t clock_us(void)
{
    return uv_hrtime() / 1000;
}

static struct lookup **bucket_of(struct tc_resolver *resolver, const char *name)
{
    return &resolver->buckets[tc_dns_name_hash(name) % NUM_BUCKETS];
}

static struct lookup *find_equal(struct tc_resolver *resolver, const struct lookup *wanted)
{
    struct lookup *lookup = *bucket_of(resolver, wanted->name);
    while (lookup != NULL &&
           (lookup->mx.wanted != wanted->mx.wanted || strcmp(lookup->name, wanted->name) != 0)) {
        lookup = lookup->next_in_bucket;
    }
    return lookup;
}

static void bucket_remove(struct lookup *lookup)
{
    struct lookup **link = bucket_of(lookup->resolver, lookup->name);
    while (*link != lookup) {
        link = &(*link)->next_in_bucket;
    }
    *link = lookup->next_in_bucket;
}

/* The only way to READY: takes a lookup off its list. `facts` moves; NULL is "out of memory". */
static void make_ready(struct lookup *lookup, struct tc_dns_facts *facts)
{
    struct tc_resolver *resolver = lookup->resolver;
    assert(lookup->state == LOOKUP_WAITING || lookup->state == LOOKUP_ASKED);
    tc_lookup_list_remove(lookup->state == LOOKUP_WAITING ? &resolver->waiting : &resolver->asked,
                          lookup);
    bucket_remove(lookup);
    lookup->facts = facts;
    lookup->state = LOOKUP_READY;
    tc_lookup_list_append(&resolver->ready, lookup);
}

/* All queries of a lookup have their verdict. */
static void lookup_complete(struct lookup *lookup)
{
    bool final = false;
    struct tc_dns_facts *facts = NULL;
    const struct query *ipv4 = &lookup->ipv4;
    const struct query *ipv6 = &lookup->ipv6;
    if (lookup->mx.wanted) { /* asked once for each domain: nothing to remember */
        facts = lookup->mx.facts;
        lookup->mx.facts = NULL;
        make_ready(lookup, facts);
        return;
    }
    bool lost4 = ipv4->wanted && ipv4->facts == NULL; /* out of memory */
    bool lost6 = ipv6->wanted && ipv6->facts == NULL;
    if (!lost4 && !lost6) {
        facts = tc_dns_combine(&final, ipv4->facts, ipv6->facts);
    }
    if (facts != NULL && final) { /* a failure is asked again when it comes up again */
        tc_dns_cache_put(lookup->resolver->dns->cache, lookup->name, facts);
    }
    make_ready(lookup, facts);
}

/* c-ares holds one query less. */
static void query_done(struct query *query)
{
    struct lookup *lookup = query->lookup;
    assert(lookup->num_open > 0);
    lookup->num_open--;
    lookup->resolver->num_held--;
    if (lookup->counted) {
        lookup->resolver->num_counted--;
    }
    if (lookup->num_open > 0) {
        return;
    }
    if (lookup->state == LOOKUP_ASKED) {
        lookup_complete(lookup);
    } else if (lookup->state == LOOKUP_DELIVERED) {
        tc_lookup_free(lookup);
    }
}

/*
 * A first server that is silent costs each lookup a wait. When only re-sends bring answers, the
 * next server becomes the first.
 */
static void note_health(struct tc_resolver *resolver, const struct query *query, int timeouts)
{
    if (query->num_servers_asked > 1 || resolver->dns->num_servers == 1) {
        return;
    }
    resolver->num_late = timeouts > 0 ? resolver->num_late + 1 : 0;
    if (resolver->num_late == MAX_LATE_ANSWERS) {
        resolver->num_late = 0;
        resolver->first_server = (resolver->first_server + 1) % resolver->dns->num_servers;
    }
}

static void ask(struct query *query);

static void on_answer(void *arg, int status, int timeouts, unsigned char *bytes, int len)
{
    struct query *query = arg;
    struct lookup *lookup = query->lookup;
    struct tc_resolver *resolver = lookup->resolver;
    bool may_differ = false;
    if (status == ARES_ECANCELLED || status == ARES_EDESTRUCTION ||
        lookup->state != LOOKUP_ASKED) { /* late: it has been delivered or cancelled */
        query_done(query);
        return;
    }
    note_health(resolver, query, timeouts);
    if (bytes != NULL) {
        lookup->answered_us = resolver->now_us;
    }
    tc_dns_facts_release(query->facts); /* of a server that was asked before */
    query->facts = tc_dns_judge(&may_differ, resolver->dns, query->type, status, bytes,
                                bytes != NULL ? (size_t)len : 0);
    if (may_differ && query->num_servers_asked < resolver->dns->num_servers &&
        query->num_servers_asked < MAX_SERVERS_ASKED) {
        ask(query);
        return;
    }
    query_done(query);
}

/* The channel that begins with server number `first`; NULL when it cannot be made. */
static struct tc_dns_channel *channel_get(struct tc_resolver *resolver, size_t first)
{
    if (resolver->channels[first] == NULL &&
        tc_dns_channel_new(&resolver->channels[first], resolver->dns, first, resolver->loop,
                           &resolver->owner, NULL) != TC_OK) {
        return NULL;
    }
    return resolver->channels[first];
}

/* Sends a query to the next server; c-ares may call on_answer before this returns. */
static void ask(struct query *query)
{
    struct tc_resolver *resolver = query->lookup->resolver;
    size_t first = (resolver->first_server + query->num_servers_asked) % resolver->dns->num_servers;
    const struct tc_dns_channel *channel = channel_get(resolver, first);
    query->num_servers_asked++;
    if (channel == NULL) {
        on_answer(query, ARES_ENOMEM, 0, NULL, 0);
        return;
    }
    ares_query(tc_dns_channel_get(channel), query->lookup->name, 1 /* IN */, query->type, on_answer,
               query);
}

/* From the waiting list to the asked one. */
static void lookup_start(struct lookup *lookup)
{
    struct tc_resolver *resolver = lookup->resolver;
    tc_lookup_list_remove(&resolver->waiting, lookup);
    tc_lookup_list_append(&resolver->asked, lookup);
    lookup->state = LOOKUP_ASKED;
    lookup->source = TC_DNS_NETWORK;
    lookup->num_open = tc_lookup_num_wanted(lookup); /* before asking: the first may end at once */
    lookup->counted = true;
    resolver->num_counted += lookup->num_open;
    resolver->num_held += lookup->num_open;
    lookup->sent_us = clock_us();
    if (lookup->ipv4.wanted) {
        ask(&lookup->ipv4);
    }
    if (lookup->mx.wanted) {
        ask(&lookup->mx);
    }
    if (lookup->ipv6.wanted) { /* even where it ended at once, `lookup` is there until delivered */
        ask(&lookup->ipv6);
    }
}

/* Whether --dns-rate allows one more lookup now; takes its token. */
static bool take_token(struct tc_resolver *resolver)
{
    double rate = resolver->dns->rate;
    if (rate <= 0) {
        return true;
    }
    uint64_t now_us = clock_us();
    double most = rate * BURST_S > 1 ? rate * BURST_S : 1;
    resolver->tokens += (double)(now_us - resolver->tokens_us) / US_PER_S * rate;
    resolver->tokens = resolver->tokens < most ? resolver->tokens : most;
    resolver->tokens_us = now_us;
    if (resolver->tokens < 1) {
        return false;
    }
    resolver->tokens -= 1;
    return true;
}

/* Starts what has room. */
static void pump(struct tc_resolver *resolver)
{
    while (resolver->waiting.head != NULL && resolver->asked.len < MAX_LOOKUPS) {
        struct lookup *lookup = resolver->waiting.head;
        if (resolver->num_counted + tc_lookup_num_wanted(lookup) > MAX_QUERIES) {
            break;
        }
        /* Another worker may have asked while this one waited. */
        struct tc_dns_facts *facts =
            lookup->mx.wanted ? NULL : tc_dns_cache_get(resolver->dns->cache, lookup->name);
        if (facts != NULL) {
            lookup->source = TC_DNS_CACHE;
            make_ready(lookup, facts);
        } else if (take_token(resolver)) {
            lookup_start(lookup);
        } else {
            break;
        }
    }
}

/* Runs the callbacks that are due now; what they add is due in the next turn. */
static void deliver_ready(struct tc_resolver *resolver)
{
    for (size_t left = resolver->ready.len; left > 0 && resolver->ready.head != NULL; left--) {
        struct lookup *lookup = resolver->ready.head;
        tc_lookup_list_remove(&resolver->ready, lookup);
        resolver->num_pending -= 1 + lookup->num_joined;
        tc_lookup_deliver(lookup);
        lookup->state = LOOKUP_DELIVERED;
        if (lookup->num_open == 0) {
            tc_lookup_free(lookup);
        }
    }
}

static void on_timer(uv_timer_t *timer);
static void on_idle(uv_idle_t *idle);

static uint64_t tick_ms(const struct tc_resolver *resolver)
{
    unsigned tick = resolver->dns->timeout_ms / 20;
    return tick < 1 ? 1 : tick > TICK_MAX_MS ? TICK_MAX_MS : tick;
}

/*
 * One timer for all: c-ares's re-sends, our limit, slow queries and --dns-rate. A tick is cheaper
 * than asking c-ares for its next instant, which walks all its queries, after each packet.
 */
static void arm(struct tc_resolver *resolver)
{
    bool busy = resolver->waiting.head != NULL || resolver->num_held > 0;
    if (!busy) {
        uv_timer_stop(&resolver->timer);
    } else if (!uv_is_active((const uv_handle_t *)&resolver->timer)) {
        uint64_t due_ms = tick_ms(resolver);
        if (resolver->num_held == 0 && resolver->dns->rate > 0) { /* only the rate holds us up */
            double wait_ms = (1 - resolver->tokens) / resolver->dns->rate * 1000;
            due_ms = wait_ms < 1 ? 1 : wait_ms > 1000 ? 1000 : (uint64_t)wait_ms;
        }
        uv_update_time(resolver->loop); /* the timer counts from the loop's idea of now */
        uv_timer_start(&resolver->timer, on_timer, due_ms, 0);
    }
    if (resolver->ready.head != NULL) {
        uv_idle_start(&resolver->idle, on_idle);
    } else {
        uv_idle_stop(&resolver->idle);
    }
}

/* Every event ends here: callbacks, then what has room now. */
static void settle(void *context)
{
    struct tc_resolver *resolver = context;
    resolver->settling = true;
    deliver_ready(resolver);
    pump(resolver);
    resolver->settling = false;
    arm(resolver);
}

static void woke(void *context)
{
    struct tc_resolver *resolver = context;
    resolver->now_us = clock_us();
}

static void on_idle(uv_idle_t *idle)
{
    settle(idle->data);
}

/* Our own limit: what has no answer by now gets none. Late answers find LOOKUP_DELIVERED. */
static void expire(struct lookup *lookup)
{
    bool may_differ = false;
    struct query *queries[] = {&lookup->ipv4, &lookup->ipv6, &lookup->mx};
    for (size_t i = 0; i < TC_ARRAY_LEN(queries); i++) {
        if (queries[i]->wanted && queries[i]->facts == NULL) {
            queries[i]->facts = tc_dns_judge(&may_differ, lookup->resolver->dns, queries[i]->type,
                                             ARES_ETIMEOUT, NULL, 0);
        }
    }
    lookup_complete(lookup);
}

/* A place for others: its queries are slow. */
static void stop_counting(struct lookup *lookup)
{
    if (lookup->counted) {
        lookup->counted = false;
        lookup->resolver->num_counted -= lookup->num_open;
    }
}

static void on_timer(uv_timer_t *timer)
{
    struct tc_resolver *resolver = timer->data;
    uint64_t limit_us = (uint64_t)resolver->dns->timeout_ms * 1000;
    woke(resolver);
    for (size_t i = 0; i < resolver->dns->num_servers; i++) {
        if (resolver->channels[i] != NULL) {
            tc_dns_channel_tick(resolver->channels[i]);
        }
    }
    struct lookup *lookup = resolver->asked.head;
    while (lookup != NULL && resolver->now_us - lookup->sent_us >= SLOW_US) {
        stop_counting(lookup);
        lookup = lookup->next;
    }
    lookup = resolver->asked.head;
    while (lookup != NULL && resolver->now_us >= lookup->sent_us + limit_us) {
        struct lookup *next = lookup->next;
        expire(lookup);
        lookup = next;
    }
    settle(resolver);
}

static void on_handle_closed(void *context)
{
    struct tc_resolver *resolver = context;
    if (resolver->closing && resolver->owner.num_handles == 0) {
        free(resolver);
    }
}

static void on_own_handle_closed(uv_handle_t *handle)
{
    struct tc_resolver *resolver = handle->data;
    resolver->owner.num_handles--;
    on_handle_closed(resolver);
}

enum tc_status tc_resolver_new(struct tc_resolver **out, struct tc_dns *dns, uv_loop_t *loop,
                               struct tc_error *error)
{
    struct tc_resolver *resolver = calloc(1, sizeof *resolver);
    if (resolver == NULL) {
        return tc_fail(error, TC_ERR_NOMEM, "out of memory");
    }
    resolver->dns = dns;
    resolver->loop = loop;
    resolver->tokens = 1;
    resolver->tokens_us = clock_us();
    resolver->owner.context = resolver;
    resolver->owner.woke = woke;
    resolver->owner.settled = settle;
    resolver->owner.closed = on_handle_closed;
    /* At once, so that what c-ares cannot do is said before the scan begins. */
    enum tc_status status =
        tc_dns_channel_new(&resolver->channels[0], dns, 0, loop, &resolver->owner, error);
    if (status != TC_OK) {
        free(resolver);
        return status;
    }
    uv_timer_init(loop, &resolver->timer); /* these two cannot fail */
    uv_idle_init(loop, &resolver->idle);
    resolver->timer.data = resolver;
    resolver->idle.data = resolver;
    resolver->owner.num_handles = 2;
    *out = resolver;
    return TC_OK;
}

/* RFC 7686 section 2: such names never go to DNS. */
static bool is_onion(const char *name)
{
    static const char suffix[] = ".onion";
    size_t len = strlen(name);
    return len >= sizeof suffix - 1 && strcmp(name + len - (sizeof suffix - 1), suffix) == 0;
}

/* What is no question to DNS, whatever is asked. `*out_source` is left alone where it is one. */
static struct tc_dns_facts *no_question(const char *name, enum tc_dns_source *out_source)
{
    if (name[0] == '\0' || strcmp(name, ".") == 0) {
        *out_source = TC_DNS_LITERAL;
        return tc_dns_facts_new(TC_OUTCOME_DNS_NOT_FOUND, "no name", NULL, NULL, 0);
    }
    if (is_onion(name)) {
        *out_source = TC_DNS_HOSTS;
        return tc_dns_facts_new(TC_OUTCOME_DNS_NOT_FOUND,
                                "names under .onion are not in DNS (RFC 7686)", NULL, NULL, 0);
    }
    return NULL;
}

/*
 * Addresses that need no query: literals, the hosts file, the cache. NULL where one is needed:
 * `*out_source` is then TC_DNS_CACHE; with another one it is out of memory.
 */
static struct tc_dns_facts *facts_at_hand(const struct tc_dns *dns, const char *name,
                                          enum tc_dns_source *out_source)
{
    struct tc_address addresses[TC_MAX_ADDRESSES];
    if (tc_address_parse(&addresses[0], name)) {
        *out_source = TC_DNS_LITERAL;
        return tc_dns_facts_new(TC_OUTCOME_OK, "", NULL, addresses, 1);
    }
    if (dns->hosts != NULL) {
        size_t num_addresses =
            tc_hosts_find(dns->hosts, addresses, TC_MAX_ADDRESSES, name, dns->family);
        if (num_addresses > 0) {
            *out_source = TC_DNS_HOSTS;
            return tc_dns_facts_new(TC_OUTCOME_OK, "", NULL, addresses, num_addresses);
        }
    }
    *out_source = TC_DNS_CACHE;
    struct tc_dns_facts *facts = no_question(name, out_source);
    return facts != NULL || *out_source != TC_DNS_CACHE ? facts
                                                        : tc_dns_cache_get(dns->cache, name);
}

static enum tc_status begin_lookup(struct tc_resolver *resolver, const char *name,
                                   enum lookup_kind kind, const struct waiter *waiter)
{
    if (resolver->closing) {
        return TC_ERR_CANCELLED;
    }
    struct lookup *lookup = tc_lookup_new(resolver, name, kind);
    if (lookup == NULL) {
        return TC_ERR_NOMEM;
    }
    struct lookup *equal = find_equal(resolver, lookup);
    if (equal != NULL) {
        tc_lookup_free(lookup);
        enum tc_status status = tc_lookup_join(equal, waiter);
        resolver->num_pending += status == TC_OK ? 1 : 0;
        return status;
    }
    lookup->first = *waiter;
    lookup->source = TC_DNS_CACHE;
    lookup->facts = kind == LOOKUP_MX ? no_question(lookup->name, &lookup->source)
                                      : facts_at_hand(resolver->dns, lookup->name, &lookup->source);
    if (lookup->facts == NULL && lookup->source != TC_DNS_CACHE) {
        tc_lookup_free(lookup); /* at hand, but out of memory */
        return TC_ERR_NOMEM;
    }
    resolver->num_pending++;
    if (lookup->facts != NULL) {
        lookup->state = LOOKUP_READY;
        tc_lookup_list_append(&resolver->ready, lookup);
    } else {
        struct lookup **bucket = bucket_of(resolver, lookup->name);
        lookup->next_in_bucket = *bucket;
        *bucket = lookup;
        tc_lookup_list_append(&resolver->waiting, lookup);
        if (!resolver->settling) {
            pump(resolver);
        }
    }
    if (!resolver->settling) {
        arm(resolver);
    }
    return TC_OK;
}

enum tc_status tc_resolver_lookup(struct tc_resolver *resolver, const char *name,
                                  tc_resolver_callback callback, void *context)
{
    static const enum lookup_kind kinds[] = {[TC_FAMILY_BOTH] = LOOKUP_BOTH,
                                             [TC_FAMILY_IPV4] = LOOKUP_IPV4,
                                             [TC_FAMILY_IPV6] = LOOKUP_IPV6};
    const struct waiter waiter = {callback, context};
    return begin_lookup(resolver, name, kinds[resolver->dns->family], &waiter);
}

enum tc_status tc_resolver_lookup_mx(struct tc_resolver *resolver, const char *domain,
                                     tc_resolver_callback callback, void *context)
{
    const struct waiter waiter = {callback, context};
    return begin_lookup(resolver, domain, LOOKUP_MX, &waiter);
}

size_t tc_resolver_pending(const struct tc_resolver *resolver)
{
    return resolver->num_pending;
}

static void interrupt_all(struct lookup_list *list)
{
    while (list->head != NULL) {
        list->head->interrupted = true;
        make_ready(list->head, NULL);
    }
}

void tc_resolver_cancel(struct tc_resolver *resolver)
{
    interrupt_all(&resolver->waiting);
    interrupt_all(&resolver->asked);
    for (size_t i = 0; i < TC_MAX_DNS_SERVERS; i++) {
        if (resolver->channels[i] != NULL) {
            ares_cancel(tc_dns_channel_get(resolver->channels[i]));
        }
    }
    deliver_ready(resolver);
    if (!resolver->closing && !resolver->settling) {
        arm(resolver);
    }
}

void tc_resolver_free(struct tc_resolver *resolver)
{
    if (resolver == NULL) {
        return;
    }
    resolver->closing = true;
    tc_resolver_cancel(resolver);
    for (size_t i = 0; i < TC_MAX_DNS_SERVERS; i++) {
        tc_dns_channel_free(resolver->channels[i]);
        resolver->channels[i] = NULL;
    }
    uv_close((uv_handle_t *)&resolver->timer, on_own_handle_closed);
    uv_close((uv_handle_t *)&resolver->idle, on_own_handle_closed);
}
