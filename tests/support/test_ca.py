"""A certificate authority for tests: chains of every kind, good and broken, made when they are needed.

    root = Authority("Test Root")
    ca = root.intermediate("Test Issuing CA")
    good = ca.leaf("good.test")
    old = ca.leaf("old.test", not_after_days=-3)
    cut = ca.leaf("cut.test").presenting("leaf")

Days count from now; a negative one is past.
"""
import datetime
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = datetime.datetime.utcnow().replace(microsecond=0)
DAY = datetime.timedelta(days=1)

KEYS = {
    "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "p521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "rsa1024": lambda: rsa.generate_private_key(65537, 1024),
    "rsa2048": lambda: rsa.generate_private_key(65537, 2048),
    "rsa3072": lambda: rsa.generate_private_key(65537, 3072),
    "rsa4096": lambda: rsa.generate_private_key(65537, 4096),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
}
HASHES = {"sha1": hashes.SHA1, "sha256": hashes.SHA256, "sha384": hashes.SHA384,
          "sha512": hashes.SHA512}


def subject(common_name=None, organization=None, country=None):
    parts = [(NameOID.COUNTRY_NAME, country), (NameOID.ORGANIZATION_NAME, organization),
             (NameOID.COMMON_NAME, common_name)]
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts if text is not None])


def general_name(text):
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def pem(certs):
    return b"".join(cert.public_bytes(serialization.Encoding.PEM) for cert in certs)


def der(cert):
    return cert.public_bytes(serialization.Encoding.DER)


def hash_for(key, name):
    return None if isinstance(key, ed25519.Ed25519PrivateKey) else HASHES[name]()


class Identity:
    """A leaf, its key, and the chain that a server presents with it."""

    def __init__(self, cert, key, issuer, presented):
        self.cert = cert
        self.key = key
        self.issuer = issuer        # Authority; None where it signed itself
        self.presented = presented  # certificates in the order they are sent

    @property
    def key_pem(self):
        return self.key.private_bytes(serialization.Encoding.PEM,
                                      serialization.PrivateFormat.PKCS8,
                                      serialization.NoEncryption())

    @property
    def chain_pem(self):
        return pem(self.presented)

    def presenting(self, what):
        """The same identity with another chain: "full", "leaf" (incomplete), "root" (the root sent
        too), "reversed" (issuers in the wrong order), or a list of certificates."""
        path = [] if self.issuer is None else self.issuer.path()
        chains = {"full": [self.cert] + path[:-1], "leaf": [self.cert],
                  "root": [self.cert] + path, "reversed": [self.cert] + path[::-1]}
        presented = chains[what] if isinstance(what, str) else what
        return Identity(self.cert, self.key, self.issuer, presented)

    def ocsp_response(self, status="good", this_update_days=-1, next_update_days=6):
        """A signed OCSP response in DER for stapling: "good", "revoked" or "unknown"."""
        revoked = status == "revoked"
        builder = ocsp.OCSPResponseBuilder().add_response(
            cert=self.cert, issuer=self.issuer.cert, algorithm=hashes.SHA1(),
            cert_status=getattr(ocsp.OCSPCertStatus, status.upper()),
            this_update=NOW + this_update_days * DAY, next_update=NOW + next_update_days * DAY,
            revocation_time=NOW - 2 * DAY if revoked else None,
            revocation_reason=x509.ReasonFlags.key_compromise if revoked else None)
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, self.issuer.cert)
        response = builder.sign(self.issuer.key, hash_for(self.issuer.key, "sha256"))
        return response.public_bytes(serialization.Encoding.DER)


