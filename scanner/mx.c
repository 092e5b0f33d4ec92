#include "tlscensus/mx.h"

#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "resolver.h"
#include "target_item.h"

/* Domains inside at most, of which the resolver asks for as many as it likes at once. */
#define WINDOW 1024
/* RFC 6409: for programs that hand in mail, whose host is named in their settings. */
#define SUBMISSION_PORT 587

/* One domain on its way. */
struct job {
    struct tc_mx *mx;
    struct job *next; /* in the list that it is on */
    struct tc_target *domain;
    const void *tag;
    struct tc_target_lookup failed; /* OK: `hosts` are to be given out */
    char *hosts;                    /* from the resolver; NULL: the domain itself */
    char *next_host;                /* in `hosts` */
    unsigned lookups;
    bool has_given; /* a host, at least */
};

struct job_list {
    struct job *first;
    struct job *last;
};

struct tc_mx {
    const struct tc_exclusions *exclusions;
    unsigned retries;
    struct tc_dns *dns;
    struct tc_resolver *resolver; /* the loop's thread alone */
    uv_loop_t loop;
    uv_async_t wake;
    uv_thread_t thread;
    bool has_thread;

    uv_mutex_t lock;   /* guards the rest */
    uv_cond_t changed; /* any of it */
    struct job_list to_ask;
    struct job_list answered;
    size_t num_inside; /* jobs that were put and are not given out */
    bool has_ended;    /* no more will be put */
    bool is_cancelled;
    bool is_closing; /* the thread is to end */
};

static void list_add(struct job_list *list, struct job *job)
{
    job->next = NULL;
    if (list->last != NULL) {
        list->last->next = job;
    } else {
        list->first = job;
    }
    list->last = job;
}

static struct job *list_take(struct job_list *list)
{
    struct job *job = list->first;
    if (job != NULL) {
        list->first = job->next;
        list->last = list->first != NULL ? list->last : NULL;
    }
    return job;
}

static void job_free(struct job *job)
{
    tc_target_free(job->domain);
    free(job->failed.detail);
    free(job->hosts);
    free(job);
}

/* ---- the loop's thread ---- */

static void job_answered(struct job *job)
{
    struct tc_mx *mx = job->mx;
    uv_mutex_lock(&mx->lock);
    list_add(&mx->answered, job);
    uv_cond_broadcast(&mx->changed);
    uv_mutex_unlock(&mx->lock);
}

static void job_failed(struct job *job, enum tc_outcome outcome, const char *detail)
{
    job->failed.outcome = outcome;
    job->failed.detail = strdup(detail);
    job->failed.attempts = job->lookups;
    job_answered(job);
}

static void ask(struct job *job);

static void looked_up(void *context, const struct tc_resolution *resolution)
{
    struct job *job = context;
    if (tc_outcome_is_transient(resolution->outcome, false) && job->lookups <= job->mx->retries) {
        ask(job);
        return;
    }
    if (resolution->outcome != TC_OUTCOME_OK) {
        job_failed(job, resolution->outcome, resolution->detail);
        return;
    }
    if (resolution->exchanges[0] != '\0') {
        job->hosts = strdup(resolution->exchanges);
        job->next_host = job->hosts;
        if (job->hosts == NULL) {
            job_failed(job, TC_OUTCOME_LOCAL_ERROR, tc_status_str(TC_ERR_NOMEM));
            return;
        }
    }
    job_answered(job);
}

static void ask(struct job *job)
{
    job->lookups++;
    enum tc_status status =
        tc_resolver_lookup_mx(job->mx->resolver, job->domain->host, looked_up, job);
    if (status != TC_OK) {
        job_failed(job, TC_OUTCOME_LOCAL_ERROR, tc_status_str(status));
    }
}

static void woken(uv_async_t *wake)
{
    struct tc_mx *mx = wake->data;
    uv_mutex_lock(&mx->lock);
    struct job_list to_ask = mx->to_ask;
    bool is_closing = mx->is_closing;
    mx->to_ask = (struct job_list){NULL, NULL};
    uv_mutex_unlock(&mx->lock);
    for (struct job *job = list_take(&to_ask); job != NULL; job = list_take(&to_ask)) {
        ask(job);
    }
    if (is_closing) {
        tc_resolver_free(mx->resolver); /* what is under way comes back as interrupted */
        mx->resolver = NULL;
        uv_close((uv_handle_t *)wake, NULL);
    }
}

static void run_thread(void *context)
{
    struct tc_mx *mx = context;
    (void)uv_run(&mx->loop, UV_RUN_DEFAULT);
}

/* ---- making and freeing ---- */

static enum tc_status make_resolver(struct tc_mx *mx, const struct tc_scan_options *options,
                                    struct tc_error *error)
{
    const struct tc_dns_options dns = {
        .servers = options->resolvers,
        .num_servers = options->num_resolvers,
        .timeout_ms = options->dns_timeout_ms,
        .rate = options->dns_rate,
        .workers = 1,
    };
    enum tc_status status = tc_dns_new(&mx->dns, &dns, error);
    return status == TC_OK ? tc_resolver_new(&mx->resolver, mx->dns, &mx->loop, error) : status;
}

