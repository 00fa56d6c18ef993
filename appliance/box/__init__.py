"""The composition root (E5): `seatbox run`. parts.py is the parts list, pages.py what people see, office.py the face between."""

import asyncio
import contextlib
import fcntl
import importlib
import logging
import os
import signal
import socket
import sys
from pathlib import Path

from appliance.base.errors import SeatboxError
from appliance.box.exchange_link import ExchangeLink
from appliance.box.parts import Parts
from firmware_cfg import check
from firmware_cfg.findings import ConfigErrors

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
    """Lines and calls first: who is in a call must hear again as soon as may be. What only the pages need is loaded after."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    document = check.load(config)
    host = listener.getsockname()[0]
    tls = None if host in LOOPBACK else _certificate(state, host)

    parts = Parts(state, document, host, tls)
    exchange = ExchangeLink(state / "exchange") if demo else None
    if exchange is not None:
        exchange.start()
    try:
        await parts.start()
        await parts.until_asked()
        pages = await asyncio.to_thread(importlib.import_module, "appliance.box.pages")
        await pages.serve(parts, config, listener, tls, exchange, stop)
    finally:
        await parts.stop()
        if exchange is not None:
            await exchange.stop()
    return 0


def _certificate(state: Path, host: str) -> tuple[Path, Path]:
    from appliance.web import authority  # it takes a tenth of a second to load

    return authority.ensure(state, [host])
