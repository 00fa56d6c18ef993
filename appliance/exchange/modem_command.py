"""`seatbox modem`: one simulated modem on a pseudo-terminal for real client programs (A1), with a small network behind it.

Whoever it dials answers 2 s after the first ring; a script (script.py) says otherwise, rings it, breaks it.
"""
# ruff: noqa: ARG005 -- every command, act or verb is called the same way

import asyncio
import contextlib
import signal
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Final

from appliance.exchange._pace import Engine
from appliance.exchange.calls import FarEnd
from appliance.exchange.network import Network, Refusal
from appliance.exchange.script import BadScript, Script
from appliance.exchange.serial_server import SerialServer
from appliance.exchange.wiring import DIALECTS, Wiring

NUMBER: Final = "13800000000"


def main(dialect: str, link: str | None = None, script: str | None = None, rfc2217: str | None = None) -> int:
    """Runs until SIGTERM or SIGINT. 0 done, 2 wrong use; messages on standard error. rfc2217: HOST:PORT of a serial server before it."""
    if dialect not in DIALECTS:
        return _wrong(f"there is no dialect {dialect}; there are {', '.join(DIALECTS)}")
    host, _, port = (rfc2217 or "").rpartition(":")
    if rfc2217 is not None and (dialect != "v253" or not host or not port.isdigit() or int(port) > 65_535):
        return _wrong(f"--rfc2217 takes HOST:PORT and the dialect v253, not {rfc2217} with {dialect}")
    try:
        steps = Script(Path(script).read_text() if script is not None else "")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        return _wrong(f"{script}: {error}")
    with tempfile.TemporaryDirectory(prefix="seatbox-modem-") as folder:
        try:
            return asyncio.run(_run(dialect, link, steps, Path(folder), (host, int(port)) if rfc2217 is not None else None))
        except (OSError, BadScript, Refusal) as error:
            return _wrong(str(error))


def _wrong(sentence: str) -> int:
    print(f"seatbox modem: {sentence}", file=sys.stderr)
    return 2


def _say(line: str) -> None:
    print(line, flush=True)


async def _run(dialect: str, link: str | None, script: Script, folder: Path, served: tuple[str, int] | None) -> int:
    network = Network(folder, lambda: datetime.now().astimezone(), anyone=FarEnd())
    network.message = lambda line, to, text, now: _say(f"sms {to} {text}".replace("\n", " "))
    wiring = Wiring(network, Engine())
    command = Path(link) if link is not None else folder / "command"
    links = [command, command.with_name(command.name + "-audio")][: DIALECTS[dialect]]
    wiring.add("modem", dialect, NUMBER, links)
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    running = asyncio.create_task(wiring.run())
    for word, port in zip(("command-port", "audio-port"), links, strict=False):
        _say(f"{word} {port if link is not None else port.readlink()}")
    if served is not None:
        server = SerialServer(wiring.wires["modem"].trunk, links[0])
        _say("rfc2217 {}:{}".format(*await server.start(*served)))
    following = asyncio.create_task(script.run(network, wiring.wires["modem"], Path.cwd()))
    following.add_done_callback(lambda task: over.set() if not task.cancelled() and task.exception() else None)
    await over.wait()
    for task in (following, running):
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    if following.done() and not following.cancelled() and (error := following.exception()) is not None:
        raise error
    return 0
