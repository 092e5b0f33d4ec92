#include "accepts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "tlscensus/buf.h"
#include "tlscensus/features.h"
#include "tlscensus/sql.h"

#define LIST_MAX       ((size_t)16 * 1024) /* bytes; an arena keeps no longer text */
#define FIRST_CAPACITY 64U
#define WEAK_DH_BITS   2048
#define TLS1_3         0x0304

/* ---- opening ---- */

static enum tc_status read_requested(struct tc_accepts *accepts, struct tc_store *store,
                                     int64_t scan_id, struct tc_error *error)
{
    struct tc_rows *rows = NULL;
    enum tc_status status = tc_rows_open(&rows, store, tc_sql_report_requested, error);
    if (status != TC_OK) {
        return status;
    }
    tc_rows_bind_int(rows, ":scan_id", scan_id);
    while ((status = tc_rows_next(rows, error)) == TC_OK) {
        int64_t code = tc_trait_requested(tc_row_text(rows, "name"));
        if (code != 0 && accepts->num_requested < TC_MAX_REQUESTED) {
            accepts->requested[accepts->num_requested++] = code;
        }
    }
    tc_rows_close(rows);
    return status == TC_ERR_END ? TC_OK : status;
}

enum tc_status tc_accepts_open(struct tc_accepts *accepts, struct tc_store *store, int64_t scan_id,
                               struct tc_error *error)
{
    enum tc_status status = read_requested(accepts, store, scan_id, error);
    if (status == TC_OK) {
        status = tc_rows_open(&accepts->suite_rows, store, tc_sql_report_suites, error);
    }
    if (status == TC_OK) {
        status = tc_rows_open(&accepts->feature_rows, store, tc_sql_report_set_features, error);
    }
    return status;
}

void tc_accepts_cleanup(struct tc_accepts *accepts)
{
    tc_rows_close(accepts->suite_rows);
    tc_rows_close(accepts->feature_rows);
    html_arena_cleanup(&accepts->arena);
    free(accepts->suites);
    free(accepts->traits);
    *accepts = (struct tc_accepts){0};
}

/* ---- pieces ---- */

/* A column as visible text. */
static const char *text_of(struct tc_accepts *accepts, const struct tc_rows *rows, const char *name)
{
    const char *text = tc_row_text(rows, name);
    return html_visible(&accepts->arena, text, strlen(text));
}

static enum tc_tristate tristate_of(const struct tc_rows *rows, const char *name)
{
    return tc_row_is_null(rows, name) ? TC_UNKNOWN : tc_row_int(rows, name) != 0 ? TC_YES : TC_NO;
}

static const char *version_words(struct tc_accepts *accepts, int64_t code, const char *name)
{
    for (unsigned i = 0; accepts->says_versions && i < TC_SET_NUM_VERSIONS; i++) {
        if (tc_set_version_code(i) == code) {
            return tc_set_version_name(i);
        }
    }
    return name;
}

/* ---- suites ---- */

static const char *quality_words(struct tc_accepts *accepts, const struct tc_rows *rows)
{
    char words[128];
    const struct tc_suite_facts facts = {
        .kx = tc_row_text(rows, "kx"),
        .auth = tc_row_text(rows, "auth"),
        .cipher = tc_row_text(rows, "cipher"),
        .mode = tc_row_text(rows, "mode"),
        .block_bits = tc_row_int(rows, "block_bits"),
        .forward_secrecy = tc_row_int(rows, "forward_secrecy") != 0,
        .is_export = tc_row_int(rows, "is_export") != 0,
    };
    if (tc_row_is_null(rows, "quality")) {
        return "";
    }
    tc_suite_words(words, sizeof words, &facts);
    return html_copy(&accepts->arena, words);
}

