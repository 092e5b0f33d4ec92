/*
 * Any certificates in any order, some trusted, some sent, some from the fleet. The input is a list
 * of records: one octet that says what the certificate is for, two of its length, its bytes.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/bytestring.h>

#include "tlscensus/chain.h"

#define CERTS_MAX 24U
#define AS_OF_S   1780272000 /* 2026-06-01, when the corpus is valid */

enum { FOR_STORE = 1 << 0, FOR_FLEET = 1 << 1, FOR_LIST = 1 << 2 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check_chain(const struct tc_chain *chain, size_t num_sent)
{
    must(chain->num_presented == num_sent && chain->num_path > 0);
    must(chain->num_verified == 0 || chain->num_verified == chain->num_path);
    must((chain->status == TC_CHAIN_NO_PATH) == (chain->num_verified == 0));
    must(chain->trusted == (chain->trust_detail == TC_TRUST_OK));
    must(!chain->trusted || chain->num_verified > 0);
    must(!(chain->trusted && chain->trusted_but_for_date));
    must(chain->presented_chain_len >= 1 && chain->presented_chain_len <= num_sent);
    must(chain->num_extraneous + chain->num_duplicates < num_sent);
    must(chain->trust_text != NULL && chain->trust_text[0] != '\0');
    must(chain->num_verified == 0 || chain->path[chain->num_path - 1].is_anchor);
    must(memcmp(chain->path[0].cert->sha256, chain->presented[0]->sha256, TC_SHA256_BYTES) == 0);
}

static void judge(struct tc_verifier *verifier, struct tc_cert **list, size_t num_certs)
{
    struct tc_chain *chain = NULL;
    struct tc_chain *again = NULL;
    if (tc_verifier_chain(verifier, &chain, list, num_certs) == TC_OK &&
        tc_verifier_chain(verifier, &again, list, num_certs) == TC_OK) {
        check_chain(chain, num_certs);
        must(chain == again);
    }
    tc_chain_release(chain);
    tc_chain_release(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tc_trust_store *store = NULL;
    struct tc_verifier *verifier = NULL;
    struct tc_cert *certs[CERTS_MAX] = {NULL};
    struct tc_cert *list[CERTS_MAX] = {NULL};
    uint8_t uses[CERTS_MAX] = {0};
    size_t num_certs = 0;
    size_t num_listed = 0;
    CBS input;
    CBS der;
    CBS_init(&input, data, size);
    must(tc_trust_store_new(&store) == TC_OK);
    while (num_certs < CERTS_MAX && CBS_get_u8(&input, &uses[num_certs]) &&
           CBS_get_u16_length_prefixed(&input, &der)) {
        size_t num_added = 0;
        if ((uses[num_certs] & FOR_STORE) != 0 &&
            tc_trust_store_add_pile(store, &num_added, CBS_data(&der), CBS_len(&der), NULL) !=
                TC_OK) {
            num_added = 0;
        }
        must(tc_cert_new(&certs[num_certs], CBS_data(&der), CBS_len(&der)) == TC_OK);
        if ((uses[num_certs] & FOR_LIST) != 0) {
            list[num_listed++] = certs[num_certs];
        }
        num_certs++;
    }
    must(tc_verifier_new(&verifier, store, AS_OF_S) == TC_OK);
    if (num_listed > 0) {
        judge(verifier, list, num_listed);
    }
    for (size_t i = 0; i < num_certs; i++) {
        if ((uses[i] & FOR_FLEET) != 0) {
            must(tc_verifier_add_fleet(verifier, certs[i]) == TC_OK);
        }
    }
    for (size_t i = 0; i < num_listed; i++) { /* every end of the list is a list */
        judge(verifier, list + i, num_listed - i);
    }
    tc_verifier_free(verifier);
    for (size_t i = 0; i < num_certs; i++) {
        tc_cert_release(certs[i]);
    }
    return 0;
}
