#include "diff_words.h"

#include <inttypes.h>
#include <string.h>

#include "columns.h"

#define VALUE_MAX 120 /* bytes of one value: the rest is in the CSV */

/* The parts of a row that its sentence is made of. */
struct change {
    const char *field;
    const char *before; /* "" for none */
    const char *after;
};

static const struct {
    const char *heading;
    const char *counted;
} k_parts[TC_DIFF_PARTS] = {
    [TC_DIFF_PROBLEM] = {"New problems", "with new problems"},
    [TC_DIFF_LOST] = {"Lost", "lost"},
    [TC_DIFF_CHANGED] = {"Changed", "changed"},
    [TC_DIFF_FIXED] = {"Fixed", "fixed"},
};

const char *tc_diff_heading(int64_t part)
{
    return k_parts[part].heading;
}

const char *tc_diff_counted(int64_t part)
{
    return k_parts[part].counted;
}

void tc_diff_add_value(struct tc_buf *out, const char *value)
{
    size_t len = strlen(value);
    if (len <= VALUE_MAX) {
        tc_buf_add(out, value, len);
        return;
    }
    len = VALUE_MAX;
    while (len > 0 && ((unsigned char)value[len] & 0xC0) == 0x80) {
        len--;
    }
    tc_buf_add(out, value, len);
    tc_buf_add_str(out, "...");
}

/* "grade A became C" */
static void add_turn(struct tc_buf *out, const char *what, const struct change *change)
{
    tc_buf_addf(out, "%s ", what);
    tc_diff_add_value(out, change->before[0] != '\0' ? change->before : "none");
    tc_buf_add_str(out, " became ");
    tc_diff_add_value(out, change->after[0] != '\0' ? change->after : "none");
}

/* "suites lost: a; gained: b" */
static void add_lists(struct tc_buf *out, const char *what, const struct change *change)
{
    bool has_both = change->before[0] != '\0' && change->after[0] != '\0';
    tc_buf_addf(out, "%s ", what);
    if (change->before[0] != '\0') {
        tc_buf_add_str(out, "lost: ");
        tc_diff_add_value(out, change->before);
    }
    if (change->after[0] != '\0') {
        tc_buf_add_str(out, has_both ? ", gained: " : "gained: ");
        tc_diff_add_value(out, change->after);
    }
}

static void add_value_behind(struct tc_buf *out, const char *words, const char *value)
{
    tc_buf_add_str(out, words);
    tc_diff_add_value(out, value);
}

static void finding_new(struct tc_buf *out, const struct change *change)
{
    tc_buf_add_str(out, change->field);
    if (change->after[0] != '\0') {
        add_value_behind(out, ": ", change->after);
    }
}

static void finding_fixed(struct tc_buf *out, const struct change *change)
{
    tc_buf_addf(out, "no longer %s", change->field);
}

static void unreachable(struct tc_buf *out, const struct change *change)
{
    add_value_behind(out, "does not answer any more: ", change->after);
}

static void reachable(struct tc_buf *out, const struct change *change)
{
    add_value_behind(out, "answers, before: ", change->before);
}

static void renewed(struct tc_buf *out, const struct change *change)
{
    bool same_key = strcmp(change->field, "spki_sha256") == 0;
    tc_buf_add_str(out, same_key ? "certificate renewed with the old key" : "certificate renewed");
}

static void replaced(struct tc_buf *out, const struct change *change)
{
    (void)change;
    tc_buf_add_str(out, "another certificate");
}

static void key_changed(struct tc_buf *out, const struct change *change)
{
    add_turn(out, "key", change);
}

static void issuer_changed(struct tc_buf *out, const struct change *change)
{
    add_value_behind(out, "issued by ", change->after);
    add_value_behind(out, ", before by ", change->before);
}

static void names_changed(struct tc_buf *out, const struct change *change)
{
    add_lists(out, "names", change);
}

static void chain_changed(struct tc_buf *out, const struct change *change)
{
    add_value_behind(out, "sends with it ", change->after);
    add_value_behind(out, ", before ", change->before);
}

static void trust_changed(struct tc_buf *out, const struct change *change)
{
    bool is_name = strcmp(change->field, "name_match") == 0;
    bool is_won = strcmp(change->after, "true") == 0;
    if (is_name) {
        tc_buf_add_str(out, is_won ? "certificate is for this name now"
                                   : "certificate is not for this name any more");
    } else if (is_won) {
        tc_buf_add_str(out, "trusted now");
    } else {
        add_value_behind(out, "not trusted any more: ", change->after);
    }
}