static enum tc_status take_suite(struct tc_accepts *accepts, struct tc_error *error)
{
    const struct tc_rows *rows = accepts->suite_rows;
    if (accepts->num_suites == accepts->suites_capacity) {
        size_t capacity =
            accepts->suites_capacity > 0 ? accepts->suites_capacity * 2 : FIRST_CAPACITY;
        struct tc_accepted_suite *grown = realloc(accepts->suites, capacity * sizeof *grown);
        if (grown == NULL) {
            return tc_fail(error, TC_ERR_NOMEM, "%s", tc_status_str(TC_ERR_NOMEM));
        }
        accepts->suites = grown;
        accepts->suites_capacity = capacity;
    }
    int64_t version = tc_row_int(rows, "version");
    accepts->suites[accepts->num_suites++] = (struct tc_accepted_suite){
        .version = version,
        .version_name = version_words(accepts, version, text_of(accepts, rows, "version_name")),
        .server_order = tristate_of(rows, "server_order"),
        .code = tc_row_int(rows, "code"),
        .name = text_of(accepts, rows, "name"),
        .quality = tc_suite_quality_find(tc_row_text(rows, "quality")),
        .words = quality_words(accepts, rows),
        .is_dhe = strcmp(tc_row_text(rows, "kx"), "DHE") == 0,
        .is_cbc = strcmp(tc_row_text(rows, "mode"), "CBC") == 0,
    };
    return TC_OK;
}

static bool is_same_list(const struct tc_accepts *accepts, const struct tc_suite_list *a,
                         const struct tc_suite_list *b)
{
    for (size_t i = 0; i < a->num && a->num == b->num; i++) {
        if (accepts->suites[a->first + i].code != accepts->suites[b->first + i].code) {
            return false;
        }
    }
    return a->num == b->num && a->server_order == b->server_order;
}

/* Versions below each other that accept the same become one list. */
static void make_suite_lists(struct tc_accepts *accepts)
{
    const struct tc_accepted_suite *suites = accepts->suites;
    size_t next = 0;
    for (size_t first = 0; first < accepts->num_suites; first = next) {
        struct tc_suite_list list = {.versions = suites[first].version_name,
                                     .server_order = suites[first].server_order,
                                     .first = first};
        next = first;
        while (next < accepts->num_suites && suites[next].version == suites[first].version) {
            next++;
        }
        list.num = next - first;
        struct tc_suite_list *last = accepts->num_suite_lists > 0
                                         ? &accepts->suite_lists[accepts->num_suite_lists - 1]
                                         : NULL;
        if (last != NULL && is_same_list(accepts, last, &list)) {
            last->versions = html_format(&accepts->arena, "%s, %s", last->versions, list.versions);
        } else if (accepts->num_suite_lists < TC_MAX_SUITE_LISTS) {
            accepts->suite_lists[accepts->num_suite_lists++] = list;
        }
    }
}

const char *tc_order_words(enum tc_tristate server_order)
{
    return server_order == TC_UNKNOWN ? ""
           : server_order == TC_YES   ? "in the server's order"
                                      : "the client's order counts";
}

const char *tc_accepted_quality(struct html_arena *arena, const struct tc_accepted_suite *suite)
{
    const char *quality =
        suite->quality == TC_SUITE_UNKNOWN ? "not judged" : tc_suite_quality_name(suite->quality);
    return html_format(arena, "%s%s%s", quality, suite->words[0] != '\0' ? ": " : "", suite->words);
}

/* ---- traits ---- */

static enum tc_status add_trait(struct tc_accepts *accepts, const struct tc_accepted_trait *trait,
                                struct tc_error *error)
{
    if (accepts->num_traits == accepts->traits_capacity) {
        size_t capacity =
            accepts->traits_capacity > 0 ? accepts->traits_capacity * 2 : FIRST_CAPACITY;
        struct tc_accepted_trait *grown = realloc(accepts->traits, capacity * sizeof *grown);
        if (grown == NULL) {
            return tc_fail(error, TC_ERR_NOMEM, "%s", tc_status_str(TC_ERR_NOMEM));
        }
        accepts->traits = grown;
        accepts->traits_capacity = capacity;
    }
    accepts->traits[accepts->num_traits++] = *trait;
    return TC_OK;
}

