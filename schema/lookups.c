/* Tables that this program fills with what it knows: names of codes, and their properties. */
#include "database.h"

#include <assert.h>

#include "tlscensus/outcome.h"
#include "tlscensus/registry.h"
#include "tlscensus/sql.h"

static const char *const k_kx_names[] = {
    [TC_KX_NONE] = "none",       [TC_KX_ANY] = "any",
    [TC_KX_RSA] = "RSA",         [TC_KX_DH] = "DH",
    [TC_KX_DHE] = "DHE",         [TC_KX_ECDH] = "ECDH",
    [TC_KX_ECDHE] = "ECDHE",     [TC_KX_PSK] = "PSK",
    [TC_KX_DHE_PSK] = "DHE_PSK", [TC_KX_ECDHE_PSK] = "ECDHE_PSK",
    [TC_KX_RSA_PSK] = "RSA_PSK", [TC_KX_SRP] = "SRP",
    [TC_KX_KRB5] = "KRB5",       [TC_KX_GOST] = "GOST",
    [TC_KX_ECCPWD] = "ECCPWD",
};
static const char *const k_auth_names[] = {
    [TC_AUTH_NONE] = "none", [TC_AUTH_ANY] = "any",     [TC_AUTH_RSA] = "RSA",
    [TC_AUTH_DSS] = "DSS",   [TC_AUTH_ECDSA] = "ECDSA", [TC_AUTH_ANON] = "anon",
    [TC_AUTH_PSK] = "PSK",   [TC_AUTH_KRB5] = "KRB5",   [TC_AUTH_SRP] = "SRP",
    [TC_AUTH_GOST] = "GOST",
};
static const char *const k_mode_names[] = {
    [TC_MODE_NONE] = "none",         [TC_MODE_STREAM] = "stream", [TC_MODE_CBC] = "CBC",
    [TC_MODE_GCM] = "GCM",           [TC_MODE_CCM] = "CCM",       [TC_MODE_CCM8] = "CCM_8",
    [TC_MODE_POLY1305] = "Poly1305", [TC_MODE_MGM] = "MGM",       [TC_MODE_CNT] = "CNT",
    [TC_MODE_OTHER] = "other",
};
static const char *const k_group_kind_names[] = {
    [TC_GROUP_EC] = "ec",
    [TC_GROUP_FFDHE] = "ffdhe",
    [TC_GROUP_PQ] = "pq",
    [TC_GROUP_PQ_HYBRID] = "pq-hybrid",
    [TC_GROUP_ARBITRARY] = "arbitrary",
};

/* The registry's enums are ours, so a value without a name is a mistake of ours. */
static const char *name_of(const char *const *names, size_t num_names, unsigned value)
{
    (void)num_names; /* read by the assertion alone */
    assert(value < num_names && names[value] != NULL);
    (void)num_names;
    return names[value];
}
#define NAME_OF(names, value) name_of(names, TC_ARRAY_LEN(names), (unsigned)(value))

/* Runs an insert whose parameters are bound, and makes it ready for the next row. */
static enum tc_status put_row(struct tc_store *store, sqlite3_stmt *insert, struct tc_error *error)
{
    int rc = sqlite3_step(insert);
    (void)sqlite3_reset(insert);
    (void)sqlite3_clear_bindings(insert);
    return rc == SQLITE_DONE ? TC_OK : tc_db_fail(store, error, "writing what is known of codes");
}

static enum tc_status put_outcomes(struct tc_store *store, sqlite3_stmt *insert,
                                   struct tc_error *error)
{
    enum tc_status status = TC_OK;
    for (int i = 0; i < TC_OUTCOME_COUNT && status == TC_OK; i++) {
        tc_db_bind_int(insert, ":code", i);
        tc_db_bind_text(insert, ":name", tc_outcome_str((enum tc_outcome)i));
        status = put_row(store, insert, error);
    }
    return status;
}

static enum tc_status put_names(struct tc_store *store, sqlite3_stmt *insert,
                                struct tc_error *error)
{
    size_t num_entries = 0;
    const struct tc_registry_entry *entries = tc_registry_entries(&num_entries);
    enum tc_status status = TC_OK;
    for (size_t i = 0; i < num_entries && status == TC_OK; i++) {
        const struct tc_registry_entry *entry = &entries[i];
        tc_db_bind_text(insert, ":kind", tc_registry_kind_str(entry->kind));
        tc_db_bind_int(insert, ":code", entry->code);
        tc_db_bind_text(insert, ":name", entry->name);
        if (entry->kind == TC_REGISTRY_CIPHER) {
            tc_db_bind_int(insert, ":forward_secrecy", entry->forward_secrecy ? 1 : 0);
        }
        status = put_row(store, insert, error);
    }
    return status;
}

