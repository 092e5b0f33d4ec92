/*
 * A proxy's bytes into both dialogues, whole and cut in two: the end must be the same. First byte:
 * kind, password and where to cut.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/proxy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum tc_proxy_step feed(struct tc_proxy_dialogue *dialogue, const struct tc_proxy *proxy,
                               const uint8_t *bytes, size_t len, size_t cut, size_t *out_used)
{
    size_t used = 0;
    if (tc_proxy_dialogue_init(dialogue, proxy, "name.test", 443) != TC_OK) {
        abort();
    }
    enum tc_proxy_step step = tc_proxy_dialogue_input(dialogue, out_used, bytes, cut);
    if (*out_used > cut) {
        abort();
    }
    if (step == TC_PROXY_MORE) {
        step = tc_proxy_dialogue_input(dialogue, &used, bytes + cut, len - cut);
        *out_used += used;
    }
    if (*out_used > len || (step == TC_PROXY_MORE && *out_used != len)) {
        abort();
    }
    return step;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tc_proxy proxy = {.kind = TC_PROXY_HTTP};
    struct tc_proxy_dialogue whole;
    struct tc_proxy_dialogue parts;
    size_t whole_used = 0;
    size_t parts_used = 0;
    if (size < 1) {
        return 0;
    }
    if ((data[0] & 1) != 0) {
        proxy.kind = TC_PROXY_SOCKS5;
    }
    if ((data[0] & 2) != 0) {
        memcpy(proxy.user, "user", sizeof "user");
        memcpy(proxy.password, "password", sizeof "password");
    }
    size_t cut = data[0] >> 2;
    data++;
    size--;
    cut = cut < size ? cut : size;
    enum tc_proxy_step step = feed(&whole, &proxy, data, size, size, &whole_used);
    if (feed(&parts, &proxy, data, size, cut, &parts_used) != step || whole_used != parts_used) {
        abort();
    }
    if (step == TC_PROXY_FAILED && strcmp(whole.detail, parts.detail) != 0) {
        abort();
    }
    return 0;
}