static enum tc_status take_trait(struct tc_accepts *accepts, struct tc_error *error)
{
    const struct tc_rows *rows = accepts->feature_rows;
    int64_t code = tc_row_int(rows, "code");
    int64_t version = tc_row_int(rows, "version");
    if (code == TC_TRAIT_SURVEY_COMPLETE && tristate_of(rows, "supported") != TC_YES) {
        const char *why = text_of(accepts, rows, "text");
        accepts->cut_short = why[0] != '\0' ? why : "the survey did not come to its end";
    } else if (code == TC_TRAIT_SURVEY_COMPLETE) {
        accepts->confirmed = text_of(accepts, rows, "text");
    }
    if (code == TC_TRAIT_GROUP_ORDER) {
        accepts->group_order[version == TLS1_3 ? 1 : 0] = tristate_of(rows, "supported");
    }
    const struct tc_accepted_trait trait = {
        .words = tc_trait_words_find(code),
        .version_name =
            version != 0 ? version_words(accepts, version, text_of(accepts, rows, "version_name"))
                         : "",
        .supported = tristate_of(rows, "supported"),
        .value = tc_row_int(rows, "value"),
    };
    accepts->is_deep = accepts->is_deep || (trait.words != NULL && trait.supported != TC_UNKNOWN &&
                                            trait.words->needs == TC_NEEDS_DEEP);
    return trait.words != NULL ? add_trait(accepts, &trait, error) : TC_OK;
}

static int compare_traits(const void *left, const void *right)
{
    const struct tc_accepted_trait *a = left;
    const struct tc_accepted_trait *b = right;
    if (a->words != b->words) {
        return a->words < b->words ? -1 : 1;
    }
    return strcmp(b->version_name, a->version_name);
}

static bool is_requested(const struct tc_accepts *accepts, int64_t code)
{
    for (size_t i = 0; i < accepts->num_requested; i++) {
        if (accepts->requested[i] == code) {
            return true;
        }
    }
    return false;
}

/* Those that were never asked have no row: they are not measured either. What is asked on request
 * alone is no gap where nobody requested it. */
static enum tc_status complete_traits(struct tc_accepts *accepts, struct tc_error *error)
{
    size_t num_words = 0;
    size_t num_asked = accepts->num_traits;
    const struct tc_trait_words *words = tc_trait_words(&num_words);
    enum tc_status status = TC_OK;
    for (size_t i = 0; i < num_words && status == TC_OK; i++) {
        bool is_asked = false;
        for (size_t k = 0; k < num_asked && !is_asked; k++) {
            is_asked = accepts->traits[k].words == &words[i];
        }
        if (!is_asked && (!tc_trait_is_said_where_found(words[i].code) ||
                          is_requested(accepts, words[i].code))) {
            status = add_trait(accepts,
                               &(struct tc_accepted_trait){
                                   .words = &words[i], .version_name = "", .supported = TC_UNKNOWN},
                               error);
        }
    }
    if (accepts->num_traits > 0) {
        qsort(accepts->traits, accepts->num_traits, sizeof *accepts->traits, compare_traits);
    }
    return status;
}

const char *tc_accepted_title(struct html_arena *arena, const struct tc_accepted_trait *trait)
{
    const char *title = trait->words->title;
    bool has_version = trait->version_name[0] != '\0';
    if (trait->words->unit[0] == '\0' || trait->value <= 0) {
        return has_version ? html_format(arena, "%s in %s", title, trait->version_name) : title;
    }
    return html_format(arena, "%s%s%s (%" PRId64 " %s)", title, has_version ? " in " : "",
                       trait->version_name, trait->value, trait->words->unit);
}

bool tc_accepted_is_bad(const struct tc_accepted_trait *trait)
{
    return (trait->supported == TC_YES && trait->words->sense == TC_SENSE_BAD) ||
           (trait->supported == TC_NO && trait->words->sense == TC_SENSE_GOOD);
}

/* ---- lists and lines ---- */

struct lists {
    struct tc_buf bufs[TC_NUM_LISTS];
};

