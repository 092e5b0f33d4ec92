#include "html_chain.h"

#include <string.h>

#include "tlscensus/sql.h"

#define MAX_MEMBERS      12 /* of one chain; a server may send a hundred */
#define BUILT_FROM_STORE 2
#define BUILT_FROM_FLEET 4

struct member {
    int64_t id;
    const char *name;
    const char *issuer;
    const char *key;
    int64_t not_before_s;
    int64_t not_after_s;
    bool is_self_signed;
};

struct chain {
    struct member members[MAX_MEMBERS];
    size_t num;
};

static const char *first_of(const char *a, const char *b)
{
    return a[0] != '\0' ? a : b;
}

static const char *member_key(struct html_arena *arena, const struct tc_rows *rows)
{
    const char *type = html_visible_column(arena, rows, 8);
    const char *signature = html_visible_column(arena, rows, 10);
    if (strcmp(type, "RSA") == 0 || strcmp(type, "DSA") == 0) {
        return html_format(arena, "%s %lld · %s", type, (long long)html_number(rows, 9), signature);
    }
    return html_format(arena, "%s · %s", type, signature);
}

static void load_chain(struct html_report *report, struct chain *chain, int64_t chain_id)
{
    struct html_arena *arena = &report->passing;
    chain->num = 0;
    if (chain_id == 0) {
        return;
    }
    struct tc_rows *rows = html_query(report, tc_sql_report_html_chain);
    if (rows != NULL) {
        tc_rows_bind_int(rows, ":chain_id", chain_id);
    }
    while (html_query_next(report, rows) && chain->num < MAX_MEMBERS) {
        chain->members[chain->num++] = (struct member){
            .id = tc_rows_int(rows, 1),
            .name = first_of(html_visible_column(arena, rows, 2),
                             first_of(html_visible_column(arena, rows, 3), "unreadable")),
            .issuer =
                first_of(html_visible_column(arena, rows, 4), html_visible_column(arena, rows, 5)),
            .not_before_s = html_int(rows, 6),
            .not_after_s = html_int(rows, 7),
            .key = member_key(arena, rows),
            .is_self_signed = html_number(rows, 12) == 1,
        };
    }
    tc_rows_close(rows);
}

static bool chain_has(const struct chain *chain, int64_t id)
{
    for (size_t i = 0; i < chain->num; i++) {
        if (chain->members[i].id == id) {
            return true;
        }
    }
    return false;
}

static struct html_box box_of(const struct member *member, const char *role, const char *state)
{
    return (struct html_box){.role = role,
                             .state = state,
                             .tone = "",
                             .kind = "",
                             .name = member->name,
                             .key = member->key,
                             .not_before_s = member->not_before_s,
                             .not_after_s = member->not_after_s};
}

static struct html_box leaf_box(struct html_report *report, const struct html_row *row)
{
    const struct html_leaf *leaf = &row->leaf;
    struct html_box box = {
        .role = row->verified_depth == 1 ? "Leaf and trust anchor" : "Leaf",
        .state = row->verified_depth == 1 ? "sent, in trust store" : "sent",
        .tone = "",
        .kind = "",
        .name = first_of(leaf->cn, first_of(leaf->subject, "no subject")),
        .key = html_format(&report->passing, "%s · %s", leaf->key, leaf->signature),
        .not_before_s = leaf->not_before_s,
        .not_after_s = leaf->not_after_s,
    };
    if (leaf->is_self_signed && row->verified_depth == HTML_UNKNOWN) {
        box.role = "Leaf, self-signed";
        box.state = "not in trust store";
        box.tone = "bad";
    }
    return box;
}

static struct html_box path_box(const struct html_row *row, const struct member *member,
                                bool is_sent, bool is_anchor)
{
    if (is_anchor) {
        return box_of(member, "Trust anchor",
                      is_sent ? "in trust store, also sent" : "in trust store");
    }
    struct html_box box = box_of(member, "Intermediate", "sent");
    if (!is_sent) {
        box.state = (row->built_from & BUILT_FROM_FLEET) != 0   ? "not sent, other hosts send it"
                    : (row->built_from & BUILT_FROM_STORE) != 0 ? "not sent, in trust store"
                                                                : "not sent";
        box.tone = "bad";
        box.kind = " miss";
    }
    return box;
}

