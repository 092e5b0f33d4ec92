#include "test_support.h"

#include "nights.h"

#include <stdio.h>
#include <string.h>

#include "nights_fleet.h"
#include "schema/database.h"

#define START_S  1795399200 /* 2026-11-23 02:00:00 UTC */
#define DAY_S    86400
#define WORD_MAX 64

/* What the letters of c= and g= stand for. */
static const struct {
    char letter;
    const char *kind;
    unsigned code;
    unsigned version;
} k_codes[] = {
    {'a', "cipher", 0x1301, 0x0304}, {'b', "cipher", 0x1302, 0x0304},
    {'g', "cipher", 0xC02F, 0x0303}, {'h', "cipher", 0xC013, 0x0303},
    {'r', "cipher", 0x0005, 0x0303}, {'x', "group", 29, 0x0304},
    {'p', "group", 23, 0x0304},      {'q', "group", 0x11EC, 0x0304},
};

/* One night as its words say. */
struct scene {
    sqlite3 *db;
    int64_t scan_id;
    int day;
    const char *profile;
    bool is_broken;
    bool is_resumed;
    bool ipv4_only;
    bool one_address;
    const char *list;
    /* the endpoint that is described */
    int target;
    int endpoint;
    bool is_open;
    char leaf;
    char also;
    char outcome[WORD_MAX];
    char versions[WORD_MAX];
    char suites[WORD_MAX];
    char groups[WORD_MAX];
    char findings[WORD_MAX];
    char grade[WORD_MAX];
    char trust[WORD_MAX];
    char own_profile[WORD_MAX]; /* "": the scan's */
    bool name_fails;
    int chain;
    bool is_cut_short;
    bool is_unasked;
};

TC_PRINTF(2, 3) static void run(sqlite3 *db, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *sql = sqlite3_vmprintf(format, arguments);
    va_end(arguments);
    char *message = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK) {
        fail_msg("%s: %s", sql, message);
    }
    sqlite3_free(sql);
}

static int64_t get(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    int64_t value = 0;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    if (sqlite3_step(statement) == SQLITE_ROW) {
        value = sqlite3_column_int64(statement, 0);
    }
    sqlite3_finalize(statement);
    return value;
}

/* ---- what is shared: feature sets and finding sets ---- */

static void put_versions(sqlite3 *db, int64_t set, const char *versions)
{
    static const char letters[] = "s0123";
    run(db,
        "INSERT INTO feature (feature_set_id, kind, code, supported) VALUES (%lld, 'version', 2, "
        "0)",
        (long long)set);
    for (unsigned i = 0; letters[i] != '\0'; i++) {
        const char *at = strchr(versions, letters[i]);
        const char *supported = at == NULL ? "0" : at[1] == '?' ? "NULL" : "1";
        run(db,
            "INSERT INTO feature (feature_set_id, kind, code, supported) VALUES (%lld, 'version', "
            "%u, %s)",
            (long long)set, 0x0300 + i, supported);
    }
}

static void put_codes(sqlite3 *db, int64_t set, const char *letters)
{
    for (size_t i = 0; i < TC_ARRAY_LEN(k_codes); i++) {
        if (strchr(letters, k_codes[i].letter) != NULL) {
            run(db,
                "INSERT INTO feature (feature_set_id, kind, version, code, supported) VALUES "
                "(%lld, '%s', %u, %u, 1)",
                (long long)set, k_codes[i].kind, k_codes[i].version, k_codes[i].code);
        }
    }
}

static int64_t feature_set(const struct scene *scene)
{
    char sql[512];
    const char *complete = scene->is_cut_short ? "NULL" : "1";
    sqlite3_snprintf((int)sizeof sql, sql, "CAST('%q/%q/%q/%s' AS BLOB)", scene->versions,
                     scene->suites, scene->groups, complete);
    run(scene->db, "INSERT OR IGNORE INTO feature_set (sha256) VALUES (%s)", sql);
    bool is_new = sqlite3_changes(scene->db) > 0;
    char find[640];
    snprintf(find, sizeof find, "SELECT feature_set_id FROM feature_set WHERE sha256 = %s", sql);
    int64_t set = get(scene->db, find);
    if (is_new) {
        put_versions(scene->db, set, scene->versions);
        put_codes(scene->db, set, scene->suites);
        put_codes(scene->db, set, scene->groups);
        run(scene->db,
            "INSERT INTO feature (feature_set_id, kind, version, code, supported) VALUES "
            "(%lld, 'trait', 0x0303, 41, %s), (%lld, 'trait', 0x0304, 41, %s), "
            "(%lld, 'trait', 0x0304, 42, %s), (%lld, 'trait', 0, 45, %s)",
            (long long)set, complete, (long long)set, complete, (long long)set, complete,
            (long long)set, complete);
    }
    return set;
}

