#include "tlscensus/hello.h"

#include "put.h"
#include "seeded.h"

/* FIPS 203 sections 4.2.1 and 7.2: 256 coefficients below q for each polynomial, 12 bits each. */
#define MLKEM_Q                3329U
#define MLKEM_POLYNOMIAL_BYTES 384U
#define MLKEM_SEED_BYTES       32U /* rho, at the end of the key */

struct share_form {
    uint16_t group;
    uint16_t opaque_before; /* bytes in which anything may stand: X25519, X448 */
    uint16_t polynomials;   /* of an ML-KEM encapsulation key */
    uint16_t opaque_after;
};

/* RFC 7748 for the curves, IANA's registry and the drafts of the hybrids for their order. */
static const struct share_form k_forms[] = {
    {29, 32, 0, 0},     /* x25519 */
    {30, 56, 0, 0},     /* x448 */
    {0x0200, 0, 2, 0},  /* MLKEM512 */
    {0x0201, 0, 3, 0},  /* MLKEM768 */
    {0x0202, 0, 4, 0},  /* MLKEM1024 */
    {0x11ec, 0, 3, 32}, /* X25519MLKEM768: ML-KEM first */
    {0x6399, 32, 3, 0}, /* X25519Kyber768Draft00: X25519 first */
};

/* Pairs of coefficients in three bytes, the low bits first (FIPS 203, ByteEncode with d = 12). */
static uint8_t *put_polynomials(uint8_t *at, size_t num_polynomials, uint64_t *state)
{
    for (size_t i = 0; i < num_polynomials * MLKEM_POLYNOMIAL_BYTES / 3; i++) {
        uint64_t random = seeded_next(state);
        uint32_t first = (uint32_t)(random >> 32) % MLKEM_Q;
        uint32_t second = (uint32_t)(random & 0xffffffffU) % MLKEM_Q;
        at = put_u8(at, first);
        at = put_u8(at, (first >> 8) | ((second & 0x0fU) << 4));
        at = put_u8(at, second >> 4);
    }
    return at;
}

static const struct share_form *find_form(uint16_t group)
{
    for (size_t i = 0; i < TC_ARRAY_LEN(k_forms); i++) {
        if (k_forms[i].group == group) {
            return &k_forms[i];
        }
    }
    return NULL;
}

size_t tc_key_share_fill(uint8_t *out, size_t capacity, uint16_t group, uint64_t seed)
{
    const struct share_form *form = find_form(group);
    if (form == NULL) {
        return 0;
    }
    size_t mlkem_bytes =
        form->polynomials > 0 ? form->polynomials * MLKEM_POLYNOMIAL_BYTES + MLKEM_SEED_BYTES : 0;
    size_t len = form->opaque_before + mlkem_bytes + form->opaque_after;
    if (capacity < len) {
        return 0;
    }
    uint64_t state = seed;
    uint8_t *at = seeded_fill(out, form->opaque_before, &state);
    if (form->polynomials > 0) {
        at = put_polynomials(at, form->polynomials, &state);
        at = seeded_fill(at, MLKEM_SEED_BYTES, &state);
    }
    seeded_fill(at, form->opaque_after, &state);
    return len;
}
