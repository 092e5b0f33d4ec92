/* Targets and rejections as text, so that a table's row can say what it expects in one line. */
#ifndef TEST_TARGET_RENDER_H
#define TEST_TARGET_RENDER_H

#include "test_support.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tlscensus/buf.h"
#include "tlscensus/target.h"

#define RENDER_MAX ((size_t)1 << 20)

/* Everything a reader gave, in the order it gave it: "https://host:443" and "!line: reason". */
struct rendering {
    struct tc_buf text;
    size_t num_targets;
    size_t num_rejected;
};

static inline void render_separator(struct rendering *rendering)
{
    if (rendering->text.len > 0) {
        tc_buf_add_str(&rendering->text, " | ");
    }
}

static inline void render_rejected(void *context, const struct tc_rejection *rejection)
{
    struct rendering *rendering = context;
    render_separator(rendering);
    tc_buf_addf(&rendering->text, "!%" PRIu64 ": %s", rejection->line, rejection->reason);
    rendering->num_rejected++;
    assert_non_null(rejection->text);
    assert_non_null(rejection->file);
}

/* Only what is there is shown: u= the decoded name, pin=, sni=, then {label=value}. */
static inline void render_target(struct rendering *rendering, const struct tc_target *target)
{
    render_separator(rendering);
    struct tc_buf *text = &rendering->text;
    bool is_v6 = strchr(target->host, ':') != NULL;
    tc_buf_addf(text, "%s://%s%s%s:%u", tc_protocol_str(target->protocol), is_v6 ? "[" : "",
                target->host, is_v6 ? "]" : "", target->port);
    if (target->host_unicode != NULL) {
        tc_buf_addf(text, " u=%s", target->host_unicode);
    }
    if (target->pinned_address != NULL) {
        tc_buf_addf(text, " pin=%s", target->pinned_address);
    }
    if (target->sni != NULL) {
        tc_buf_addf(text, " sni=%s", target->sni);
    }
    for (size_t i = 0; target->labels.names != NULL && i < target->labels.names->num_names; i++) {
        if (target->labels.values[i] != NULL) {
            tc_buf_addf(text, " {%s=%s}", target->labels.names->names[i], target->labels.values[i]);
        }
    }
    rendering->num_targets++;
}

/* Reads to the end; the reader is freed. */
static inline void render_all(struct rendering *rendering, struct tc_target_reader *reader)
{
    struct tc_error error = {.text = ""};
    struct tc_target *target = NULL;
    enum tc_status status = TC_OK;
    while ((status = tc_target_reader_next(&target, reader, &error)) == TC_OK) {
        render_target(rendering, target);
        tc_target_free(target);
    }
    assert_int_equal(status, TC_ERR_END);
    assert_int_equal(tc_target_reader_next(&target, reader, &error), TC_ERR_END);
    tc_target_reader_free(reader);
}

/* Memory as a list. An input that cannot be used renders as "?" and the error. */
static inline void render_memory(struct rendering *rendering, const char *bytes, size_t len,
                                 struct tc_target_reader_options options)
{
    struct tc_target_reader *reader = NULL;
    struct tc_error error = {.text = ""};
    tc_buf_init(&rendering->text, RENDER_MAX);
    rendering->num_targets = 0;
    rendering->num_rejected = 0;
    options.context = rendering;
    options.rejected = render_rejected;
    /* A copy of the exact size, so that a read past the end is seen. */
    char *copy = malloc(len > 0 ? len : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, len);
    enum tc_status status =
        tc_target_reader_open_memory(&reader, "list", copy, len, &options, &error);
    if (status == TC_OK) {
        render_all(rendering, reader);
    } else {
        assert_null(reader);
        assert_int_equal(status, TC_ERR_INPUT);
        tc_buf_addf(&rendering->text, "?%s", error.text);
    }
    if (rendering->text.data == NULL) {
        tc_buf_add_str(&rendering->text, "");
    }
    free(copy);
}

#endif
