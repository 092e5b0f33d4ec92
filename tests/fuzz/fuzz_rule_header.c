/* A rule file: whatever is read keeps its promises. The SQL in it is never run here. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "schema/rule_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tc_rule_file rule = {0};
    struct tc_error error = {0};
    char *text = malloc(size > 0 ? size : 1); /* no more, so that reading past it shows */
    if (text == NULL) {
        return 0;
    }
    memcpy(text, data, size);
    enum tc_status status = tc_rule_file_parse(&rule, "f.sql", "my-rule", text, size, &error);
    free(text);
    if (status != TC_OK) {
        if (rule.id != NULL || error.text[0] == '\0') {
            abort();
        }
        return 0;
    }
    if (strcmp(rule.id, "my-rule") != 0 || rule.severity >= TC_RULE_SEVERITIES ||
        rule.title[0] == '\0' || rule.why[0] == '\0' || rule.remedy[0] == '\0' ||
        rule.source[0] == '\0' || strlen(rule.sql) > size || rule.sql_line < 2 ||
        (rule.is_trust && tc_rule_cap(&rule, 4) != NULL)) {
        abort();
    }
    tc_rule_file_cleanup(&rule);
    return 0;
}