class Authority:
    """A CA certificate and its key. Without `issuer` it is a root."""

    def __init__(self, name, issuer=None, key="p256", not_before_days=-365, not_after_days=3650,
                 organization="Test Authority", hash_name="sha256", path_length=None,
                 extensions=()):
        self.issuer = issuer
        self.key = KEYS[key]()
        signer = self if issuer is None else issuer
        own_name = subject(name, organization)
        builder = x509.CertificateBuilder(
            subject_name=own_name,
            issuer_name=own_name if issuer is None else issuer.cert.subject,
            public_key=self.key.public_key(), serial_number=x509.random_serial_number(),
            not_valid_before=NOW + not_before_days * DAY,
            not_valid_after=NOW + not_after_days * DAY)
        builder = builder.add_extension(x509.BasicConstraints(True, path_length), True)
        builder = builder.add_extension(
            x509.KeyUsage(False, False, False, False, False, True, True, False, False), True)
        builder = add_key_identifiers(builder, self.key, signer.key)
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        self.cert = builder.sign(signer.key, hash_for(signer.key, hash_name))

    def intermediate(self, name, **options):
        return Authority(name, issuer=self, **options)

    def path(self):
        """This CA's certificate and its issuers', the root last."""
        return [self.cert] + ([] if self.issuer is None else self.issuer.path())

    def leaf(self, *names, **options):
        """A server certificate; options of make_leaf."""
        return make_leaf(self, names, **options)


def add_key_identifiers(builder, key, issuer_key):
    builder = builder.add_extension(
        x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
    return builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False)


def make_leaf(issuer, names, key="p256", not_before_days=-30, not_after_days=60, hash_name="sha256",
              serial=None, common_name=None, organization=None, san=True, usage=True, is_ca=False,
              must_staple=False, ocsp_url=None, issuer_url=None, crl_url=None, policies=(),
              extensions=()):
    """A leaf for `names` (DNS names and addresses), signed by `issuer` or, where that is None, by
    itself. `key` is a name of KEYS or a private key that exists. `extensions` are pairs of an
    extension and whether it is critical."""
    own_key = KEYS[key]() if isinstance(key, str) else key
    signer_key = own_key if issuer is None else issuer.key
    own_name = subject(common_name or (names[0][:64] if names else None), organization)
    builder = x509.CertificateBuilder(
        subject_name=own_name, issuer_name=own_name if issuer is None else issuer.cert.subject,
        public_key=own_key.public_key(),
        serial_number=x509.random_serial_number() if serial is None else serial,
        not_valid_before=NOW + not_before_days * DAY, not_valid_after=NOW + not_after_days * DAY)
    optional = [
        (x509.BasicConstraints(is_ca, None), True, True),
        (lambda: x509.SubjectAlternativeName([general_name(name) for name in names]), False,
         san and names),
        # An RSA key may encipher too: a suite without (EC)DHE wants it, and new libraries insist.
        (x509.KeyUsage(True, False, isinstance(own_key, rsa.RSAPrivateKey), False, False, False,
                       False, False, False), True, usage),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False, usage),
        (x509.TLSFeature([x509.TLSFeatureType.status_request]), False, must_staple),
        (lambda: access_information(ocsp_url, issuer_url), False, ocsp_url or issuer_url),
        (lambda: distribution_points(crl_url), False, crl_url),
        (lambda: certificate_policies(policies), False, policies),
    ]
    for extension, critical, is_wanted in optional:
        if is_wanted:
            made = extension() if callable(extension) else extension
            builder = builder.add_extension(made, critical)
    builder = add_key_identifiers(builder, own_key, signer_key)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    cert = builder.sign(signer_key, hash_for(signer_key, hash_name))
    return Identity(cert, own_key, issuer, [cert]).presenting("full")


def access_information(ocsp_url, issuer_url):
    methods = [(x509.AuthorityInformationAccessOID.OCSP, ocsp_url),
               (x509.AuthorityInformationAccessOID.CA_ISSUERS, issuer_url)]
    return x509.AuthorityInformationAccess(
        [x509.AccessDescription(oid, x509.UniformResourceIdentifier(url))
         for oid, url in methods if url])


def distribution_points(url):
    point = x509.DistributionPoint([x509.UniformResourceIdentifier(url)], None, None, None)
    return x509.CRLDistributionPoints([point])


def certificate_policies(oids):
    return x509.CertificatePolicies(
        [x509.PolicyInformation(x509.ObjectIdentifier(oid), None) for oid in oids])


def self_signed(*names, **options):
    return make_leaf(None, names, **options)
