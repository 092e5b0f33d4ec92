/* A whole list, text or CSV: header, records, quotes, line breaks. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/target_item.h"
#include "tlscensus/target.h"

#define TARGETS_MAX 100000U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was seen so far: lines never go back. */
struct progress {
    uint64_t line;
};

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void rejected(void *context, const struct tc_rejection *rejection)
{
    struct progress *progress = context;
    require(rejection->line >= progress->line && rejection->line > 0);
    progress->line = rejection->line;
    require(rejection->reason[0] != '\0');
    require(tc_target_is_utf8(rejection->reason, strlen(rejection->reason)));
    require(tc_target_is_utf8(rejection->text, strlen(rejection->text)));
}

static void check_target(struct progress *progress, const struct tc_target *target,
                         const struct tc_label_names *names)
{
    require(target->host[0] != '\0' && target->port > 0);
    require(target->input_line >= progress->line && target->input_line > 0);
    progress->line = target->input_line;
    require(target->labels.names == names);
    for (size_t i = 0; names != NULL && i < names->num_names; i++) {
        const char *value = target->labels.values[i];
        require(value == NULL || (value[0] != '\0' && tc_target_is_utf8(value, strlen(value))));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct progress progress = {.line = 0};
    struct tc_target_reader_options options = {
        .max_cidr = 16, .context = &progress, .rejected = rejected};
    struct tc_target_reader *reader = NULL;
    struct tc_target *target = NULL;
    struct tc_error error;
    if (tc_target_reader_open_memory(&reader, "list", (const char *)data, size, &options, &error) !=
        TC_OK) {
        require(error.text[0] != '\0');
        return 0;
    }
    for (unsigned i = 0; i < TARGETS_MAX; i++) {
        if (tc_target_reader_next(&target, reader, &error) != TC_OK) {
            break;
        }
        check_target(&progress, target, tc_target_reader_labels(reader));
        tc_target_free(target);
    }
    tc_target_reader_free(reader);
    return 0;
}
