"""The demonstration's certification authorities, and certificates with any fault that is asked for."""
import datetime
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

DAY = datetime.timedelta(days=1)
DV, OV = x509.ObjectIdentifier("2.23.140.1.2.1"), x509.ObjectIdentifier("2.23.140.1.2.2")


def new_key(kind):
    """"ec256", "ec384", or "rsa" and the number of bits."""
    if kind.startswith("rsa"):
        return rsa.generate_private_key(65537, int(kind[3:]))
    return ec.generate_private_key({"ec256": ec.SECP256R1(), "ec384": ec.SECP384R1()}[kind])


def pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)


def key_pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL,
                             serialization.NoEncryption())


def name(common_name, organization=None):
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    if organization:
        parts.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
    return x509.Name(parts)


class Authority:
    """A CA certificate with its key; `issuer` None makes a root."""

    def __init__(self, common_name, organization, kind, now, issuer=None, days=3650, left=None):
        self.key = new_key(kind)
        self.subject = name(common_name, organization)
        self.issuer = issuer
        self.site = "http://pki." + organization.lower().replace(" ", "") + ".example/"
        signer = issuer.key if issuer else self.key
        end = now + DAY * (left if left is not None else days * 2 // 3)
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(self.subject)
            .issuer_name(issuer.subject if issuer else self.subject)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(end - DAY * days)
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(True, 0 if issuer else None), True)
            .add_extension(x509.KeyUsage(True, False, False, False, False, True, True, False, False), True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), False)
            .sign(signer, hashes.SHA384() if kind == "ec384" else hashes.SHA256())
        )

    def issue(self, key, names, now, life=90, left=60, common_name=None, cn_only=False, digest=None,
              must_staple=False, eku=True, policy=DV):
        """A leaf for `names` (the first is the common name) that ends `left` days from now."""
        end = now + DAY * left
        builder = (
            x509.CertificateBuilder()
            .subject_name(name(common_name or names[0], "Campus Example" if policy == OV else None))
            .issuer_name(self.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(end - DAY * life + datetime.timedelta(seconds=1))
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(False, None), True)
            .add_extension(
                x509.KeyUsage(True, False, isinstance(key, rsa.RSAPrivateKey), False, False, False, False,
                              False, False), True)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False)
            .add_extension(x509.AuthorityInformationAccess([x509.AccessDescription(
                AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(self.site + "ca.crt"))]),
                False)
            .add_extension(x509.CRLDistributionPoints([x509.DistributionPoint(
                [x509.UniformResourceIdentifier(self.site + "ca.crl")], None, None, None)]), False)
            .add_extension(x509.CertificatePolicies([x509.PolicyInformation(policy, None)]), False)
        )
        if not cn_only:
            builder = builder.add_extension(x509.SubjectAlternativeName([general_name(n) for n in names]), False)
        purposes = [ExtendedKeyUsageOID.SERVER_AUTH] if eku else [ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), False)
        if must_staple:
            builder = builder.add_extension(x509.TLSFeature([x509.TLSFeatureType.status_request]), False)
        return builder.sign(self.key, digest or hashes.SHA256())


def general_name(text):
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def self_signed(key, common_name, now, life=3650, left=2200):
    end = now + DAY * left
    return (
        x509.CertificateBuilder().subject_name(name(common_name)).issuer_name(name(common_name))
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(end - DAY * life).not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(common_name)]), False)
        .sign(key, hashes.SHA256())
    )