static enum tc_status start_thread(struct tc_mx *mx, struct tc_error *error)
{
    int result = uv_thread_create(&mx->thread, run_thread, mx);
    if (result != 0) {
        return tc_fail(error, TC_ERR_IO, "cannot start a thread: %s", uv_strerror(result));
    }
    mx->has_thread = true;
    return TC_OK;
}

/* The locks and the loop, or nothing. */
static enum tc_status make_parts(struct tc_mx *mx)
{
    if (uv_mutex_init(&mx->lock) != 0) {
        return TC_ERR_NOMEM;
    }
    if (uv_cond_init(&mx->changed) != 0) {
        uv_mutex_destroy(&mx->lock);
        return TC_ERR_NOMEM;
    }
    if (uv_loop_init(&mx->loop) != 0) {
        uv_cond_destroy(&mx->changed);
        uv_mutex_destroy(&mx->lock);
        return TC_ERR_IO;
    }
    if (uv_async_init(&mx->loop, &mx->wake, woken) != 0) {
        (void)uv_loop_close(&mx->loop);
        uv_cond_destroy(&mx->changed);
        uv_mutex_destroy(&mx->lock);
        return TC_ERR_IO;
    }
    mx->wake.data = mx;
    return TC_OK;
}

enum tc_status tc_mx_start(struct tc_mx **out, const struct tc_scan_options *options,
                           struct tc_error *error)
{
    struct tc_mx *mx = calloc(1, sizeof *mx);
    enum tc_status status = mx != NULL ? make_parts(mx) : TC_ERR_NOMEM;
    if (status != TC_OK) {
        free(mx);
        return tc_fail(error, status, "cannot look up mail hosts: %s", tc_status_str(status));
    }
    mx->exclusions = options->exclusions;
    mx->retries = options->retries;
    status = make_resolver(mx, options, error);
    if (status == TC_OK) {
        status = start_thread(mx, error);
    }
    if (status != TC_OK) {
        tc_mx_free(mx);
        return status;
    }
    *out = mx;
    return TC_OK;
}

static void free_jobs(struct job_list *list)
{
    for (struct job *job = list_take(list); job != NULL; job = list_take(list)) {
        job_free(job);
    }
}

void tc_mx_free(struct tc_mx *mx)
{
    if (mx == NULL) {
        return;
    }
    uv_mutex_lock(&mx->lock);
    mx->is_closing = true;
    uv_mutex_unlock(&mx->lock);
    if (mx->has_thread) {
        (void)uv_async_send(&mx->wake);
        (void)uv_thread_join(&mx->thread);
    } else { /* nobody ran the loop: its handles are closed here */
        woken(&mx->wake);
        (void)uv_run(&mx->loop, UV_RUN_DEFAULT);
    }
    (void)uv_loop_close(&mx->loop);
    tc_dns_free(mx->dns);
    free_jobs(&mx->to_ask);
    free_jobs(&mx->answered);
    uv_cond_destroy(&mx->changed);
    uv_mutex_destroy(&mx->lock);
    free(mx);
}

/* ---- the way in ---- */

bool tc_mx_is_domain(const struct tc_target *target)
{
    return target->protocol == TC_PROTOCOL_SMTP && target->port != SUBMISSION_PORT &&
           !target->is_address && target->pinned_address == NULL && target->sni == NULL;
}

enum tc_status tc_mx_put(struct tc_mx *mx, struct tc_target *domain, const void *tag)
{
    struct job *job = calloc(1, sizeof *job);
    if (job == NULL) {
        return TC_ERR_NOMEM;
    }
    bool is_excluded =
        mx->exclusions != NULL && tc_exclusions_has_name(mx->exclusions, domain->host);
    uv_mutex_lock(&mx->lock);
    while (mx->num_inside >= WINDOW && !mx->is_cancelled) {
        uv_cond_wait(&mx->changed, &mx->lock);
    }
    bool is_cancelled = mx->is_cancelled;
    if (!is_cancelled) {
        *job = (struct job){.mx = mx, .domain = domain, .tag = tag};
        mx->num_inside++;
        list_add(is_excluded ? &mx->answered : &mx->to_ask, job);
        uv_cond_broadcast(&mx->changed);
    }
    uv_mutex_unlock(&mx->lock);
    if (is_cancelled) {
        free(job);
        return TC_ERR_CANCELLED;
    }
    if (!is_excluded) {
        (void)uv_async_send(&mx->wake);
    }
    return TC_OK;
}

void tc_mx_end(struct tc_mx *mx)
{
    uv_mutex_lock(&mx->lock);
    mx->has_ended = true;
    uv_cond_broadcast(&mx->changed);
    uv_mutex_unlock(&mx->lock);
}

