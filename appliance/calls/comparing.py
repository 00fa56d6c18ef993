"""A comparison (comparison.py) in a process of its own, of which no call hears anything: `python -m appliance.calls.comparing` (A3 E4).

Standard input: one line of JSON, `Task`. Standard output: lines of JSON, `Answer`, each with the share that is done; the last has a result
or why there is none. It ends when its standard input does: with the box, or when nobody wants the result any more.
"""

from __future__ import annotations

import os
import resource
import sys
import threading
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from appliance.calls.comparison import Comparison, NotComparable, compared, whys
from appliance.calls.explanation import MomentOfRouting
from firmware_cfg.document import Document

MOST_BYTES: Final = 768 << 20
"""Of address space. The process begins with 300 MB of it (51 MB of memory); each day that the box ran before the asked one adds 3 MB."""
MOST_CPU_S: Final = 600
TOO_LARGE: Final = "too_large"


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """`call`: why it went to whom, instead of the comparison."""

    state: str
    day: date
    document: Document
    call: str | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`wrong`: a key of comparison.SAID, or TOO_LARGE."""

    share: float = 0.0
    found: Comparison | None = None
    whys: tuple[list[MomentOfRouting], list[MomentOfRouting]] | None = None
    wrong: str | None = None
    words: dict[str, str] = {}


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_S, MOST_CPU_S))
    task = msgspec.json.decode(sys.stdin.buffer.readline(), type=Task)
    threading.Thread(target=_end_with_input, daemon=True).start()
    said = 0.0

    def tell(share: float) -> None:
        nonlocal said
        if share - said >= 0.02:
            said = share
            _say(Answer(share=share))

    try:
        if task.call is None:
            answer = Answer(share=1.0, found=compared(Path(task.state), task.day, task.document, tell))
        else:
            answer = Answer(share=1.0, whys=whys(Path(task.state), task.day, task.document, task.call))
    except NotComparable as why:
        answer = Answer(wrong=why.key, words=why.words)
    except MemoryError:
        answer = Answer(wrong=TOO_LARGE)
    _say(answer)
    return 0


def _say(answer: Answer) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
    sys.stdout.buffer.flush()


def _end_with_input() -> None:
    while os.read(0, 4096):
        pass
    os._exit(3)


if __name__ == "__main__":
    sys.exit(main())
