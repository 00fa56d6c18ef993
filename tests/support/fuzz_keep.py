"""`python -m tests.support.fuzz_keep FOLDER`: of what a soak left in FOLDER/corpus, the little that reaches something new is kept.

New is a step from line to line of our own code that neither the seeds nor a smaller input takes. A few kilobytes a target; what is kept
already, and what was a defect once, stays.
"""

import hashlib
import sys
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from tests.support.fuzz_corpus import FOUND, seeds
from tests.support.fuzz_targets import TARGETS, Target

MOST_BYTES = 4_000
MOST_FILES = 20
LARGEST = 1_000
LOOKED_AT = 600
OURS = ("/appliance/", "/firmware_cfg/")

Step = tuple[CodeType, int, int]


def steps_of(target: Target, data: bytes) -> set[Step]:
    found: set[Step] = set()

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if event == "call" and not any(ours in frame.f_code.co_filename for ours in OURS):
            return None
        code, before = frame.f_code, frame.f_lineno

        def within(frame: FrameType, event: str, _: Any) -> Any:
            nonlocal before
            if event == "line":
                found.add((code, before, frame.f_lineno))
                before = frame.f_lineno
            return within

        return within

    sys.settrace(trace)
    try:
        target.run(data)
    finally:
        sys.settrace(None)
    return found


def keep(target: Target, left: Path) -> int:
    """So many files."""
    known: set[Step] = set()
    for data in seeds(target.name):
        known |= steps_of(target, data)
    kept = size = 0
    for path in sorted(left.iterdir(), key=lambda path: path.stat().st_size)[:LOOKED_AT]:
        data = path.read_bytes()
        if not 0 < len(data) <= LARGEST or kept == MOST_FILES or size + len(data) > MOST_BYTES:
            continue
        new = steps_of(target, data) - known
        if new:
            known |= new
            folder = FOUND / target.name
            folder.mkdir(parents=True, exist_ok=True)
            (folder / hashlib.sha256(data).hexdigest()[:12]).write_bytes(data)
            kept, size = kept + 1, size + len(data)
    return kept


def main() -> None:
    for target in TARGETS:
        left = Path(sys.argv[1]) / "corpus" / target.name
        if left.is_dir():
            print(f"{target.name}: {keep(target, left)} kept", flush=True)


if __name__ == "__main__":
    main()