static void version_enabled(struct tc_buf *out, const struct change *change)
{
    tc_buf_addf(out, "accepts %s now", change->field);
}

static void version_disabled(struct tc_buf *out, const struct change *change)
{
    tc_buf_addf(out, "does not accept %s any more", change->field);
}

static void suite_changed(struct tc_buf *out, const struct change *change)
{
    if (strcmp(change->field, "cipher") == 0) {
        add_turn(out, "suite", change);
    } else {
        add_lists(out, "suites", change);
    }
}

static void group_changed(struct tc_buf *out, const struct change *change)
{
    if (strcmp(change->field, "kx_group") == 0) {
        add_turn(out, "group", change);
    } else {
        add_lists(out, "groups", change);
    }
}

static void grade_changed(struct tc_buf *out, const struct change *change)
{
    add_turn(out, "grade", change);
}

static void address_added(struct tc_buf *out, const struct change *change)
{
    add_value_behind(out, "new address ", change->after);
}

static void address_removed(struct tc_buf *out, const struct change *change)
{
    add_value_behind(out, "no longer at ", change->before);
}

static void target_added(struct tc_buf *out, const struct change *change)
{
    add_value_behind(out, "new in the list: ", change->after);
}

static void target_removed(struct tc_buf *out, const struct change *change)
{
    (void)change;
    tc_buf_add_str(out, "no longer in the list");
}

static const struct {
    const char *kind;
    void (*add)(struct tc_buf *out, const struct change *change);
    bool is_of_address; /* where one of several has it, it says which */
} k_kinds[] = {
    {"finding-new", finding_new, true},           {"finding-fixed", finding_fixed, true},
    {"became-unreachable", unreachable, true},    {"became-reachable", reachable, true},
    {"certificate-renewed", renewed, true},       {"certificate-replaced", replaced, true},
    {"key-changed", key_changed, true},           {"issuer-changed", issuer_changed, true},
    {"names-changed", names_changed, true},       {"chain-changed", chain_changed, true},
    {"trust-changed", trust_changed, true},       {"version-enabled", version_enabled, true},
    {"version-disabled", version_disabled, true}, {"suite-changed", suite_changed, true},
    {"group-changed", group_changed, true},       {"grade-changed", grade_changed, true},
    {"address-added", address_added, false},      {"address-removed", address_removed, false},
    {"target-added", target_added, false},        {"target-removed", target_removed, false},
};

static void add_address(struct tc_buf *out, const struct tc_rows *rows)
{
    int64_t num = tc_row_int(rows, "num_addresses");
    const char *address = tc_row_text(rows, "address");
    if (num >= tc_row_int(rows, "places") || address[0] == '\0') {
        return;
    }
    if (num == 1) {
        tc_buf_addf(out, " (%s)", address);
    } else {
        tc_buf_addf(out, " (%" PRId64 " addresses)", num);
    }
}

void tc_diff_words(struct tc_buf *out, const struct tc_rows *rows)
{
    const char *kind = tc_row_text(rows, "kind");
    const struct change change = {.field = tc_row_text(rows, "field"),
                                  .before = tc_row_text(rows, "before"),
                                  .after = tc_row_text(rows, "after")};
    for (size_t i = 0; i < TC_ARRAY_LEN(k_kinds); i++) {
        if (strcmp(kind, k_kinds[i].kind) == 0) {
            k_kinds[i].add(out, &change);
            if (k_kinds[i].is_of_address) {
                add_address(out, rows);
            }
            return;
        }
    }
    tc_buf_addf(out, "%s: %s", kind, change.field); /* of a later version */
}

void tc_diff_trust_words(struct tc_buf *out, const struct tc_rows *rows)
{
    const char *now = tc_row_text(rows, "new_trust");
    const char *before = tc_row_text(rows, "old_trust");
    if (now[0] == '\0') {
        return;
    }
    tc_buf_add_str(out,
                   "Other roots are trusted than before, which may be why a verdict changed: ");
    tc_diff_add_value(out, now);
    if (strcmp(now, before) != 0) {
        tc_buf_add_str(out, "; before ");
        tc_diff_add_value(out, before);
    }
    tc_buf_add_str(out, ".");
}
