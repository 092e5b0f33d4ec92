#include "other_chain_words.h"

#include <stdbool.h>
#include <stdint.h>

/* The columns of report_other_chains.sql that are said here. */
enum other_column {
    OTHER_ROLE = 0,
    OTHER_CHAIN_STATUS = 3,
    OTHER_TRUSTED = 4,
    OTHER_TRUST_DETAIL = 5,
    OTHER_NAME_MATCH = 6,
    OTHER_EXPIRES = 7,
    OTHER_SHA256 = 8
};

const char *tc_other_chain_role(const struct tc_rows *rows)
{
    return tc_rows_text(rows, OTHER_ROLE);
}

static const char *trust_words(struct html_arena *arena, const struct tc_rows *rows)
{
    if (tc_rows_is_null(rows, OTHER_TRUSTED)) {
        return "trust not measured";
    }
    if (tc_rows_int(rows, OTHER_TRUSTED) == 1) {
        return "trusted";
    }
    const char *detail = html_visible_column(arena, rows, OTHER_TRUST_DETAIL);
    return detail[0] != '\0' ? html_format(arena, "not trusted: %s", detail) : "not trusted";
}

static const char *name_words(const struct tc_rows *rows)
{
    if (tc_rows_is_null(rows, OTHER_NAME_MATCH)) {
        return "";
    }
    return tc_rows_int(rows, OTHER_NAME_MATCH) == 0 ? ", does not cover the name"
                                                    : ", covers the name";
}

const char *tc_other_chain_words(struct html_arena *arena, const struct tc_rows *rows)
{
    const uint8_t *hash = tc_rows_blob(rows, OTHER_SHA256);
    bool has_hash = tc_rows_bytes(rows, OTHER_SHA256) >= 6;
    const char *status = html_visible_column(arena, rows, OTHER_CHAIN_STATUS);
    const char *expires = html_visible_column(arena, rows, OTHER_EXPIRES);
    const char *words = html_format(arena, "%s%s%s%s", trust_words(arena, rows), name_words(rows),
                                    status[0] != '\0' ? ", chain " : "", status);
    words = expires[0] != '\0' ? html_format(arena, "%s, ends %.10s", words, expires) : words;
    return !has_hash ? words
                     : html_format(arena, "%s, SHA-256 %02x%02x%02x%02x%02x%02x…", words, hash[0],
                                   hash[1], hash[2], hash[3], hash[4], hash[5]);
}