/* Details change every night, as days left do. */
static int64_t finding_set(const struct scene *scene)
{
    char names[WORD_MAX];
    if (scene->findings[0] == '\0') {
        return 0;
    }
    run(scene->db, "INSERT INTO finding_set (scan_id) VALUES (%lld)", (long long)scene->scan_id);
    int64_t set = sqlite3_last_insert_rowid(scene->db);
    run(scene->db, "INSERT OR IGNORE INTO finding_detail (text) VALUES ('night %d')", scene->day);
    snprintf(names, sizeof names, "%s", scene->findings);
    char *rest = NULL;
    for (char *name = strtok_r(names, ",", &rest); name != NULL;
         name = strtok_r(NULL, ",", &rest)) {
        run(scene->db,
            "INSERT INTO finding_set_row SELECT %lld, rule_id, severity, (SELECT detail_id FROM "
            "finding_detail WHERE text = 'night %d') FROM rule WHERE name = '%s'",
            (long long)set, scene->day, name);
        assert_int_equal(sqlite3_changes(scene->db), 1);
    }
    return set;
}

/* ---- one endpoint ---- */

static void begin_endpoint(struct scene *scene)
{
    scene->is_open = true;
    scene->leaf = scene->also = '\0';
    snprintf(scene->outcome, sizeof scene->outcome, "ok");
    snprintf(scene->versions, sizeof scene->versions, "23");
    snprintf(scene->suites, sizeof scene->suites, "abg");
    snprintf(scene->groups, sizeof scene->groups, "xp");
    snprintf(scene->grade, sizeof scene->grade, "A");
    scene->findings[0] = scene->trust[0] = scene->own_profile[0] = '\0';
    scene->name_fails = scene->is_cut_short = scene->is_unasked = false;
    scene->chain = 1;
}

/* What a handshake agreed on: the newest version, its first suite. */
static unsigned newest_version(const struct scene *scene)
{
    static const char letters[] = "3210s";
    for (unsigned i = 0; letters[i] != '\0'; i++) {
        const char *at = strchr(scene->versions, letters[i]);
        if (at != NULL && at[1] != '?') {
            return 0x0304 - i;
        }
    }
    return 0;
}

static unsigned first_code(const char *letters)
{
    for (size_t i = 0; i < TC_ARRAY_LEN(k_codes); i++) {
        if (k_codes[i].letter == letters[0]) {
            return k_codes[i].code;
        }
    }
    return 0;
}

static void put_answer(const struct scene *scene, int64_t observation_id)
{
    const char *profile = scene->own_profile[0] != '\0' ? scene->own_profile : scene->profile;
    bool is_quick = scene->is_unasked || strcmp(profile, "quick") == 0;
    run(scene->db,
        "UPDATE observation SET leaf_id = %d, presented_chain_id = %d, chain_status = 'complete', "
        "presented_depth = 2, trusted = %d, trust_detail = nullif('%s', ''), name_match = %d, "
        "tls_version = %u, cipher = %u, kx_group = %u, grade = '%s', grade_partial = %d WHERE "
        "observation_id = %lld",
        scene->leaf, scene->chain, scene->trust[0] == '\0', scene->trust, !scene->name_fails,
        newest_version(scene), first_code(scene->suites), first_code(scene->groups), scene->grade,
        is_quick || scene->is_cut_short, (long long)observation_id);
    if (!is_quick) {
        run(scene->db, "UPDATE observation SET feature_set_id = %lld WHERE observation_id = %lld",
            (long long)feature_set(scene), (long long)observation_id);
    }
    if (scene->also != '\0') {
        run(scene->db,
            "INSERT INTO other_chain (observation_id, role, leaf_id) VALUES (%lld, 'other-key', "
            "%d)",
            (long long)observation_id, scene->also);
    }
}