static size_t path_boxes(const struct html_row *row, const struct chain *path,
                         const struct chain *sent, struct html_box *boxes)
{
    size_t num = 0;
    for (size_t i = 0; i < path->num && num < HTML_MAX_BOXES - 1; i++) {
        const struct member *member = &path->members[i];
        boxes[num++] = path_box(row, member, chain_has(sent, member->id), i + 1 == path->num);
    }
    for (size_t i = 0; i < sent->num && num < HTML_MAX_BOXES - 1; i++) {
        if (!chain_has(path, sent->members[i].id)) {
            boxes[num] = box_of(&sent->members[i], "Beside the path", "sent, not needed");
            boxes[num++].kind = " xtra";
        }
    }
    return num;
}

/* No path: what was sent, and the issuer that is missing where one is. */
static size_t sent_boxes(const struct html_row *row, const struct chain *sent,
                         struct html_box *boxes)
{
    size_t num = 0;
    const char *issuer = first_of(row->leaf.issuer_cn, row->leaf.issuer);
    bool ends = row->leaf.is_self_signed;
    for (size_t i = 0; i < sent->num && num < HTML_MAX_BOXES - 2; i++) {
        const struct member *member = &sent->members[i];
        boxes[num] = box_of(member, member->is_self_signed ? "Root" : "Intermediate", "sent");
        if (member->is_self_signed) {
            boxes[num].state = "sent, not in trust store";
            boxes[num].tone = "bad";
        }
        num++;
        issuer = member->issuer;
        ends = member->is_self_signed;
    }
    if (!ends && issuer[0] != '\0' &&
        (strcmp(row->trust_detail, "unknown-issuer") == 0 ||
         strcmp(row->trust_detail, "incomplete-chain") == 0)) {
        boxes[num++] = (struct html_box){.role = "Issuer",
                                         .state = "not sent, not known",
                                         .tone = "bad",
                                         .kind = " miss",
                                         .name = issuer,
                                         .key = "",
                                         .not_before_s = HTML_UNKNOWN,
                                         .not_after_s = HTML_UNKNOWN};
    }
    return num;
}

size_t html_chain_boxes(struct html_report *report, const struct html_row *row,
                        struct html_box boxes[HTML_MAX_BOXES])
{
    struct chain sent;
    struct chain path;
    if (row->leaf.id == 0) {
        return 0;
    }
    load_chain(report, &sent, row->presented_chain_id);
    load_chain(report, &path, row->verified_chain_id);
    boxes[0] = leaf_box(report, row);
    return 1 + (row->verified_depth != HTML_UNKNOWN ? path_boxes(row, &path, &sent, boxes + 1)
                                                    : sent_boxes(row, &sent, boxes + 1));
}

const char *html_chain_glyph(const struct html_row *row)
{
    if (row->verified_depth != HTML_UNKNOWN) {
        return strcmp(row->chain_status, "incomplete") == 0 ? "missing"
               : row->verified_depth == 1                   ? "self"
               : row->verified_depth == 2                   ? "two"
                                                            : "ok";
    }
    if (row->leaf.is_self_signed) {
        return "self";
    }
    return strcmp(row->trust_detail, "untrusted-root") == 0 ? "private" : "lost";
}

const char *html_chain_words(const struct html_row *row, const char **out_tone)
{
    *out_tone = html_row_is_broken(row) ? "bad" : "";
    if (row->name_match == 0 && row->trusted != 0) {
        return "wrong name";
    }
    if (row->trusted == 0 && row->trust_detail[0] != '\0' &&
        strcmp(row->trust_detail, "incomplete-chain") != 0 &&
        strcmp(row->trust_detail, "expired") != 0) {
        return row->trust_detail;
    }
    return row->chain_status[0] != '\0' ? row->chain_status : "not judged";
}

const char *html_depth_words(struct html_arena *arena, const struct html_row *row)
{
    if (row->presented_depth == HTML_UNKNOWN) {
        return "no certificate seen";
    }
    if (row->verified_depth == HTML_UNKNOWN) {
        return html_format(arena, "%lld presented, no verified path",
                           (long long)row->presented_depth);
    }
    return html_format(arena, "%lld presented, %lld on the verified path",
                       (long long)row->presented_depth, (long long)row->verified_depth);
}
