/* One walk over the scan that counts everything the page says in numbers. */
#include <stdlib.h>
#include <string.h>

#include "html_report.h"

#define MAX_ISSUERS 4096U

/* ---- the worst rows ---- */

static void note_top(struct html_report *report, const struct html_row *row)
{
    int64_t end = row->leaf.not_after_s;
    const struct html_top top = {
        .score = row->score,
        .not_after_s = row->leaf.id == 0 || end == HTML_UNKNOWN ? INT64_MAX : end,
        .target_id = row->target_id,
        .observation_id = row->observation_id,
    };
    enum tc_status status = html_worst_add(&report->stats.top, &top, row->endpoint);
    if (status != TC_OK) {
        html_fail(report, status);
    }
}

void html_note_places(struct html_report *report, const struct html_row *row)
{
    if (row->num_findings == 0 || !html_wants_group(report, row->group)) {
        return;
    }
    for (size_t i = 0; i < row->num_findings; i++) {
        const struct html_finding *finding = &row->findings[i];
        struct html_rule *rule = &report->rules[finding->rule - report->rules];
        const struct html_top place = {
            .score = finding->severity > 0 ? (uint64_t)finding->severity : 0,
            .not_after_s = row->leaf.not_after_s, /* an unknown end comes first */
            .observation_id = row->observation_id,
        };
        enum tc_status status = finding->waived_until_s == HTML_UNKNOWN
                                    ? html_worst_add(&rule->places, &place, NULL)
                                    : TC_OK;
        if (status != TC_OK) {
            html_fail(report, status);
        }
    }
}

/* ---- totals ---- */

static void count_lost(struct html_totals *totals, const struct html_row *row)
{
    int64_t *stage = &totals->lost_tls;
    if (strcmp(row->outcome_stage, "dns") == 0) {
        stage = &totals->lost_dns;
    } else if (strcmp(row->outcome_stage, "tcp") == 0) {
        stage = &totals->lost_tcp;
    } else if (strcmp(row->outcome_stage, "starttls") == 0) {
        stage = &totals->lost_starttls;
    }
    *stage += row->num_addresses;
}

static void count_days(struct html_stats *stats, int64_t days, int64_t num)
{
    struct html_totals *totals = &stats->totals;
    totals->dated += num;
    if (days < 0) {
        totals->expired += num;
        totals->first_days = days < totals->first_days ? days : totals->first_days;
        return;
    }
    totals->exp7 += days <= 7 ? num : 0;
    totals->exp30 += days <= 30 ? num : 0;
    stats->days[days < HTML_MAX_DAYS ? days : HTML_MAX_DAYS - 1] += num;
}

static void count_verdict(struct html_totals *totals, const struct html_row *row)
{
    int64_t num = row->num_addresses;
    bool incomplete = strcmp(row->chain_status, "incomplete") == 0 ||
                      strcmp(row->trust_detail, "incomplete-chain") == 0;
    bool dated_only = strcmp(row->trust_detail, "expired") == 0;
    totals->broken += html_row_is_broken(row) ? num : 0;
    totals->incomplete += incomplete ? num : 0;
    totals->untrusted += row->trusted == 0 && !incomplete && !dated_only ? num : 0;
    totals->mismatched += row->name_match == 0 ? num : 0;
    totals->unjudged += row->trusted == HTML_UNKNOWN || row->name_match == HTML_UNKNOWN ? num : 0;
    totals->act += html_row_needs_action(row) ? num : 0;
    totals->partial += row->grade_partial == 1 ? num : 0;
}

/* ---- posture ---- */

static const char *version_tone(int64_t version)
{
    return version == 0x0304 ? "ok" : version == 0x0303 ? "" : version == 0x0302 ? "high" : "crit";
}

static const char *depth_tone(const struct html_row *row)
{
    if (row->verified_depth == HTML_UNKNOWN) {
        return "crit";
    }
    return strcmp(row->chain_status, "incomplete") == 0 ? "high" : "";
}

static const char *issuer_of(const struct html_leaf *leaf)
{
    if (leaf->is_self_signed) {
        return "self-signed";
    }
    return leaf->issuer_organization[0] != '\0' ? leaf->issuer_organization
           : leaf->issuer_cn[0] != '\0'         ? leaf->issuer_cn
                                                : leaf->issuer;
}

static const char *depth_words(struct html_report *report, const struct html_row *row)
{
    const char *verified =
        row->verified_depth == HTML_UNKNOWN
            ? "no path"
            : html_format(&report->passing, "%lld", (long long)row->verified_depth);
    return html_format(&report->passing, "%lld / %s", (long long)row->presented_depth, verified);
}

static void count_posture(struct html_report *report, const struct html_row *row)
{
    struct html_stats *stats = &report->stats;
    int64_t num = row->num_addresses;
    const struct html_leaf *leaf = &row->leaf;
    bool weak_key = strcmp(leaf->key, "RSA 1024") == 0 || strcmp(leaf->key, "RSA 512") == 0 ||
                    strncmp(leaf->key, "DSA", 3) == 0;
    html_dict_add(&stats->grades, row->grade, num, html_grade_tone(row->grade));
    if (row->tls_version != HTML_UNKNOWN) {
        html_dict_add(&stats->versions, html_code_name(report, "version", row->tls_version), num,
                      version_tone(row->tls_version));
        const char *exchange = html_exchange_name(report, row);
        html_dict_add(&stats->exchanges, exchange, num,
                      strcmp(exchange, "static RSA") == 0 ? "high" : "");
    }
    if (leaf->id == 0) {
        return;
    }
    html_dict_add(&stats->keys, leaf->key[0] != '\0' ? leaf->key : "unreadable", num,
                  weak_key ? "crit" : "");
    html_dict_add(&stats->issuers, issuer_of(leaf), num, leaf->is_self_signed ? "crit" : "");
    if (row->presented_depth != HTML_UNKNOWN) {
        html_dict_add(&stats->depths, depth_words(report, row), num, depth_tone(row));
    }
}

