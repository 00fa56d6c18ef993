"""`python -m appliance.exchange --state DIR`: the simulated telephone exchange as a program of its own (A1)."""

import argparse
import asyncio
import contextlib
import fcntl
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from appliance.exchange._pace import Engine
from appliance.exchange.network import Network
from appliance.exchange.requests import Requests
from appliance.exchange.server import ALONE_S, Server
from appliance.exchange.wiring import Wiring

CARDS: Final = ("card:", "usb:")
ENDING_S: Final = 5.0  # an exchange that is ending is waited for


async def run(state: Path, alone_s: float) -> None:
    """Read DIR/exchange/network.json, serve until no box has been there for `alone_s`, or SIGTERM."""
    folder = state / "exchange"
    description = json.loads((folder / "network.json").read_text())
    sounds, heard = folder / "sounds", folder / "heard"
    sounds.mkdir(exist_ok=True)
    shutil.rmtree(heard, ignore_errors=True)
    heard.mkdir()
    network = Network(heard, lambda: datetime.now().astimezone())
    wiring = Wiring(network, Engine())
    for trunk in description["trunks"]:
        cards = [port for port in trunk["ports"] if port.startswith(CARDS)]
        links = [folder / f"{trunk['line']}-card" if port in cards else state / port for port in trunk["ports"]]
        wiring.add(trunk["line"], trunk["dialect"], trunk["number"], links, bool(cards))
    requests = Requests(network, wiring, sounds)
    for number, phone in description.get("phones", {}).items():
        await requests.ask({"method": "PUT", "path": f"/phones/{number}", "body": phone})
    server = Server(requests, folder, alone_s)
    loop = asyncio.get_running_loop()
    for number_of_signal in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number_of_signal, server.gone.set)
    running = asyncio.create_task(wiring.run())
    running.add_done_callback(lambda _: server.gone.set())
    async with await server.serve():
        (folder / "pid").write_text(f"{os.getpid()}\n")
        await server.gone.wait()
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


def main() -> None:
    parser = argparse.ArgumentParser(prog="exchange", description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--alone-s", type=float, default=ALONE_S, help="ends itself so many seconds after the last box")
    args = parser.parse_args()
    folder = args.state.resolve() / "exchange"
    with _only_one_at(folder) as first:
        if not first:
            print(f"another exchange is at {folder}", file=sys.stderr)
            return
        try:
            asyncio.run(run(args.state.resolve(), args.alone_s))
        finally:
            _tidy(folder)


def _tidy(folder: Path) -> None:
    """Takes away what is ours: DIR may have been thrown away and made again meanwhile, with another exchange in it."""
    with contextlib.suppress(OSError, ValueError):
        if int((folder / "pid").read_text()) == os.getpid():
            (folder / "pid").unlink()
            (folder / "socket").unlink()


@contextlib.contextmanager
def _only_one_at(folder: Path) -> Iterator[bool]:
    """Whether this is the only exchange at `folder`: two would take each other's socket and links."""
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        until = time.monotonic() + ENDING_S
        while not (first := _locked(descriptor)) and time.monotonic() < until:
            time.sleep(0.05)
        yield first
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


if __name__ == "__main__":
    main()
