"""Foreign programs against `seatbox modem` (A1): started, fed, ended."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from appliance.exchange._pace import encoded

VOICE_CONF = """part generic
voice_log_level 4
voice_dir {spool}
phone_owner root
phone_group root
port_speed 115200
voice_shell /bin/sh
rec_compression {compression}
rec_speed 8000
rec_max_len 3
do_hard_flow true
forceV253 TRUE
enable_compression_mapping_querry FALSE
program vm
voice_devices none
port {port}
port_speed 115200
"""


@contextlib.contextmanager
def modem(dialect: str, link: Path, script: Path | None = None) -> Iterator["subprocess.Popen[str]"]:
    """A running `seatbox modem`; its first line has been read."""
    call = "import sys; from appliance.exchange.modem_command import main; sys.exit(main(sys.argv[1], sys.argv[2], *sys.argv[3:]))"
    command = [sys.executable, "-c", call, dialect, str(link), *([str(script)] if script else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == f"command-port {link}\n"
        try:
            yield program
        finally:
            program.terminate()
            program.wait(10)


def vm(folder: Path, conf: str, *words: str) -> "subprocess.CompletedProcess[str]":
    """mgetty-voice's vm with a configuration of its own: it knows only /etc/mgetty, so a private mount stands there."""
    (folder / "voice.conf").write_text(conf)
    mount = 'mount --bind "$0" /etc/mgetty/voice.conf && exec vm "$@"'
    command = ["unshare", "-m", "sh", "-c", mount, str(folder / "voice.conf"), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def decoded(data: bytes, codec: int) -> np.ndarray:
    """Samples of bytes in one of the pace's codecs: the middle of each step."""
    steps: dict[int, list[int]] = {}
    every = range(-32768, 32768, 4)
    for sample, code in zip(every, encoded(np.array(every, np.int16), codec), strict=True):
        steps.setdefault(code, []).append(sample)
    table = np.array([np.mean(steps.get(code, [0])) for code in range(256)])
    return table[np.frombuffer(data, np.uint8)].astype(np.int16)
