"""What a survey has to say about a scripted server: derived from the table that drives the server.

`lies` is the law: whatever was stored is so, a no above all. `gaps` is what an undisturbed survey must not have.
"""
import hello_wire as wire
from hello_wire import SSL2, SSL3, TLS10, TLS12, TLS13
from scripted_server import (EVERY_VERSION, MLKEM512, MLKEM768, MLKEM1024, P256_MLKEM768, P384_MLKEM1024, SUITES,
                             X25519_MLKEM768)

POST_QUANTUM = {MLKEM512, MLKEM768, MLKEM1024, P256_MLKEM768, X25519_MLKEM768, P384_MLKEM1024}
ACKNOWLEDGED = {"extended_master_secret": wire.EXTENDED_MASTER_SECRET, "secure_renegotiation": wire.RENEGOTIATION_INFO,
                "session_ticket": wire.SESSION_TICKET, "heartbeat": wire.HEARTBEAT}


def truth_of_lists(table):
    """(kind, version) → its codes in the server's order, with the trait that says that none is missing."""
    lists = {("cipher", version): codes for version, codes in table.suites.items()}
    if TLS13 in table.suites:
        lists["group", TLS13] = table.groups
    best = best_old(table)
    if best > SSL3 and any(SUITES[code][0] == "ECDHE" for code in table.suites[best]):
        lists["group", TLS12] = table.curves
    return lists


def best_old(table):
    return max((version for version in table.suites if version < TLS13), default=0)


def truth_of_traits(table):
    """(trait, version) → 0 or 1, for those that the table decides."""
    traits = {("post_quantum", 0): bool(POST_QUANTUM & set(table.groups)) if TLS13 in table.suites else 0}
    best, tls = best_old(table), [version for version in table.suites if version > SSL2]
    for (kind, version), codes in truth_of_lists(table).items():
        if len(codes) > 1 and version != SSL2 and (kind, version) != ("group", TLS12):
            traits["cipher_order" if kind == "cipher" else "group_order", version] = table.server_order
    if best > SSL2:
        used = {SUITES[code][1] for version in tls if version < TLS13 for code in table.suites[version]}
        traits["compression", 0] = table.compression
        if TLS13 not in tls:
            traits["ecdsa_certificate", 0], traits["rsa_certificate", 0] = "ECDSA" in used, "RSA" in used
    if best > SSL3:
        traits.update(((name, 0), extension in table.acknowledged) for name, extension in ACKNOWLEDGED.items())
        if any(SUITES[code][2] for code in table.suites[best]):
            traits["encrypt_then_mac", 0] = wire.ENCRYPT_THEN_MAC in table.acknowledged
        traits["no_sni_answered", 0] = traits["unknown_sni_answered", 0] = 1
        for name in ("no_sni_same_certificate", "unknown_sni_same_certificate"):
            traits[name, 0] = table.default is None
    if len(tls) > 1 and best > SSL3:
        traits["fallback_scsv", 0] = table.fallback_scsv
    if TLS13 in tls:
        traits.update((("downgrade_sentinel", version), table.sentinel) for version in tls if TLS10 <= version < TLS13)
    return {key: int(value) for key, value in traits.items()}


def name_of(survey, kind, code):
    return survey.names.get((kind, code), hex(code))


def list_problems(survey, kind, version, codes):
    """Pairs: whether it is a lie (else a gap), and what it is."""
    found = survey.supported(kind, version)
    complete = survey.trait("ciphers_complete" if kind == "cipher" else "groups_complete", version)
    what = "%s at 0x%04x" % (kind, version)
    yield from ((True, "%s: %s, which is not in the table" % (what, name_of(survey, kind, code)))
                for code in sorted(found - set(codes)))
    missing = set(codes) - found
    if missing and complete:
        yield True, "%s: complete without %s" % (what, [name_of(survey, kind, code) for code in sorted(missing)])
    elif missing or (codes and not complete):
        yield False, "%s: incomplete, %d of %d" % (what, len(found), len(codes))


def rank_problems(survey, table):
    for (kind, version), codes in truth_of_lists(table).items():
        ranked = survey.ranked(kind, version)
        if ranked and not table.server_order:
            yield True, "%s at 0x%04x: ranks, and the server has none" % (kind, version)
        if ranked != [code for code in codes if code in ranked]:
            yield True, "%s at 0x%04x: not the server's order: %s" % (kind, version, [hex(code) for code in ranked])
        is_ordered = table.server_order and version != SSL2 and len(codes) > 1 and (kind, version) != ("group", TLS12)
        if is_ordered and len(ranked) < len(codes):
            yield False, "%s at 0x%04x: %d of %d have a rank" % (kind, version, len(ranked), len(codes))


def problems(survey, table):
    lists = truth_of_lists(table)
    for version in EVERY_VERSION:
        row = survey.rows.get(("version", 0, version), [None])
        is_spoken = version in table.suites
        if row[0] is None:
            yield False, "version 0x%04x: not measured" % version
        elif row[0] != int(is_spoken):
            yield True, "version 0x%04x: %d" % (version, row[0])
        yield from list_problems(survey, "cipher", version, lists.get(("cipher", version), ()))
    for version in (TLS12, TLS13):
        yield from list_problems(survey, "group", version, lists.get(("group", version), ()))
    for (name, version), value in truth_of_traits(table).items():
        stored = survey.trait(name, version)
        if stored != value:
            yield stored is not None, "%s at 0x%04x: %s, not %d" % (name, version, stored, value)
    alpn = {survey.names["alpn", code] for code in survey.supported("alpn")}
    wanted = set(table.alpn) if best_old(table) > SSL3 else set()
    if alpn - wanted or (wanted - alpn and survey.trait("alpn_complete")):
        yield True, "alpn: %s, not %s" % (sorted(alpn), sorted(wanted))
    elif wanted != alpn:
        yield False, "alpn: %s of %s" % (sorted(alpn), sorted(wanted))
    yield from rank_problems(survey, table)
    if survey.trait("consistent") == 0:
        yield True, "inconsistent: %s" % survey.text("consistent")
    if survey.trait("survey_complete") != 1:
        yield False, "incomplete: %s" % survey.text("survey_complete")


def lies(survey, table):
    return [what for is_lie, what in problems(survey, table) if is_lie]


def gaps(survey, table):
    return [what for is_lie, what in problems(survey, table) if not is_lie]
