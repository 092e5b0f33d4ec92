/* Sections of `show` that list facts: the leaf certificate and the findings. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "show.h"
#include "tlscensus/sql.h"

#define FACT_TEXT_MAX ((size_t)4 * 1024 * 1024)
#define NAMES_SHOWN   12U /* more are said as a number; certificates.csv has them all */

/* ---- certificate ---- */

static enum tc_status draw_names(struct tc_terminal *term, const struct tc_show *show,
                                 int64_t names_count)
{
    struct tc_buf text;
    struct tc_rows *rows = NULL;
    uint64_t num_names = 0;
    enum tc_status status = tc_rows_open(&rows, show->store, tc_sql_report_show_names, show->error);
    if (status != TC_OK) {
        return status;
    }
    tc_buf_init(&text, FACT_TEXT_MAX);
    tc_rows_bind_int(rows, ":certificate_id", tc_row_int(show->endpoint, "leaf_id"));
    while ((status = tc_rows_next(rows, show->error)) == TC_OK) {
        if (num_names < NAMES_SHOWN || term->never_cut) {
            tc_buf_add_str(&text, num_names > 0 ? " " : "");
            tc_add_visible(&text, rows, 0);
        }
        num_names++;
    }
    tc_rows_close(rows);
    if (num_names > NAMES_SHOWN && !term->never_cut) {
        tc_buf_addf(&text, " and %" PRIu64 " more", num_names - NAMES_SHOWN);
    }
    if (num_names == 0) {
        tc_buf_add_str(&text, names_count == 0 ? "none: clients accept it for no host" : "unknown");
    }
    if (text.data != NULL) {
        tc_term_fact_line(term, TC_STYLE_PLAIN, "names", text.data);
    }
    tc_buf_cleanup(&text);
    return status == TC_ERR_END ? TC_OK : status;
}

static void draw_validity(struct tc_terminal *term, const struct tc_rows *rows)
{
    char text[160];
    if (tc_row_is_null(rows, "expires_utc")) {
        return;
    }
    snprintf(text, sizeof text, "%s to %s UTC, %" PRId64 " d, ", tc_row_text(rows, "issued_utc"),
             tc_row_text(rows, "expires_utc"), tc_row_int(rows, "lifetime_days"));
    tc_term_fact_begin(term, "valid");
    size_t indent = term->column;
    tc_term_wrap(term, TC_STYLE_PLAIN, indent, text);
    tc_term_days(term, tc_term_expiry_style(tc_row_int(rows, "life_s"), tc_row_int(rows, "left_s")),
                 indent, tc_row_int(rows, "days_left"));
    tc_term_newline(term);
}

static void draw_key(struct tc_terminal *term, const struct tc_rows *rows)
{
    char text[160];
    if (tc_row_is_null(rows, "key_type")) {
        return;
    }
    snprintf(text, sizeof text, "%.80s, %" PRId64 " bits", tc_row_text(rows, "key_type"),
             tc_row_int(rows, "key_bits"));
    tc_term_fact(term, "key", text);
    tc_term_fact(term, "signature", tc_row_text(rows, "signature"));
    snprintf(text, sizeof text, "v%" PRId64 "%s%s%s%s", tc_row_int(rows, "version"),
             tc_row_is_null(rows, "policy") ? "" : ", ", tc_row_text(rows, "policy"),
             tc_row_int(rows, "must_staple") != 0 ? ", must-staple" : "",
             tc_row_int(rows, "is_precert") != 0 ? ", precertificate" : "");
    tc_term_fact(term, "kind", text);
    tc_term_facts_end(term);
}

static void draw_hash(struct tc_terminal *term, const struct tc_rows *rows, const char *label,
                      const char *column)
{
    struct tc_buf text;
    tc_buf_init(&text, 128);
    if (!tc_row_is_null(rows, column)) {
        tc_add_hash(&text, rows, tc_row_column(rows, column));
        if (text.data != NULL) {
            tc_term_fact_line(term, TC_STYLE_PLAIN, label, text.data);
        }
    }
    tc_buf_cleanup(&text);
}

static void draw_text(struct tc_terminal *term, const struct tc_rows *rows, const char *label,
                      const char *column)
{
    struct tc_buf text;
    tc_buf_init(&text, FACT_TEXT_MAX);
    tc_add_visible(&text, rows, tc_row_column(rows, column));
    if (text.len > 0) {
        tc_term_fact_line(term, TC_STYLE_PLAIN, label, text.data);
    }
    tc_buf_cleanup(&text);
}

