"""The few servers of the invented institution that were surveyed: what they support, and what the rules make of it.

With --survey sample_survey.py gives all of them features instead.
"""
VERSIONS = (0x0002, 0x0300, 0x0301, 0x0302, 0x0303, 0x0304)
AEAD = (0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8)
CBC = (0xC023, 0xC027, 0xC024, 0xC028, 0xC009, 0xC013, 0xC00A, 0xC014)
STATIC = (0x009C, 0x009D, 0x002F, 0x0035)
# Traits by number (include/tlscensus/features.h); a pair is the answer and its value or text.
SOUND = {1: 1, 2: 1, 3: 1, 5: (1, 7200), 6: 0, 7: 1, 8: 1, 9: 0, 10: 0, 11: 0, 13: 1, 20: 1, 22: 1, 23: 1, 24: 1, 25: 1,
         26: 0, 27: 1, 32: 1, 34: 0, 36: 0, 37: 1, 45: 1, 46: 1}


def features_of(versions, suites, groups, traits, unknown=(), complete=True, extra=()):
    """Rows of `feature` without the set: kind, version, code, supported, rank, value, text."""
    rows = [("version", 0, code, None if code in unknown else int(code in versions), None, None, None)
            for code in VERSIONS]
    for version, codes in suites.items():
        rows += [("cipher", version, code, 1, rank + 1, None, None) for rank, code in enumerate(codes)]
        rows.append(("trait", version, 41, 1 if complete else None, None, None,
                     None if complete else "no answer any more after 12 connections"))
    for version, codes in groups.items():
        rows += [("group", version, code, 1, rank + 1, None, None) for rank, code in enumerate(codes)]
        rows.append(("trait", version, 42, 1 if complete else None, None, None, None))
    for code, answer in traits.items():
        supported, more = answer if isinstance(answer, tuple) else (answer, None)
        rows.append(("trait", 0, code, supported, None, more if isinstance(more, int) else None,
                     more if isinstance(more, str) else None))
    return sorted(rows + list(extra))


NEW = {0x0303: AEAD, 0x0304: (0x1302, 0x1303, 0x1301)}
SURVEYS = {  # name: features, findings of the rules, whether the grade is partial
    "modern": (features_of((0x0303, 0x0304), NEW, {0x0304: (0x11EC, 29, 23, 24)}, SOUND,
                           extra=[("alpn", 0, 1, 1, 1, None, None), ("alpn", 0, 2, 1, 2, None, None)]), [], 0),
    "yesterday": (features_of((0x0303, 0x0304), {0x0303: AEAD + CBC + STATIC, 0x0304: (0x1302, 0x1303, 0x1301)},
                              {0x0304: (29, 23, 24)}, {**SOUND, 26: 1, 32: 0, 46: 0},
                              extra=[("alpn", 0, 2, 1, 1, None, None)]),
                  [("suite-no-fs", 2, "TLS_RSA_WITH_AES_128_CBC_SHA, TLS_RSA_WITH_AES_256_CBC_SHA, "
                    "TLS_RSA_WITH_AES_128_GCM_SHA256, TLS_RSA_WITH_AES_256_GCM_SHA384 in TLSv1.2"),
                   ("alpn-lax", 1, "a hello for a protocol that does not exist is answered"),
                   ("group-pq-missing", 0, "none of the groups with ML-KEM is accepted; accepted are x25519, "
                    "secp256r1, secp384r1"),
                   ("suite-cbc", 0, "TLS_RSA_WITH_AES_128_CBC_SHA, TLS_RSA_WITH_AES_256_CBC_SHA, "
                    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, "
                    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA +5 more in TLSv1.2")], 0),
    "old": (features_of((0x0301, 0x0302), {0x0301: (0x002F, 0x0035, 0x000A), 0x0302: (0x002F, 0x0035, 0x000A)}, {},
                        {1: 1, 2: 1, 3: 0, 10: 0, 11: 0, 13: 1, 20: 0, 22: 1, 23: 0, 37: 1, 45: 1,
                         46: (None, "TLS 1.3 is not accepted")}, extra=[("dh", 0, 1, 0, None, None, None)]),
            [("renego-insecure", 3, "renegotiation_info is not acknowledged"),
             ("suite-64bit-block", 2, "TLS_RSA_WITH_3DES_EDE_CBC_SHA in TLSv1.0, TLSv1.1"),
             ("suite-no-fs", 2, "TLS_RSA_WITH_3DES_EDE_CBC_SHA, TLS_RSA_WITH_AES_128_CBC_SHA, "
              "TLS_RSA_WITH_AES_256_CBC_SHA in TLSv1.0, TLSv1.1"),
             ("suite-cbc", 0, "TLS_RSA_WITH_AES_128_CBC_SHA, TLS_RSA_WITH_AES_256_CBC_SHA in TLSv1.0, TLSv1.1"),
             ("tls10-enabled", 2, "with TLS_RSA_WITH_AES_128_CBC_SHA, "
              "TLS_RSA_WITH_AES_256_CBC_SHA, TLS_RSA_WITH_3DES_EDE_CBC_SHA"),
             ("tls11-enabled", 2, "with TLS_RSA_WITH_AES_128_CBC_SHA, "
              "TLS_RSA_WITH_AES_256_CBC_SHA, TLS_RSA_WITH_3DES_EDE_CBC_SHA")], 0),
    "broken-off": (features_of((0x0303, 0x0304), {0x0303: AEAD[:2], 0x0304: (0x1302,)}, {},
                               {3: 1, 10: None, 45: (0, "no answer any more after 12 connections"), 46: None},
                               unknown=(0x0002, 0x0300), complete=False), [], 1),
}
def codes():
    """Pairs of kind and code that surveys name."""
    return {(row[0], row[2]) for features, _, _ in SURVEYS.values() for row in features}


def add_other_chains(sample, observation_id, host, survey, as_of_s):
    """What a surveyed server sent besides: a self-signed default, or a leaf of the other key type."""
    if survey == "yesterday":
        leaf_id = sample.add_leaf(host + " ecdsa", host, [host], "e7", "P-256", 66, 90)
        sample.insert("other_chain", observation_id=observation_id, role="other-key", leaf_id=leaf_id,
                      presented_chain_id=sample.chain(("e7",)), verified_chain_id=sample.chain(("e7", "x2")),
                      presented_depth=2, verified_depth=3, chain_status="complete", trusted=1, name_match=1,
                      chain_not_after_s=as_of_s + 66 * 86400 + 1799)
    elif host.startswith("www"):
        leaf_id = sample.add_leaf("default", "localhost", ["localhost"], "self", "2048", 3000, 3650)
        for role in ("no-sni", "unknown-sni"):
            sample.insert("other_chain", observation_id=observation_id, role=role, leaf_id=leaf_id, presented_depth=1,
                          chain_status="no-path", trusted=0, trust_detail="self-signed", name_match=0,
                          trust_text="The leaf is signed by its own key, and the trust store does not hold it",
                          chain_not_after_s=as_of_s + 3000 * 86400 + 1799)
