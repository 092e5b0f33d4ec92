/* One item of input, as an argument of the command line has it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/target_item.h"
#include "tlscensus/target.h"

#define TARGETS_MAX 1000U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void rejected(void *context, const struct tc_rejection *rejection)
{
    (void)context;
    require(rejection->reason[0] != '\0');
    require(tc_target_is_utf8(rejection->reason, strlen(rejection->reason)));
    require(tc_target_is_utf8(rejection->text, strlen(rejection->text)));
}

/* What every target promises, whatever the line was. */
static void check_target(const struct tc_target *target)
{
    struct tc_address address;
    char again[TARGET_NAME_MAX + 1];
    struct target_reason reason;
    size_t len = strlen(target->host);
    require(len > 0 && len <= TARGET_NAME_MAX && target->port > 0);
    require((unsigned)target->protocol < TC_PROTOCOL_COUNT);
    require(tc_target_address_parse(&address, target->host, len) == target->is_address);
    if (target->is_address) {
        require(target->pinned_address == NULL && target->registrable_domain == NULL);
    } else { /* a canonical name is its own canonical form */
        require(tc_target_name_parse(again, NULL, &reason, target->host, len) == TC_OK);
        require(strcmp(again, target->host) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tc_target_reader_options options = {
        .max_cidr = 64, .add_www = size > 0 && data[0] % 2 == 0, .rejected = rejected};
    struct tc_target_reader *reader = NULL;
    struct tc_target *target = NULL;
    struct tc_error error;
    char *text = malloc(size + 1);
    require(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    const char *args[] = {text};
    require(tc_target_reader_open_args(&reader, args, 1, &options, &error) == TC_OK);
    for (unsigned i = 0; i < TARGETS_MAX; i++) {
        if (tc_target_reader_next(&target, reader, &error) != TC_OK) {
            break;
        }
        check_target(target);
        tc_target_free(target);
    }
    tc_target_reader_free(reader);
    free(text);
    return 0;
}