static enum tc_status put_suites(struct tc_store *store, sqlite3_stmt *insert,
                                 struct tc_error *error)
{
    size_t num_suites = 0;
    const struct tc_suite *suites = tc_suites(&num_suites);
    enum tc_status status = TC_OK;
    for (size_t i = 0; i < num_suites && status == TC_OK; i++) {
        const struct tc_suite *suite = &suites[i];
        tc_db_bind_int(insert, ":code", suite->code);
        tc_db_bind_text(insert, ":kx", NAME_OF(k_kx_names, suite->kx));
        tc_db_bind_text(insert, ":auth", NAME_OF(k_auth_names, suite->auth));
        tc_db_bind_text(insert, ":cipher", suite->cipher);
        tc_db_bind_text(insert, ":mode", NAME_OF(k_mode_names, suite->mode));
        tc_db_bind_int(insert, ":bits", suite->bits);
        tc_db_bind_int(insert, ":block_bits", suite->block_bits);
        tc_db_bind_text(insert, ":hash", suite->hash);
        tc_db_bind_int(insert, ":forward_secrecy", suite->forward_secrecy);
        tc_db_bind_int(insert, ":is_aead", suite->is_aead);
        tc_db_bind_int(insert, ":is_export", suite->is_export);
        tc_db_bind_int(insert, ":min_version", suite->min_version);
        tc_db_bind_int(insert, ":max_version", suite->max_version);
        tc_db_bind_text(insert, ":quality", tc_quality_str(suite->quality));
        status = put_row(store, insert, error);
    }
    return status;
}

static enum tc_status put_groups(struct tc_store *store, sqlite3_stmt *insert,
                                 struct tc_error *error)
{
    size_t num_groups = 0;
    const struct tc_group *groups = tc_groups(&num_groups);
    enum tc_status status = TC_OK;
    for (size_t i = 0; i < num_groups && status == TC_OK; i++) {
        const struct tc_group *group = &groups[i];
        bool is_post_quantum = group->kind == TC_GROUP_PQ || group->kind == TC_GROUP_PQ_HYBRID;
        tc_db_bind_int(insert, ":code", group->code);
        tc_db_bind_text(insert, ":kind", NAME_OF(k_group_kind_names, group->kind));
        tc_db_bind_int(insert, ":bits", group->bits);
        tc_db_bind_int(insert, ":is_post_quantum", is_post_quantum);
        tc_db_bind_int(insert, ":is_draft", group->is_draft);
        tc_db_bind_int(insert, ":is_weak", group->is_weak);
        status = put_row(store, insert, error);
    }
    return status;
}

static enum tc_status put_schemes(struct tc_store *store, sqlite3_stmt *insert,
                                  struct tc_error *error)
{
    size_t num_schemes = 0;
    const struct tc_scheme *schemes = tc_schemes(&num_schemes);
    enum tc_status status = TC_OK;
    for (size_t i = 0; i < num_schemes && status == TC_OK; i++) {
        const struct tc_scheme *scheme = &schemes[i];
        tc_db_bind_int(insert, ":code", scheme->code);
        tc_db_bind_text(insert, ":auth", NAME_OF(k_auth_names, scheme->auth));
        tc_db_bind_text(insert, ":hash", scheme->hash);
        tc_db_bind_int(insert, ":is_sha1_or_md5", scheme->is_sha1_or_md5);
        status = put_row(store, insert, error);
    }
    return status;
}

enum tc_status tc_lookups_renew(struct tc_store *store, struct tc_error *error)
{
    static const struct {
        const char *sql;
        enum tc_status (*put)(struct tc_store *store, sqlite3_stmt *insert, struct tc_error *error);
    } k_tables[] = {
        {tc_sql_put_outcome, put_outcomes}, {tc_sql_put_registry_name, put_names},
        {tc_sql_put_suite, put_suites},     {tc_sql_put_tls_group, put_groups},
        {tc_sql_put_scheme, put_schemes},
    };
    enum tc_status status = TC_OK;
    for (size_t i = 0; i < TC_ARRAY_LEN(k_tables) && status == TC_OK; i++) {
        sqlite3_stmt *insert = NULL;
        status = tc_db_prepare(store, &insert, k_tables[i].sql, false, error);
        if (status == TC_OK) {
            status = k_tables[i].put(store, insert, error);
        }
        sqlite3_finalize(insert);
    }
    return status;
}