static void end_endpoint(struct scene *scene)
{
    if (!scene->is_open) {
        return;
    }
    int64_t set = finding_set(scene);
    bool is_dns = strncmp(scene->outcome, "dns-", 4) == 0;
    run(scene->db,
        "INSERT OR IGNORE INTO scan_target (scan_id, target_id, profile) "
        "VALUES (%lld, %d, nullif(nullif('%s', ''), '%s')); "
        "INSERT INTO observation (scan_id, endpoint_id, observed_s, outcome_id, outcome_stage, "
        "finding_set_id) SELECT %lld, %d, %d, outcome_id, '%s', nullif(%lld, 0) FROM outcome WHERE "
        "name = '%s'",
        (long long)scene->scan_id, scene->target, scene->own_profile, scene->profile,
        (long long)scene->scan_id, scene->endpoint, START_S + scene->day * DAY_S,
        is_dns                              ? "dns"
        : strcmp(scene->outcome, "ok") == 0 ? ""
                                            : "tcp",
        (long long)set, scene->outcome);
    assert_int_equal(sqlite3_changes(scene->db), 1);
    if (scene->leaf != '\0') {
        put_answer(scene, sqlite3_last_insert_rowid(scene->db));
    }
    scene->is_open = false;
}

/* ---- words ---- */

static bool take_fact(struct scene *scene, const char *word)
{
    const struct {
        const char *key;
        char *into;
    } texts[] = {{"v=", scene->versions},  {"c=", scene->suites},      {"g=", scene->groups},
                 {"f=", scene->findings},  {"o=", scene->outcome},     {"grade=", scene->grade},
                 {"trust=", scene->trust}, {"as=", scene->own_profile}};
    for (size_t i = 0; i < TC_ARRAY_LEN(texts); i++) {
        size_t len = strlen(texts[i].key);
        if (strncmp(word, texts[i].key, len) == 0) {
            snprintf(texts[i].into, WORD_MAX, "%s", word + len);
            return true;
        }
    }
    return false;
}

static void move_to(struct scene *scene, int target, int endpoint)
{
    end_endpoint(scene);
    scene->target = target;
    scene->endpoint = endpoint;
    begin_endpoint(scene);
}

static bool take_place(struct scene *scene, const char *word)
{
    if (strcmp(word, "+") == 0 || strcmp(word, "++") == 0) {
        int target = 1 + (int)strlen(word);
        move_to(scene, target, 10 * target + 1);
    } else if (word[0] == '@') {
        move_to(scene, scene->target, scene->target * 10 + (word[1] == 'n' ? 9 : word[1] - '0'));
    } else if (strlen(word) == 1 && ((word[0] >= 'A' && word[0] <= 'Z') || word[0] == '-')) {
        if (!scene->is_open) {
            move_to(scene, 1, 11);
        }
        if (word[0] == '-') {
            snprintf(scene->outcome, sizeof scene->outcome, "refused");
        } else {
            scene->leaf = word[0];
        }
    } else {
        return false;
    }
    return true;
}

static void take_word(struct scene *scene, const char *word)
{
    if (take_place(scene, word) || take_fact(scene, word)) {
        return;
    }
    if (strncmp(word, "also=", 5) == 0) {
        scene->also = word[5];
    } else if (strncmp(word, "chain=", 6) == 0) {
        scene->chain = word[6] - '0';
    } else if (strcmp(word, "name=0") == 0) {
        scene->name_fails = true;
    } else if (strcmp(word, "cut") == 0) {
        scene->is_cut_short = true;
    } else if (strcmp(word, "unasked") == 0) {
        scene->is_unasked = true;
    } else {
        fail_msg("no such word: %s", word);
    }
}

/* What a night says of its scan as a whole comes first. */
static bool take_scan_word(struct scene *scene, const char *word)
{
    if (strcmp(word, "quick") == 0 || strcmp(word, "deep") == 0) {
        scene->profile = strcmp(word, "deep") == 0 ? "deep" : "quick";
    } else if (strcmp(word, "-4") == 0) {
        scene->ipv4_only = true;
    } else if (strcmp(word, "byhand") == 0) {
        scene->list = "null";
    } else if (strcmp(word, "one") == 0) {
        scene->one_address = true;
    } else if (strcmp(word, "again") == 0) {
        scene->is_resumed = true;
    } else if (strcmp(word, "broken") == 0) {
        scene->is_broken = true;
    } else {
        return false;
    }
    return true;
}

