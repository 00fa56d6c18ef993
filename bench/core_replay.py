"""Replays packed rows through the core: `python -m bench.core_replay FILE ROWS`. For callgrind, which counts what `Acd.run` does."""

import sys
from array import array
from pathlib import Path

from appliance.core import Acd, trace


def main() -> None:
    rows = array("q")
    rows.frombytes(Path(sys.argv[1]).read_bytes())
    Acd().run(rows[: int(sys.argv[2]) * trace.INPUT_WIDTH])


if __name__ == "__main__":
    main()