/* ---- departments ---- */

static struct html_group *group_of(struct html_report *report, const char *name)
{
    struct html_stats *stats = &report->stats;
    int64_t number = html_dict_put(&stats->groups, name);
    if (number < 0) {
        return NULL; /* more groups than a page can list; it says how many it lists */
    }
    if ((size_t)number >= stats->group_capacity) {
        size_t capacity = stats->group_capacity > 0 ? stats->group_capacity * 2 : 64;
        struct html_group *grown = realloc(stats->group_facts, capacity * sizeof *grown);
        if (grown == NULL) {
            html_fail(report, TC_ERR_NOMEM);
            return NULL;
        }
        memset(grown + stats->group_capacity, 0,
               (capacity - stats->group_capacity) * sizeof *grown);
        stats->group_facts = grown;
        stats->group_capacity = capacity;
    }
    return &stats->group_facts[number];
}

static void note_next(struct html_report *report, struct html_group *group,
                      const struct html_row *row, int64_t days)
{
    if (days < 0 || (group->next_host != NULL && group->next_days <= days)) {
        return;
    }
    const char *shown = html_endpoint_name(&report->passing, row->host, row->port, true);
    char *host = strdup(shown);
    char *link = strdup(row->endpoint);
    if (host == NULL || link == NULL) {
        free(host);
        free(link);
        html_fail(report, TC_ERR_NOMEM);
        return;
    }
    free(group->next_host);
    free(group->next_link);
    group->next_host = host;
    group->next_link = link;
    group->next_days = days;
}

static void count_group(struct html_report *report, const struct html_row *row)
{
    struct html_group *group = group_of(report, row->group);
    int64_t num = row->num_addresses;
    if (group == NULL) {
        return;
    }
    group->endpoints += num;
    if (!row->is_seen) {
        return;
    }
    group->seen += num;
    group->grades[html_grade_slot(row->grade)] += num;
    group->act += html_row_needs_action(row) ? num : 0;
    for (unsigned severity = 0; severity < 5; severity++) {
        group->findings[severity] += (int64_t)html_row_findings(row, severity) * num;
    }
    int64_t days = html_row_days(report, row);
    if (days != HTML_UNKNOWN) {
        group->expired += days < 0 ? num : 0;
        group->exp30 += days >= 0 && days <= 30 ? num : 0;
        note_next(report, group, row, days);
    }
}

/* ---- the walk ---- */

static void count_row(struct html_report *report, const struct html_row *row)
{
    struct html_stats *stats = &report->stats;
    struct html_totals *totals = &stats->totals;
    totals->endpoints += row->num_addresses;
    count_group(report, row);
    if (!row->is_seen) {
        count_lost(totals, row);
        return;
    }
    totals->seen += row->num_addresses;
    totals->rows++;
    int64_t days = html_row_days(report, row);
    if (days != HTML_UNKNOWN) {
        count_days(stats, days, row->num_addresses);
    }
    count_verdict(totals, row);
    count_posture(report, row);
    html_count_set(report, row);
    if (report->owner_label[0] != '\0') {
        html_dict_add(&stats->owners, row->owner, row->num_addresses, NULL);
    }
    note_top(report, row);
}

static enum tc_status dict_failure(const struct html_stats *stats)
{
    const struct html_dict *dicts[] = {&stats->grades, &stats->versions, &stats->exchanges,
                                       &stats->keys,   &stats->issuers,  &stats->depths,
                                       &stats->groups, &stats->owners};
    for (size_t i = 0; i < TC_ARRAY_LEN(dicts); i++) {
        if (dicts[i]->failed != TC_OK) {
            return dicts[i]->failed;
        }
    }
    return TC_OK;
}

void html_count_stats(struct html_report *report)
{
    struct html_stats *stats = &report->stats;
    struct html_walk *walk = report->walk;
    const struct html_row *row = NULL;
    stats->issuers.max = MAX_ISSUERS;
    stats->top.max = report->max_rows;
    html_walk_count(walk);
    while ((row = html_walk_next(walk)) != NULL && report->status == TC_OK) {
        count_row(report, row);
        if (report->data != NULL && row->is_seen) {
            html_data_take(report->data, row);
        }
        html_arena_reset(&report->passing);
    }
    html_worst_cut(&stats->top);
    for (size_t i = 0; i < report->num_rules; i++) {
        html_worst_cut(&report->rules[i].places);
    }
    report->is_windowed = stats->totals.rows > (int64_t)stats->top.num;
    enum tc_status failure = dict_failure(stats);
    if (failure != TC_OK) {
        html_fail(report, failure);
    }
}

void html_stats_cleanup(struct html_stats *stats)
{
    struct html_dict *dicts[] = {&stats->grades,  &stats->versions, &stats->exchanges, &stats->keys,
                                 &stats->issuers, &stats->depths,   &stats->owners};
    for (size_t i = 0; i < stats->groups.num; i++) {
        free(stats->group_facts[i].next_host);
        free(stats->group_facts[i].next_link);
    }
    html_dict_cleanup(&stats->groups);
    for (size_t i = 0; i < TC_ARRAY_LEN(dicts); i++) {
        html_dict_cleanup(dicts[i]);
    }
    html_worst_cleanup(&stats->top);
    free(stats->group_facts);
}