void tc_mx_go_on(struct tc_mx *mx)
{
    uv_mutex_lock(&mx->lock);
    mx->has_ended = false;
    uv_mutex_unlock(&mx->lock);
}

void tc_mx_cancel(struct tc_mx *mx)
{
    uv_mutex_lock(&mx->lock);
    mx->is_cancelled = true;
    uv_cond_broadcast(&mx->changed);
    uv_mutex_unlock(&mx->lock);
}

/* ---- the way out ---- */

/* The next name of the job's hosts, cut off; NULL after the last. */
static char *take_name(struct job *job)
{
    char *name = job->next_host;
    if (name == NULL) {
        return NULL;
    }
    char *end = strchr(name, ' ');
    job->next_host = end != NULL ? end + 1 : NULL;
    if (end != NULL) {
        *end = '\0';
    }
    return name;
}

/*
 * A target for one mail host; `*out` stays NULL where the name can be no host's. An address is none
 * either (RFC 5321 section 5.1).
 */
static enum tc_status make_host(struct tc_target **out, const struct job *job, const char *name)
{
    char host[TARGET_NAME_MAX + 1];
    char unicode[TARGET_UNICODE_MAX + 1];
    struct target_reason reason;
    struct tc_address address;
    const struct tc_target *domain = job->domain;
    if (tc_address_parse(&address, name)) {
        return TC_OK;
    }
    enum tc_status status = tc_target_name_parse(host, unicode, &reason, name, strlen(name));
    if (status != TC_OK) {
        return status == TC_ERR_MALFORMED ? TC_OK : status;
    }
    const struct target_parts parts = {
        .protocol = domain->protocol,
        .port = domain->port,
        .host = host,
        .host_unicode = unicode[0] != '\0' ? unicode : NULL,
        .input_text = domain->input_text,
        .input_line = domain->input_line,
        .label_names = domain->labels.names,
        .label_values = (const char *const *)domain->labels.values,
        .has_profile = domain->has_profile,
        .profile = domain->profile,
    };
    return tc_target_new(out, &parts);
}

/* The domain itself comes out: with the failure of its lookup, or to be asked in place of hosts. */
static struct tc_target *take_domain(struct job *job)
{
    struct tc_target *domain = job->domain;
    domain->failed_lookup = job->failed;
    job->failed.detail = NULL;
    job->domain = NULL;
    return domain;
}

/* The next target of a job; `*out` stays NULL where it has no more. */
static enum tc_status next_target(struct tc_target **out, struct job *job)
{
    const char *name = NULL;
    while (*out == NULL && (name = take_name(job)) != NULL) {
        enum tc_status status = make_host(out, job, name);
        if (status != TC_OK) {
            return status;
        }
    }
    if (*out == NULL && !job->has_given) {
        if (job->hosts != NULL) {
            job->failed = (struct tc_target_lookup){
                .outcome = TC_OUTCOME_DNS_NO_ADDRESS,
                .attempts = job->lookups,
                .detail = strdup("its MX records name nothing that can be a host"),
            };
        }
        *out = take_domain(job);
    }
    job->has_given = true;
    return TC_OK;
}

/* Waits for the job at the head of those that are answered; it stays there. */
static enum tc_status wait_for_answer(struct tc_mx *mx, struct job **out)
{
    uv_mutex_lock(&mx->lock);
    while (!mx->is_cancelled && mx->answered.first == NULL &&
           !(mx->has_ended && mx->num_inside == 0)) {
        uv_cond_wait(&mx->changed, &mx->lock);
    }
    *out = mx->answered.first;
    enum tc_status status = mx->is_cancelled             ? TC_ERR_CANCELLED
                            : mx->answered.first != NULL ? TC_OK
                                                         : TC_ERR_END;
    uv_mutex_unlock(&mx->lock);
    return status;
}

/* The head has no more targets: the next one, if it is there. */
static struct job *drop_answer(struct tc_mx *mx)
{
    uv_mutex_lock(&mx->lock);
    struct job *done = list_take(&mx->answered);
    struct job *next = mx->answered.first;
    mx->num_inside--;
    uv_cond_broadcast(&mx->changed);
    uv_mutex_unlock(&mx->lock);
    job_free(done);
    return next;
}

enum tc_status tc_mx_take(struct tc_mx *mx, struct tc_mx_host *out, size_t max, size_t *out_num)
{
    struct job *job = NULL;
    size_t num = 0;
    while (num == 0) { /* a job whose last target went out before gives none */
        enum tc_status status = wait_for_answer(mx, &job);
        while (status == TC_OK && job != NULL && num < max) {
            struct tc_target *target = NULL;
            status = next_target(&target, job);
            if (target != NULL) {
                out[num++] = (struct tc_mx_host){.target = target, .tag = job->tag};
            } else if (status == TC_OK) {
                job = drop_answer(mx);
            }
        }
        if (status != TC_OK) {
            for (size_t i = 0; i < num; i++) {
                tc_target_free(out[i].target);
            }
            return status;
        }
    }
    *out_num = num;
    return TC_OK;
}
