"""What people see of a box: sign-in, pages, interface; the configuration read again (E2 E5). Loaded when the calls are cared for."""

import asyncio
import contextlib
import gc
import logging
import socket
import ssl
import sys
from pathlib import Path

import uvicorn

from appliance.box.config_file import ConfigFile
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


async def serve(
    parts: Parts, config: Path, listener: socket.socket, tls: tuple[Path, Path] | None, exchange: ExchangeLink | None, stop: asyncio.Event
) -> None:
    """Until `stop`. Prints `ready URL` when every line has left `starting`."""
    state, document = parts.state, parts.document
    host, port = listener.getsockname()[:2]
    shown = _address_to_show(host)
    url = f"{'https' if tls else 'http'}://{f'[{shown}]' if ':' in shown else shown}:{port}"
    accounts = Accounts(state, parts.clock, lambda facts: parts.publish(list(facts)))
    accounts.know({agent.id: agent.role for agent in document.agent})
    configuration = ConfigFile(config, state)
    office = BoxOffice(parts, state, exchange, configuration)
    _first_words(accounts, state, url, demo=exchange is not None)
    if tls is not None:
        print(f"browsers learn to trust this box at {url}/certificate, fingerprint {authority.fingerprint(state)}", file=sys.stderr)
    server = _server(create_app(office, accounts), tls)
    serving = asyncio.create_task(server.serve(sockets=[listener]), name="pages")
    watching = [asyncio.create_task(_watch(configuration, parts, accounts), name="configuration")]
    if tls is not None:
        watching.append(asyncio.create_task(_renew(state, host, server), name="certificate"))
    await parts.until_ready()
    while not (server.started or serving.done()):  # lines that are in a call are ready before the page is
        await asyncio.sleep(0.01)
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


def _why_not(error: ConfigErrors | OSError) -> str:
    """An alarm is one line: what is wrong is said where it can be mended, and in the log."""
    if isinstance(error, OSError):
        return f"the configuration is not taken over: {error.strerror}"
    count = len(error.findings)
    return f"the configuration is not taken over, mistakes in it: {count}; Check on the page Configuration names each"


async def _watch(config: ConfigFile, parts: Parts, accounts: Accounts) -> None:
    """The configuration is read again when its file changes; one with mistakes changes nothing and is an alarm."""
    known = config.fingerprint()
    while True:
        await asyncio.sleep(1.0)
        now = config.fingerprint()
        if now == known:
            continue
        known = now
        try:
            document: Document = await asyncio.to_thread(check.load, config.path)
        except (ConfigErrors, OSError) as error:
            log.error("the configuration is not taken over: %s", error)
            parts.alarms.raise_("config", _why_not(error))
            continue
        parts.alarms.clear("config")
        parts.configure(document, sha256=now or "")
        accounts.know({agent.id: agent.role for agent in document.agent})
        log.info("the configuration was read again")