static void add(struct lists *lists, enum tc_accepts_list list, const char *text)
{
    struct tc_buf *buf = &lists->bufs[list];
    tc_buf_add_str(buf, buf->len > 0 ? ", " : "");
    tc_buf_add_str(buf, text);
}

static const char *group_words(struct tc_accepts *accepts, const struct tc_rows *rows)
{
    const char *note = tc_row_int(rows, "is_draft") != 0          ? " (draft)"
                       : tc_row_int(rows, "is_post_quantum") != 0 ? " (post-quantum)"
                       : tc_row_int(rows, "is_weak") != 0         ? " (weak)"
                                                                  : "";
    return html_format(&accepts->arena, "%s%s", text_of(accepts, rows, "name"), note);
}

/* Whether a list holds a name as a whole. */
static bool holds(const struct tc_buf *list, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = list->data; at != NULL && (at = strstr(at, name)) != NULL; at += len) {
        bool begins = at == list->data || at[-1] == ' ';
        if (begins && (at[len] == ',' || at[len] == '\0')) {
            return true;
        }
    }
    return false;
}

/* To whom these parameters are shown. */
static const char *dh_words(int64_t offer, const char *name)
{
    return offer == TC_DH_CONFIGURED ? "the server's own"
           : offer == TC_DH_NAMED    ? "where groups of RFC 7919 are offered"
           : offer == TC_DH_EXPORT   ? "with an export suite"
                                     : name;
}

static void take_line(struct tc_accepts *accepts, const char *kind)
{
    const struct tc_rows *rows = accepts->feature_rows;
    struct html_arena *arena = &accepts->arena;
    const char *name = text_of(accepts, rows, "name");
    const char *text = text_of(accepts, rows, "text");
    int64_t bits = tc_row_int(rows, "value");
    if (accepts->num_lines == TC_MAX_ACCEPTED_LINES) {
        return; /* the registry has fewer */
    }
    struct tc_accepted_line line = {.label = strcmp(name, "jarm") == 0   ? "JARM"
                                             : strcmp(name, "ja3s") == 0 ? "JA3S"
                                                                         : name,
                                    .text = text};
    accepts->is_deep = accepts->is_deep || strcmp(kind, "fingerprint") == 0;
    if (strcmp(kind, "dh") == 0) {
        line.label = "DH";
        line.is_weak = bits < WEAK_DH_BITS;
        line.text = html_format(
            arena, "%s: %" PRId64 " bits%s%s%.80s", dh_words(tc_row_int(rows, "code"), name), bits,
            text[0] != '\0' ? ", " : "", strlen(text) == 64 ? "p with SHA-256 " : "", text);
    }
    accepts->lines[accepts->num_lines++] = line;
}

static void take_version(struct tc_accepts *accepts, struct lists *lists)
{
    const struct tc_rows *rows = accepts->feature_rows;
    enum tc_tristate supported = tristate_of(rows, "supported");
    int64_t code = tc_row_int(rows, "code");
    add(lists,
        supported == TC_YES  ? TC_LIST_ACCEPTED
        : supported == TC_NO ? TC_LIST_REFUSED
                             : TC_LIST_UNKNOWN,
        version_words(accepts, code, text_of(accepts, rows, "name")));
    if (code == TLS1_3) {
        accepts->tls13 = supported;
    } else if (supported == TC_YES) {
        accepts->num_older++;
    } else if (supported == TC_NO) {
        accepts->num_older_refused++;
    }
}

