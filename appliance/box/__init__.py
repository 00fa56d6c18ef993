"""The composition root (E5): `seatbox run`. parts.py is the parts list, office.py the face to the page."""

import asyncio
import contextlib
import fcntl
import gc
import logging
import os
import signal
import socket
import ssl
import sys
from hashlib import sha256
from pathlib import Path

import uvicorn

from appliance.base.errors import SeatboxError
from appliance.box.exchange_link import ExchangeLink
from appliance.box.office import BoxOffice
from appliance.box.parts import Parts
from appliance.people.accounts import Accounts
from appliance.people.demo import demo_credentials
from appliance.web import authority
from appliance.web.app import create_app
from firmware_cfg import check
from firmware_cfg.document import Document
from firmware_cfg.findings import ConfigErrors

log = logging.getLogger("seatbox")

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def main(state: Path, config: Path, listen: str, demo: bool, *, may_move: bool = False) -> int:
    """Runs the appliance in the foreground; the exit code. `may_move`: a taken port may be changed for the next free one.

    Prints `ready URL` on standard output when every line has left `starting`; all else goes to the log on standard error.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)-7s %(message)s")
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _only_box_on(state), _listening(listen, may_move) as listener:
            return asyncio.run(_run(state, config, listener, demo))
    except ConfigErrors as error:
        print(error, file=sys.stderr)
        return 1
    except (SeatboxError, OSError) as error:
        print(f"seatbox: {error}", file=sys.stderr)
        return 1


@contextlib.contextmanager
def _only_box_on(state: Path):  # type: ignore[no-untyped-def]
    """Two boxes on one state would write two histories."""
    descriptor = os.open(state / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise SeatboxError(f"another box runs on {state}: stop it, or give --state another directory") from None
    try:
        yield
    finally:
        os.close(descriptor)


def _listening(listen: str, may_move: bool) -> socket.socket:
    """A bound socket; the address says which port it is."""
    host, _, port_text = listen.rpartition(":")
    host = host.strip("[]")
    if not host or not port_text.isdigit() or int(port_text) > 65535:
        raise SeatboxError(f"--listen {listen}: not an address; write HOST:PORT, for example 127.0.0.1:8080")
    port = int(port_text)
    for attempt in range(20):
        # the protocol is named: with 0 asyncio leaves Nagle's delay on, and each answer takes 40 ms
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port + attempt))
            if attempt:
                print(f"port {port} is taken by another program; using {port + attempt}", file=sys.stderr)
            return listener
        except OSError as error:
            listener.close()
            if not may_move or port == 0:
                raise SeatboxError(f"cannot listen on {listen}: {error.strerror}; choose another with --listen HOST:PORT") from None
    raise SeatboxError(f"ports {port} to {port + 19} are all taken; choose another with --listen HOST:PORT")


async def _run(state: Path, config: Path, listener: socket.socket, demo: bool) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    document = check.load(config)
    host, port = listener.getsockname()[:2]
    tls = None if host in LOOPBACK else authority.ensure(state, [host])
    shown = _address_to_show(host)
    url = f"{'https' if tls else 'http'}://{f'[{shown}]' if ':' in shown else shown}:{port}"

    parts = Parts(state, document, host, tls)
    accounts = Accounts(state, parts.clock, lambda facts: parts.publish(list(facts)))
    accounts.know({agent.id: agent.role for agent in document.agent})
    exchange = ExchangeLink(state / "exchange") if demo else None
    if exchange is not None:
        exchange.start()
    try:
        await parts.start()
        office = BoxOffice(parts, state, exchange)
        _first_words(accounts, state, url, demo)
        if tls is not None:
            print(f"browsers learn to trust this box at {url}/certificate, fingerprint {authority.fingerprint(state)}", file=sys.stderr)
        server = _server(create_app(office, accounts), tls)
        serving = asyncio.create_task(server.serve(sockets=[listener]), name="pages")
        watching = [asyncio.create_task(_watch(config, parts, accounts), name="configuration")]
        if tls is not None:
            watching.append(asyncio.create_task(_renew(state, host, server), name="certificate"))
        await parts.until_ready()
        gc.collect()
        gc.freeze()  # a collection of the start-up's objects would stop the loop for tens of ms
        print(f"ready {url}", flush=True)
        await asyncio.wait([serving, asyncio.create_task(stop.wait())], return_when=asyncio.FIRST_COMPLETED)
        log.info("stopping: live calls stay up at the modems")
        for task in watching:
            task.cancel()
        parts.changes.close()  # else each open stream keeps the page's server waiting, and its end is a traceback
        server.should_exit = True
        await asyncio.wait([serving], timeout=5)
    finally:
        await parts.stop()
        if exchange is not None:
            await exchange.stop()
    return 0


class _Server(uvicorn.Server):
    """Signals are the box's own."""

    def install_signal_handlers(self) -> None:
        pass

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        yield


def _server(app: object, tls: tuple[Path, Path] | None) -> uvicorn.Server:
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=2,
        ssl_certfile=str(tls[0]) if tls else None,
        ssl_keyfile=str(tls[1]) if tls else None,
        ssl_version=ssl.PROTOCOL_TLS_SERVER,
    )
    return _Server(config)


def _first_words(accounts: Accounts, state: Path, url: str, demo: bool) -> None:
    """Address, first password (shown once), and where the state lies."""
    print(f"Seatbox: {url}   state: {state}", file=sys.stderr)
    if demo:
        credentials = demo_credentials(state, url)
        known = f"password {credentials['password']}" if credentials["password"] else "the password that was set for it"
        print(f"sign in as {credentials['user']} with {known}", file=sys.stderr)
    elif (password := accounts.first_password()) is not None:
        print(f"sign in as admin with password {password}  (shown once; `seatbox password` sets another)", file=sys.stderr)


def _address_to_show(host: str) -> str:
    """Of a box that listens everywhere: the address by which others on the LAN reach it."""
    if host not in ("0.0.0.0", "::"):
        return host
    outside = [found for found in authority.own_hosts() if found[:1].isdigit() and not found.startswith("127.")]
    return outside[0] if outside else "127.0.0.1"


async def _renew(state: Path, host: str, server: uvicorn.Server) -> None:
    """Once a day: a certificate that ends soon is made anew and taken up without a restart (the gateway sees the new file by itself)."""
    while True:
        await asyncio.sleep(24 * 3600)
        chain, key = await asyncio.to_thread(authority.ensure, state, [host])
        if server.config.ssl is not None:
            server.config.ssl.load_cert_chain(chain, key)


async def _watch(config: Path, parts: Parts, accounts: Accounts) -> None:
    """The configuration is read again when its file changes; one with mistakes changes nothing and is an alarm."""
    known = _fingerprint(config)
    while True:
        await asyncio.sleep(1.0)
        now = _fingerprint(config)
        if now == known:
            continue
        known = now
        try:
            document: Document = await asyncio.to_thread(check.load, config)
        except (ConfigErrors, OSError) as error:
            log.error("the configuration is not taken over: %s", error)
            parts.alarms.raise_("config", f"the configuration is not taken over: {error}")
            continue
        parts.alarms.clear("config")
        parts.configure(document, sha256=now or "")
        accounts.know({agent.id: agent.role for agent in document.agent})
        log.info("the configuration was read again")


def _fingerprint(path: Path) -> str | None:
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None
