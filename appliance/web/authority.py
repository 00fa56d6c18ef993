"""The box's own certificate authority in DIR/authority/, so that a microphone works on the LAN (A2, E2).

Browsers hide `mediaDevices` and `audioWorklet` on a page that is not secure, and no public authority vouches for 192.168.1.5. So
the box makes an authority of its own at the first start (ten years), and a certificate for its addresses (397 days, renewed by
itself). People install the authority once; its page content is `authority_pem` / `authority_der`.

398 days is the longest that browsers take for a server: CA/Browser Forum, Baseline Requirements, 6.3.2 (of September 2020).
"""

import contextlib
import datetime as dt
import ipaddress
import socket
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from appliance.base.files import write_whole

AUTHORITY_DAYS = 3650
LEAF_DAYS = 397
RENEW_BEFORE_DAYS = 60
BACKDATED = dt.timedelta(days=1)
"""A Pi has no clock chip: a phone whose clock is a little behind must not refuse a certificate made a minute ago."""


def ensure(state: Path, hosts: list[str], now: dt.datetime | None = None) -> tuple[Path, Path]:
    """(certificate chain, key) of the server, PEM files below `state`; made, or made anew when they end soon or lack a host.

    hosts: names and addresses besides those that the box finds out itself (`own_hosts`). A key is readable by its owner only.
    """
    now = now or dt.datetime.now(dt.UTC)
    folder = state / "authority"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    authority, authority_key = _authority(folder, now)
    wanted = _names([*hosts, *own_hosts()])
    chain, key = folder / "server.pem", folder / "server.key"
    if not _still_good(chain, key, authority, wanted, now):
        _make_leaf(chain, key, authority, authority_key, wanted, now)
    return chain, key


def authority_pem(state: Path) -> bytes:
    """What people install in their browser, PEM; raises FileNotFoundError before the first `ensure`."""
    return (state / "authority" / "authority.pem").read_bytes()


def authority_der(state: Path) -> bytes:
    """The same as DER, which Windows, Android and iOS open with a click (media type application/x-x509-ca-cert)."""
    return x509.load_pem_x509_certificate(authority_pem(state)).public_bytes(serialization.Encoding.DER)


def fingerprint(state: Path) -> str:
    """SHA-256 of the authority, for people to compare with what the box prints."""
    return x509.load_pem_x509_certificate(authority_pem(state)).fingerprint(hashes.SHA256()).hex(":").upper()


def own_hosts() -> list[str]:
    """localhost, the loopback addresses, the host's name (bare and .local) and its addresses on the LAN."""
    name = socket.gethostname()
    found = ["localhost", "127.0.0.1", "::1", name]
    if "." not in name:
        found.append(f"{name}.local")
    for family, probe in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        try:  # no packet is sent by connecting a datagram socket; it only picks the address that the default route leaves from
            with socket.socket(family, socket.SOCK_DGRAM) as probing:
                probing.connect((probe, 9))
                found.append(probing.getsockname()[0])
        except OSError:
            continue
    with contextlib.suppress(OSError):
        found += [str(info[4][0]) for info in socket.getaddrinfo(name, None)]
    return found


def _names(hosts: list[str]) -> list[x509.GeneralName]:
    """Each once, sorted, as alternative names; unspecified (0.0.0.0, ::), scoped and impossible ones are left out."""
    found: dict[str, x509.GeneralName] = {}
    for host in hosts:
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            if host and host.isascii() and len(host) <= 253 and not any(sign in host for sign in "%/: "):
                found[host.lower()] = x509.DNSName(host.lower())
            continue
        if not address.is_unspecified and "%" not in host:
            found[str(address)] = x509.IPAddress(address)
    return [found[name] for name in sorted(found)]


def _authority(folder: Path, now: dt.datetime) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    file, key_file = folder / "authority.pem", folder / "authority.key"
    if file.exists() and key_file.exists():
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
        authority = x509.load_pem_x509_certificate(file.read_bytes())
        if isinstance(key, ec.EllipticCurvePrivateKey) and authority.not_valid_after_utc - now > dt.timedelta(days=LEAF_DAYS):
            return authority, key
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Seatbox {socket.gethostname()[:40]} {now:%Y-%m-%d}")])
    authority = (
        _builder(name, name, key, now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    write_whole(key_file, _private(key))
    write_whole(file, authority.public_bytes(serialization.Encoding.PEM), 0o644)
    return authority, key


def _make_leaf(
    chain: Path,
    key_file: Path,
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    names: list[x509.GeneralName],
    now: dt.datetime,
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = (
        _builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Seatbox")]), authority.subject, key, now, LEAF_DAYS)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    write_whole(key_file, _private(key))
    write_whole(chain, b"".join(each.public_bytes(serialization.Encoding.PEM) for each in (leaf, authority)), 0o644)


def _still_good(chain: Path, key: Path, authority: x509.Certificate, wanted: list[x509.GeneralName], now: dt.datetime) -> bool:
    """It lasts, covers what is wanted, is this authority's, and belongs to the key (a power cut may fall between the two files)."""
    try:
        leaf = x509.load_pem_x509_certificate(chain.read_bytes())
        private = serialization.load_pem_private_key(key.read_bytes(), None)
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        leaf.verify_directly_issued_by(authority)
    except (OSError, ValueError, TypeError, x509.ExtensionNotFound, InvalidSignature):
        return False
    lasts = leaf.not_valid_before_utc <= now and leaf.not_valid_after_utc - now > dt.timedelta(days=RENEW_BEFORE_DAYS)
    return lasts and set(wanted) <= set(names) and private.public_key() == leaf.public_key()


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: dt.datetime, days: int
) -> x509.CertificateBuilder:
    start = now - BACKDATED
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=days))
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
