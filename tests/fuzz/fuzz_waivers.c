/* waivers.csv: whatever is read is whole. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "schema/waivers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct tc_rule_set set; /* loaded once */
    struct tc_waiver_list list = {0};
    struct tc_error error = {0};
    if (set.num_rules == 0 && tc_rule_set_load(&set, NULL, &error) != TC_OK) {
        abort();
    }
    char *text = malloc(size > 0 ? size : 1);
    if (text == NULL) {
        return 0;
    }
    memcpy(text, data, size);
    enum tc_status status = tc_waivers_parse(&list, "w.csv", text, size, &set, &error);
    free(text);
    if ((status == TC_OK) != (error.text[0] == '\0')) {
        abort();
    }
    for (size_t i = 0; i < list.num_waivers; i++) {
        const struct tc_waiver *waiver = &list.waivers[i];
        if (tc_rule_set_find(&set, waiver->rule) < 0 || waiver->host[0] == '\0' ||
            waiver->reason[0] == '\0' || waiver->until_s < 0) {
            abort();
        }
    }
    tc_waivers_cleanup(&list);
    return 0;
}
