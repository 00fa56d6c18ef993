"""The box's own authority (A2, E2): what a browser checks, checked as a browser does, and what a thief would look for."""

import datetime as dt
import re
import socket
import ssl
import stat
import threading
from pathlib import Path

import pytest
from cryptography import x509

from appliance.web import authority
from tests.support.web_client import Client
from tests.support.web_office import WebOffice

NOW = dt.datetime(2026, 3, 1, 8, 0, tzinfo=dt.UTC)


def leaf(chain: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(chain.read_bytes())


def shake_hands(chain: Path, key: Path, trusted: bytes, host: str) -> None:
    """One TLS handshake over a socketpair, the client trusting `trusted` alone; raises what the client raises."""
    here, there = socket.socketpair()
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(chain, key)

    def serve() -> None:
        try:
            serving.wrap_socket(there, server_side=True).close()
        except OSError:
            there.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        client = ssl.create_default_context(cadata=trusted.decode())
        client.wrap_socket(here, server_hostname=host).close()
    finally:
        here.close()
        thread.join()


@pytest.mark.parametrize("host", ["192.168.7.9", "seatbox.office", "localhost", "127.0.0.1", socket.gethostname()])
def test_whoever_trusts_the_authority_trusts_the_box_by_each_of_its_names(tmp_path: Path, host: str) -> None:
    chain, key = authority.ensure(tmp_path, ["192.168.7.9", "seatbox.office", "0.0.0.0"])
    shake_hands(chain, key, authority.authority_pem(tmp_path), host)


def test_a_host_that_is_not_the_box_is_refused(tmp_path: Path) -> None:
    chain, key = authority.ensure(tmp_path, ["192.168.7.9"])
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(chain, key, authority.authority_pem(tmp_path), "bank.example")


def test_another_boxs_authority_is_not_trusted(tmp_path: Path) -> None:
    chain, key = authority.ensure(tmp_path / "ours", [])
    authority.ensure(tmp_path / "theirs", [])
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(chain, key, authority.authority_pem(tmp_path / "theirs"), "localhost")


def test_keys_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    authority.ensure(tmp_path, [])
    for name in ("authority.key", "server.key"):
        assert stat.S_IMODE((tmp_path / "authority" / name).stat().st_mode) == 0o600


def test_the_authority_lasts_ten_years_and_the_certificate_no_longer_than_browsers_take(tmp_path: Path) -> None:
    chain, _ = authority.ensure(tmp_path, [], NOW)
    root = x509.load_pem_x509_certificate(authority.authority_pem(tmp_path))
    assert root.not_valid_after_utc - root.not_valid_before_utc == dt.timedelta(days=3650)
    assert leaf(chain).not_valid_after_utc - leaf(chain).not_valid_before_utc <= dt.timedelta(days=398)


def test_a_start_soon_after_changes_nothing(tmp_path: Path) -> None:
    chain, _ = authority.ensure(tmp_path, ["192.168.7.9"], NOW)
    before = chain.read_bytes()
    authority.ensure(tmp_path, ["192.168.7.9"], NOW + dt.timedelta(days=30))
    assert chain.read_bytes() == before


def test_the_certificate_is_renewed_before_it_ends_and_the_authority_stays(tmp_path: Path) -> None:
    chain, _ = authority.ensure(tmp_path, [], NOW)
    root, old = authority.authority_pem(tmp_path), leaf(chain)
    later = old.not_valid_after_utc - dt.timedelta(days=30)
    authority.ensure(tmp_path, [], later)
    assert leaf(chain).not_valid_after_utc > old.not_valid_after_utc
    assert authority.authority_pem(tmp_path) == root


def test_a_new_address_gets_a_new_certificate(tmp_path: Path) -> None:
    authority.ensure(tmp_path, ["192.168.7.9"])
    chain, key = authority.ensure(tmp_path, ["10.1.2.3"])
    shake_hands(chain, key, authority.authority_pem(tmp_path), "10.1.2.3")


def test_a_key_that_does_not_belong_to_the_certificate_is_replaced(tmp_path: Path) -> None:
    """A power cut between writing the two files."""
    chain, key = authority.ensure(tmp_path / "box", [])
    _, other = authority.ensure(tmp_path / "other", [])
    key.write_bytes(other.read_bytes())
    chain, key = authority.ensure(tmp_path / "box", [])
    shake_hands(chain, key, authority.authority_pem(tmp_path / "box"), "localhost")


def test_a_certificate_cut_by_a_full_disk_is_made_again(tmp_path: Path) -> None:
    chain, key = authority.ensure(tmp_path, [])
    chain.write_bytes(chain.read_bytes()[:200])
    authority.ensure(tmp_path, [])
    shake_hands(chain, key, authority.authority_pem(tmp_path), "localhost")


def test_people_can_fetch_the_authority_in_both_forms_and_compare_its_fingerprint(tmp_path: Path) -> None:
    authority.ensure(tmp_path, [])
    der = x509.load_der_x509_certificate(authority.authority_der(tmp_path))
    assert der == x509.load_pem_x509_certificate(authority.authority_pem(tmp_path))
    assert len(authority.fingerprint(tmp_path).split(":")) == 32


def test_the_guide_gives_the_certificate_and_its_fingerprint_before_signing_in(client: Client, office: WebOffice) -> None:
    authority.ensure(office.state, ["192.168.7.7"])
    page = client.get("/certificate", headers={"user-agent": "Mozilla/5.0 (iPhone)"})
    assert page.status_code == 200
    groups = re.search(r'class="fingerprint">(.*?)</code>', page.text, re.DOTALL)
    assert groups is not None
    assert ":".join(part for part in groups.group(1).split("<br>") if part) == authority.fingerprint(office.state)
    assert [system for opened, system in re.findall(r"<details( open)?><summary>([^<]*)", page.text) if opened] == ["iPhone, iPad"]
    der = client.get("/certificate/seatbox.crt")
    assert der.headers["content-type"] == "application/x-x509-ca-cert"
    assert x509.load_der_x509_certificate(der.content) == x509.load_pem_x509_certificate(client.get("/certificate/seatbox.pem").content)


def test_a_box_without_a_certificate_says_so_in_place_of_a_guide(client: Client) -> None:
    page = client.get("/certificate")
    assert page.status_code == 200 and "--listen" in page.text and "seatbox.crt" not in page.text
    assert client.get("/certificate/seatbox.crt").status_code == 404
