/* Extensions, RFC 5280 section 4.2 and those that the web's certificates carry besides. */
#include "ordinary.h"
#include "reader.h"

#define CONTEXT_CONSTRUCTED(n) (CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | (n))

#define OID_CE(n)                                                                                  \
    3,                                                                                             \
    {                                                                                              \
        0x55, 0x1d, n                                                                              \
    }
#define OID_PKIX 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07
#define OID_CT(n)                                                                                  \
    10,                                                                                            \
    {                                                                                              \
        0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x04, n                                    \
    }
#define PATH_LEN_MAX 255U /* any longer path is past every limit: the constraint says nothing */

#define TLS_FEATURE_STATUS_REQUEST 5U /* RFC 7633 section 6 by RFC 6066 section 8 */

/* BOOLEAN DEFAULT FALSE. RFC 5280 wants DER, where TRUE is 0xff and FALSE is left out; a FALSE that
 * is written all the same is common, and harmless. */
static bool get_optional_bool(CBS *cbs, bool *out)
{
    CBS octets;
    uint8_t value = 0;
    int is_present = 0;
    if (!CBS_get_optional_asn1(cbs, &octets, &is_present, CBS_ASN1_BOOLEAN) ||
        (is_present && (!CBS_get_u8(&octets, &value) || CBS_len(&octets) != 0)) ||
        (value != 0 && value != 0xff)) {
        return false;
    }
    *out = value != 0;
    return true;
}

/* Section 4.2.1.9 */
static bool read_basic_constraints(struct reader *reader, CBS value)
{
    CBS sequence;
    bool is_ca = false;
    uint64_t path_len = 0;
    if (!CBS_get_asn1(&value, &sequence, CBS_ASN1_SEQUENCE) || CBS_len(&value) != 0 ||
        !get_optional_bool(&sequence, &is_ca)) {
        return false;
    }
    reader->cert->is_ca = is_ca;
    if (CBS_len(&sequence) > 0) {
        if (!CBS_get_asn1_uint64(&sequence, &path_len) || CBS_len(&sequence) != 0) {
            return false;
        }
        reader->cert->path_len = path_len <= PATH_LEN_MAX ? (int)path_len : (int)PATH_LEN_MAX;
    }
    return true;
}

/* Section 4.2.1.3 */
static bool read_key_usage(struct reader *reader, CBS value)
{
    CBS bits;
    if (!CBS_get_asn1(&value, &bits, CBS_ASN1_BITSTRING) || CBS_len(&value) != 0 ||
        !CBS_is_valid_asn1_bitstring(&bits)) {
        return false;
    }
    reader->cert->has_key_usage = true;
    for (unsigned bit = 0; bit <= 8; bit++) {
        if (CBS_asn1_bitstring_has_bit(&bits, bit)) {
            reader->cert->key_usage |= 1U << bit;
        }
    }
    return true;
}

/* Section 4.2.1.12 */
static bool read_ext_key_usage(struct reader *reader, CBS value)
{
    static const uint8_t any[] = {0x55, 0x1d, 0x25, 0x00};
    static const uint8_t key_purpose[] = {OID_PKIX, 0x03};
    static const uint32_t known[] = {
        [1] = TC_EKU_SERVER_AUTH,      [2] = TC_EKU_CLIENT_AUTH,   [3] = TC_EKU_CODE_SIGNING,
        [4] = TC_EKU_EMAIL_PROTECTION, [8] = TC_EKU_TIME_STAMPING, [9] = TC_EKU_OCSP_SIGNING};
    CBS sequence;
    CBS oid;
    CBS prefix;
    uint8_t last = 0;
    if (!CBS_get_asn1(&value, &sequence, CBS_ASN1_SEQUENCE) || CBS_len(&value) != 0 ||
        CBS_len(&sequence) == 0) {
        return false;
    }
    reader->cert->has_ext_key_usage = true;
    while (CBS_len(&sequence) > 0) {
        uint32_t usage = 0;
        if (!CBS_get_asn1(&sequence, &oid, CBS_ASN1_OBJECT)) {
            return false;
        }
        if (CBS_mem_equal(&oid, any, sizeof any)) {
            usage = TC_EKU_ANY;
        } else if (CBS_get_bytes(&oid, &prefix, sizeof key_purpose) &&
                   CBS_mem_equal(&prefix, key_purpose, sizeof key_purpose) &&
                   CBS_get_u8(&oid, &last) && CBS_len(&oid) == 0 && last < TC_ARRAY_LEN(known)) {
            usage = known[last];
        }
        reader->cert->ext_key_usage |= usage != 0 ? usage : TC_EKU_OTHER;
    }
    return true;
}