static void take_listed(struct tc_accepts *accepts, struct lists *lists, const char *kind)
{
    const struct tc_rows *rows = accepts->feature_rows;
    enum tc_tristate supported = tristate_of(rows, "supported");
    const char *name = text_of(accepts, rows, "name");
    if (strcmp(kind, "version") == 0) {
        take_version(accepts, lists);
    } else if (supported != TC_YES) {
        return; /* refusals of single groups and schemes are many, and the list says the rest */
    } else if (strcmp(kind, "group") == 0) {
        add(lists, tc_row_int(rows, "version") == TLS1_3 ? TC_LIST_GROUPS13 : TC_LIST_GROUPS12,
            group_words(accepts, rows));
    } else if (strcmp(kind, "alpn") == 0) {
        add(lists, TC_LIST_ALPN, name);
    } else if (strcmp(kind, "signature") == 0) {
        /* One that signs in both versions is said once. */
        if (!holds(&lists->bufs[TC_LIST_SIGNATURES], name)) {
            add(lists, TC_LIST_SIGNATURES, name);
        }
    } else if (strcmp(kind, "dh") == 0 || strcmp(kind, "fingerprint") == 0) {
        take_line(accepts, kind);
    }
}

static enum tc_status read_features(struct tc_accepts *accepts, struct lists *lists,
                                    struct tc_error *error)
{
    enum tc_status status = TC_OK;
    while ((status = tc_rows_next(accepts->feature_rows, error)) == TC_OK) {
        char kind[16];
        (void)snprintf(kind, sizeof kind, "%s", tc_row_text(accepts->feature_rows, "kind"));
        if (strcmp(kind, "trait") != 0) {
            take_listed(accepts, lists, kind);
        } else if ((status = take_trait(accepts, error)) != TC_OK) {
            return status;
        }
    }
    return status == TC_ERR_END ? complete_traits(accepts, error) : status;
}

static enum tc_status read_suites(struct tc_accepts *accepts, struct tc_error *error)
{
    enum tc_status status = TC_OK;
    while ((status = tc_rows_next(accepts->suite_rows, error)) == TC_OK) {
        if ((status = take_suite(accepts, error)) != TC_OK) {
            return status;
        }
    }
    make_suite_lists(accepts);
    return status == TC_ERR_END ? TC_OK : status;
}

/* "…; in the server's order", where there is something to put in order. */
static void add_order(const struct tc_accepts *accepts, struct tc_buf *list, size_t of)
{
    const char *words = tc_order_words(accepts->group_order[of]);
    if (words[0] != '\0' && list->data != NULL && strchr(list->data, ',') != NULL) {
        tc_buf_addf(list, "; %s", words);
    }
}

enum tc_status tc_accepts_read(struct tc_accepts *accepts, int64_t feature_set_id,
                               struct tc_error *error)
{
    struct lists lists;
    struct tc_rows *rows[] = {accepts->suite_rows, accepts->feature_rows};
    html_arena_reset(&accepts->arena);
    accepts->num_suites = 0;
    accepts->num_suite_lists = 0;
    accepts->num_traits = 0;
    accepts->num_lines = 0;
    accepts->cut_short = "";
    accepts->confirmed = "";
    accepts->is_deep = false;
    accepts->tls13 = TC_UNKNOWN;
    accepts->num_older = 0;
    accepts->num_older_refused = 0;
    accepts->group_order[0] = TC_UNKNOWN;
    accepts->group_order[1] = TC_UNKNOWN;
    for (size_t i = 0; i < TC_ARRAY_LEN(rows); i++) {
        tc_rows_reset(rows[i]);
        tc_rows_bind_int(rows[i], ":feature_set_id", feature_set_id);
    }
    for (size_t i = 0; i < TC_NUM_LISTS; i++) {
        tc_buf_init(&lists.bufs[i], LIST_MAX);
    }
    enum tc_status status = read_suites(accepts, error);
    if (status == TC_OK) {
        status = read_features(accepts, &lists, error);
    }
    add_order(accepts, &lists.bufs[TC_LIST_GROUPS12], 0);
    add_order(accepts, &lists.bufs[TC_LIST_GROUPS13], 1);
    for (size_t i = 0; i < TC_NUM_LISTS; i++) {
        const char *text = lists.bufs[i].data != NULL ? lists.bufs[i].data : "";
        accepts->lists[i] = html_copy(&accepts->arena, text);
        tc_buf_cleanup(&lists.bufs[i]);
    }
    return status == TC_OK ? accepts->arena.failed : status;
}