static void begin_scan(struct scene *scene)
{
    if (scene->is_resumed) {
        scene->scan_id =
            get(scene->db, "SELECT max(scan_id) FROM scan WHERE state = 'interrupted'");
        assert_int_not_equal(scene->scan_id, 0);
        return;
    }
    run(scene->db,
        "INSERT INTO scan (scan_uuid, profile, state, started_s, as_of_s, tool_version, "
        "options_json, trust_store) VALUES ('night ' || (SELECT count(*) FROM scan), '%s', "
        "'running', %d, %d, '0', '{\"ipv4\":\"%s\",\"one-address\":\"%s\",\"input\":%s}', '')",
        scene->profile, START_S + scene->day * DAY_S, START_S + scene->day * DAY_S,
        scene->ipv4_only ? "true" : "false", scene->one_address ? "true" : "false", scene->list);
    scene->scan_id = sqlite3_last_insert_rowid(scene->db);
}

int64_t nights_play(struct tc_store *store, int day, const char *seen, unsigned confirm_after)
{
    struct scene scene = {
        .db = store->db, .day = day, .profile = "standard", .target = 1, .list = "[\"fleet.csv\"]"};
    struct tc_error error = {""};
    char words[256];
    char *rest = NULL;
    snprintf(words, sizeof words, "%s", seen);
    char *word = strtok_r(words, " ", &rest);
    while (word != NULL && take_scan_word(&scene, word)) {
        word = strtok_r(NULL, " ", &rest);
    }
    begin_scan(&scene);
    for (; word != NULL; word = strtok_r(NULL, " ", &rest)) {
        take_word(&scene, word);
    }
    end_endpoint(&scene);
    const struct tc_scan_end_record record = {
        .state = scene.is_broken ? TC_SCAN_INTERRUPTED : TC_SCAN_DONE,
        .finished_s = START_S + day * DAY_S + 60,
        .vantage = "IPv4 192.0.2.250 eth0; IPv6 2001:db8::250 eth0",
        .notices = "",
        .confirm_after = confirm_after};
    if (tc_store_end_scan(store, scene.scan_id, &record, &error) != TC_OK) {
        fail_msg("night %d: %s", day + 1, error.text);
    }
    return scene.scan_id;
}

struct tc_store *nights_new(void)
{
    struct tc_store *store = NULL;
    struct tc_error error = {""};
    if (tc_store_open(&store, ":memory:", TC_STORE_CREATE, &error) != TC_OK) {
        fail_msg("%s", error.text);
    }
    nights_fill(store->db);
    return store;
}

char *nights_changes(struct tc_store *store, int64_t scan_id)
{
    sqlite3_stmt *statement = NULL;
    assert_int_equal(
        sqlite3_prepare_v2(
            store->db,
            "SELECT coalesce(group_concat(word, ' '), '') FROM (SELECT ch.kind || ':' || ch.field "
            "|| '!' || ch.severity || CASE WHEN e.target_id > 1 THEN substr('++', 1, e.target_id - "
            "1) WHEN e.address = '' THEN "
            "'@n' WHEN ch.endpoint_id = 11 THEN '' ELSE '@' || substr(e.address, -1) END AS word "
            "FROM change AS ch JOIN endpoint AS e USING (endpoint_id) WHERE ch.scan_id = ? "
            "ORDER BY e.target_id, ch.kind, ch.field, ch.endpoint_id)",
            -1, &statement, NULL),
        SQLITE_OK);
    sqlite3_bind_int64(statement, 1, scan_id);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    char *changes = strdup((const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    assert_non_null(changes);
    return changes;
}

void check_nights(void **state)
{
    const struct nights_case *row = *state;
    struct tc_store *store = nights_new();
    for (int i = 0; i < NIGHTS_MAX && row->nights[i].seen != NULL; i++) {
        int64_t scan_id = nights_play(store, i, row->nights[i].seen, row->confirm_after);
        char *changes = nights_changes(store, scan_id);
        if (strcmp(changes, row->nights[i].changes) != 0) {
            fail_msg("night %d (%s):\n  told   \"%s\"\n  wanted \"%s\"", i + 1, row->nights[i].seen,
                     changes, row->nights[i].changes);
        }
        free(changes);
    }
    assert_int_equal(get(store->db, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
    tc_store_close(store);
}