/* Section 4.2.1.10. What it permits is judged by the library; here it is only known to be there. */
static bool read_name_constraints(struct reader *reader, CBS value)
{
    CBS sequence;
    reader->cert->has_name_constraints = true;
    return CBS_get_asn1(&value, &sequence, CBS_ASN1_SEQUENCE) && CBS_len(&value) == 0;
}

static bool read_policy_limits(struct reader *reader, CBS value)
{
    (void)value;
    reader->has_policy_limits = true;
    return true;
}

/* Section 4.2.1.4; the identifiers of Baseline Requirements 7.1.6.1 and EV guidelines 7.1.6.4.
 * Where several are there, the one that promises most is kept. */
static bool read_policies(struct reader *reader, CBS value)
{
    static const uint8_t cabf[] = {0x67, 0x81, 0x0c, 0x01};
    static const enum tc_policy by_arc[] = {
        [1] = TC_POLICY_DV, [2] = TC_POLICY_OV, [3] = TC_POLICY_IV};
    CBS sequence;
    CBS policy;
    CBS oid;
    CBS prefix;
    reader->has_odd_policies = !ordinary_policies(value);
    if (!CBS_get_asn1(&value, &sequence, CBS_ASN1_SEQUENCE)) {
        return false;
    }
    while (CBS_get_asn1(&sequence, &policy, CBS_ASN1_SEQUENCE)) {
        enum tc_policy found = TC_POLICY_NONE;
        uint8_t arc = 0;
        if (!CBS_get_asn1(&policy, &oid, CBS_ASN1_OBJECT) ||
            !CBS_get_bytes(&oid, &prefix, sizeof cabf) ||
            !CBS_mem_equal(&prefix, cabf, sizeof cabf) || !CBS_get_u8(&oid, &arc)) {
            continue;
        }
        if (arc == 1 && CBS_len(&oid) == 0) {
            found = TC_POLICY_EV;
        } else if (arc == 2 && CBS_get_u8(&oid, &arc) && CBS_len(&oid) == 0 &&
                   arc < TC_ARRAY_LEN(by_arc)) {
            found = by_arc[arc];
        }
        if (found > reader->cert->policy) {
            reader->cert->policy = found;
        }
    }
    return true;
}

/* Section 4.2.2.1 */
static bool read_authority_info(struct reader *reader, CBS value)
{
    static const uint8_t access[] = {OID_PKIX, 0x30};
    CBS sequence;
    CBS description;
    CBS oid;
    CBS prefix;
    if (!CBS_get_asn1(&value, &sequence, CBS_ASN1_SEQUENCE)) {
        return false;
    }
    while (CBS_get_asn1(&sequence, &description, CBS_ASN1_SEQUENCE)) {
        uint8_t method = 0;
        if (!CBS_get_asn1(&description, &oid, CBS_ASN1_OBJECT) ||
            !CBS_get_bytes(&oid, &prefix, sizeof access) ||
            !CBS_mem_equal(&prefix, access, sizeof access) || !CBS_get_u8(&oid, &method) ||
            CBS_len(&oid) != 0) {
            continue;
        }
        if (method == 1) {
            read_first_uri(reader, description, &reader->cert->ocsp_url);
        } else if (method == 2) {
            read_first_uri(reader, description, &reader->cert->ca_issuers_url);
        }
    }
    return true;
}

/* Section 4.2.1.13 */
static bool read_crl_points(struct reader *reader, CBS value)
{
    CBS sequence;
    CBS point;
    CBS name;
    CBS full_name;
    if (!CBS_get_asn1(&value, &sequence, CBS_ASN1_SEQUENCE)) {
        return false;
    }
    while (CBS_get_asn1(&sequence, &point, CBS_ASN1_SEQUENCE)) {
        if (CBS_get_asn1(&point, &name, CONTEXT_CONSTRUCTED(0U)) &&
            CBS_get_asn1(&name, &full_name, CONTEXT_CONSTRUCTED(0U))) {
            read_first_uri(reader, full_name, &reader->cert->crl_url);
        }
    }
    return true;
}

