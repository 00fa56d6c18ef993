"""Starts the exchange where none answers (A1). It lives in a session of its own and survives the box."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from appliance.base.errors import SeatboxError

START_S: Final = 10.0


class ExchangeSilent(SeatboxError):
    """The exchange did not come up."""


def ensure(state: Path, trunks: Sequence[Mapping[str, Any]], phones: Mapping[str, Any] | None = None) -> bool:
    """Make sure an exchange answers at DIR/exchange/socket; True where it had to be started. Blocks for 10 s at most.

    trunks: `{"line", "dialect", "number", "ports": [paths from DIR, or absolute]}`. phones: number to the body of PUT /phones.
    """
    folder = state / "exchange"
    state.mkdir(mode=0o700, parents=True, exist_ok=True)  # recordings will lie in it
    folder.mkdir(exist_ok=True)
    if answers(folder):
        return False
    new = folder / "network.json.new"
    new.write_text(json.dumps({"trunks": [dict(trunk) for trunk in trunks], "phones": dict(phones or {})}, ensure_ascii=False))
    new.replace(folder / "network.json")
    with (folder / "log").open("ab") as log:
        command = [sys.executable, "-m", "appliance.exchange", "--state", str(state)]
        home = str(Path(__file__).parents[2])
        path = os.pathsep.join(filter(None, [home, os.environ.get("PYTHONPATH")]))
        started = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, env={**os.environ, "PYTHONPATH": path}
        )
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        if answers(folder):
            threading.Thread(target=started.wait, name="exchange-end", daemon=True).start()  # takes note of its end some day
            return True
        if started.poll():  # 0: another box started one at the same moment, and it is that one which will answer
            raise ExchangeSilent(f"the simulated exchange ended at its start; see {folder / 'log'}")
        time.sleep(0.02)
    raise ExchangeSilent(f"the simulated exchange did not answer within {START_S:.0f} s; see {folder / 'log'}")


def answers(folder: Path) -> bool:
    """Whether an exchange answers at `folder`/socket; paths of any length. The asker counts as a box: it has a minute from here again."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(1.0)
            client.connect(f"/proc/self/fd/{descriptor}/socket")
            client.sendall(b'{"hello": "box"}\n')
            return bool(client.recv(4096))
    except OSError:
        return False
    finally:
        os.close(descriptor)