static enum tc_status draw_certificate(struct tc_terminal *term, const struct tc_show *show,
                                       const struct tc_rows *rows)
{
    tc_term_heading(term, "Certificate");
    if (!tc_row_is_null(rows, "parse_error")) {
        tc_term_fact_line(term, TC_STYLE_HIGH, "broken", tc_row_text(rows, "parse_error"));
    }
    draw_text(term, rows, "subject", "subject");
    enum tc_status status = draw_names(term, show, tc_row_int(rows, "names_count"));
    draw_text(term, rows, "issuer", "issuer");
    draw_validity(term, rows);
    draw_key(term, rows);
    draw_text(term, rows, "serial", "serial_hex");
    draw_hash(term, rows, "SHA-256", "sha256");
    draw_hash(term, rows, "SPKI", "spki_sha256");
    draw_text(term, rows, "OCSP", "ocsp");
    draw_text(term, rows, "CA issuers", "ca_issuers");
    draw_text(term, rows, "CRL", "crl");
    return status;
}

enum tc_status tc_show_certificate(struct tc_terminal *term, const struct tc_show *show)
{
    struct tc_rows *rows = NULL;
    if (tc_row_is_null(show->endpoint, "leaf_id")) {
        return TC_OK;
    }
    enum tc_status status =
        tc_rows_open(&rows, show->store, tc_sql_report_show_certificate, show->error);
    if (status != TC_OK) {
        return status;
    }
    tc_rows_bind_int(rows, ":scan_id", show->scan_id);
    tc_rows_bind_int(rows, ":certificate_id", tc_row_int(show->endpoint, "leaf_id"));
    status = tc_rows_next(rows, show->error);
    if (status == TC_OK) {
        status = draw_certificate(term, show, rows);
    }
    tc_rows_close(rows);
    return status == TC_ERR_END ? TC_OK : status;
}

/* ---- findings ---- */

static void draw_finding(struct tc_terminal *term, const struct tc_rows *rows)
{
    bool waived = !tc_row_is_null(rows, "waived_until");
    const size_t indent = 13;
    tc_term_pad(term, 2);
    tc_term_severity(term, (unsigned)tc_row_int(rows, "severity"));
    tc_term_pad(term, indent);
    tc_term_text(term, TC_STYLE_BOLD, tc_row_text(rows, "rule"));
    tc_term_text(term, TC_STYLE_PLAIN, "  ");
    tc_term_wrap(term, TC_STYLE_PLAIN, indent, tc_row_text(rows, "title"));
    const char *detail = tc_row_text(rows, "detail");
    if (detail[0] != '\0') {
        tc_term_text(term, TC_STYLE_PLAIN, ": ");
        tc_term_wrap(term, TC_STYLE_PLAIN, indent, detail);
    }
    tc_term_newline(term);
    tc_term_pad(term, indent);
    if (waived) {
        tc_term_printf(term, TC_STYLE_DIM, "waived until %s: ", tc_row_text(rows, "waived_until"));
        tc_term_wrap(term, TC_STYLE_DIM, indent, tc_row_text(rows, "waiver_reason"));
    } else {
        tc_term_wrap(term, TC_STYLE_DIM, indent, tc_row_text(rows, "remedy"));
    }
    tc_term_newline(term);
}

/* "Findings: 1 high, 2 low", or that there are none. */
static void draw_heading(struct tc_terminal *term, const uint64_t counts[5], uint64_t waived)
{
    char text[160] = "Findings:";
    size_t len = strlen(text);
    bool any = false;
    for (unsigned severity = 5; severity-- > 0;) {
        if (counts[severity] > 0) {
            len += (size_t)snprintf(text + len, sizeof text - len, "%s %" PRIu64 " %s",
                                    any ? "," : "", counts[severity], tc_severity_str(severity));
            any = true;
        }
    }
    if (waived > 0) {
        snprintf(text + len, sizeof text - len, "%s %" PRIu64 " waived", any ? "," : "", waived);
    } else if (!any) {
        snprintf(text + len, sizeof text - len, " none");
    }
    tc_term_heading(term, text);
}

enum tc_status tc_show_findings(struct tc_terminal *term, const struct tc_show *show)
{
    uint64_t counts[5] = {0};
    uint64_t waived = 0;
    struct tc_rows *rows = NULL;
    enum tc_status status =
        tc_rows_open(&rows, show->store, tc_sql_report_show_findings, show->error);
    if (status != TC_OK) {
        return status;
    }
    tc_rows_bind_int(rows, ":observation_id", tc_row_int(show->endpoint, "observation_id"));
    while ((status = tc_rows_next(rows, show->error)) == TC_OK) {
        int64_t severity = tc_row_int(rows, "severity");
        if (!tc_row_is_null(rows, "waived_until")) {
            waived++;
        } else if (severity >= 0 && severity < 5) {
            counts[severity]++;
        }
    }
    bool drawn = status == TC_ERR_END &&
                 (!tc_row_is_null(show->endpoint, "leaf_id") ||
                  counts[0] + counts[1] + counts[2] + counts[3] + counts[4] + waived > 0);
    if (drawn) {
        draw_heading(term, counts, waived);
        tc_rows_reset(rows);
        while ((status = tc_rows_next(rows, show->error)) == TC_OK) {
            draw_finding(term, rows);
        }
    }
    tc_rows_close(rows);
    return status == TC_ERR_END ? TC_OK : status;
}