/* RFC 6962 section 3.3: how many, without a look inside. */
static bool read_sct_list(struct reader *reader, CBS value)
{
    CBS octets;
    CBS list;
    CBS sct;
    uint32_t count = 0;
    if (!CBS_get_asn1(&value, &octets, CBS_ASN1_OCTETSTRING) ||
        !CBS_get_u16_length_prefixed(&octets, &list) || CBS_len(&octets) != 0) {
        return false;
    }
    while (CBS_len(&list) > 0) {
        if (!CBS_get_u16_length_prefixed(&list, &sct)) {
            return false;
        }
        count++;
    }
    reader->cert->sct_count = count;
    return true;
}

static bool read_poison(struct reader *reader, CBS value)
{
    (void)value;
    reader->cert->is_precert = true;
    return true;
}

/* RFC 7633 section 4.1 */
static bool read_tls_feature(struct reader *reader, CBS value)
{
    CBS sequence;
    uint64_t feature = 0;
    if (!CBS_get_asn1(&value, &sequence, CBS_ASN1_SEQUENCE)) {
        return false;
    }
    while (CBS_len(&sequence) > 0) {
        if (!CBS_get_asn1_uint64(&sequence, &feature)) {
            return false;
        }
        if (feature == TLS_FEATURE_STATUS_REQUEST) {
            reader->cert->must_staple = true;
        }
    }
    return true;
}

/*
 * `is_judged`: a verifier must understand it, so that a broken one makes the certificate unusable
 * if the library cannot read it either. The others are only told; a broken one tells nothing.
 */
static const struct extension {
    uint8_t oid_len;
    uint8_t oid[10];
    bool is_judged;
    bool (*read)(struct reader *reader, CBS value);
    const char *name;
} k_extensions[] = {
    {OID_CE(0x13), true, read_basic_constraints, "basicConstraints"},
    {OID_CE(0x0f), true, read_key_usage, "keyUsage"},
    {OID_CE(0x25), true, read_ext_key_usage, "extKeyUsage"},
    {OID_CE(0x11), true, read_alt_names, "subjectAltName"},
    {OID_CE(0x1e), true, read_name_constraints, "nameConstraints"},
    {OID_CE(0x24), true, read_policy_limits, "policyConstraints"},
    {OID_CE(0x36), true, read_policy_limits, "inhibitAnyPolicy"},
    {OID_CE(0x21), true, read_policy_limits, "policyMappings"},
    {OID_CE(0x20), false, read_policies, "certificatePolicies"},
    {8, {OID_PKIX, 0x01, 0x01}, false, read_authority_info, "authorityInfoAccess"},
    {OID_CE(0x1f), false, read_crl_points, "cRLDistributionPoints"},
    {8, {OID_PKIX, 0x01, 0x18}, false, read_tls_feature, "TLS feature"},
    {OID_CT(0x02), false, read_sct_list, "SCT list"},
    {OID_CT(0x03), false, read_poison, "precertificate poison"},
};

static const struct extension *find_extension(const CBS *oid)
{
    for (size_t i = 0; i < TC_ARRAY_LEN(k_extensions); i++) {
        if (CBS_mem_equal(oid, k_extensions[i].oid, k_extensions[i].oid_len)) {
            return &k_extensions[i];
        }
    }
    return NULL;
}

bool read_extensions(struct reader *reader, CBS extensions)
{
    while (CBS_len(&extensions) > 0) {
        CBS extension;
        CBS oid;
        CBS value;
        bool is_critical = false;
        if (!CBS_get_asn1(&extensions, &extension, CBS_ASN1_SEQUENCE) ||
            !CBS_get_asn1(&extension, &oid, CBS_ASN1_OBJECT) ||
            !get_optional_bool(&extension, &is_critical) ||
            !CBS_get_asn1(&extension, &value, CBS_ASN1_OCTETSTRING) || CBS_len(&extension) != 0) {
            return false;
        }
        const struct extension *known = find_extension(&oid);
        if (known != NULL && !known->read(reader, value) && known->is_judged &&
            reader->bad_extension == NULL) {
            reader->bad_extension = known->name;
        }
    }
    return true;
}
