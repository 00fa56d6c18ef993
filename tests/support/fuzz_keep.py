"""`python -m tests.support.fuzz_keep FOLDER`: of what a soak left in FOLDER/corpus, the little that reaches something new is kept.

The smallest inputs first, a few kilobytes a target; what is kept already, and what was a defect once, stays.
"""

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.fuzz_corpus import FOUND, seeds
from tests.support.fuzz_targets import TARGETS

MOST_BYTES = 8_000
MOST_FILES = 30
LARGEST = 1_000


def keep(name: str, left: Path) -> int:
    """So many files."""
    folder = FOUND / name
    with tempfile.TemporaryDirectory() as place:
        merged = Path(place) / "merged"
        merged.mkdir()
        command = [sys.executable, "-m", "tests.support.fuzz_run", name, str(merged), str(left), "-merge=1", "-max_len=1000"]
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300, check=False)
        known = set(seeds(name))
        new = sorted((path.read_bytes() for path in merged.iterdir()), key=len)
    kept = size = 0
    for data in new:
        if data in known or not 0 < len(data) <= LARGEST or kept == MOST_FILES or size + len(data) > MOST_BYTES:
            continue
        folder.mkdir(parents=True, exist_ok=True)
        (folder / hashlib.sha256(data).hexdigest()[:12]).write_bytes(data)
        kept, size = kept + 1, size + len(data)
    return kept


def main() -> None:
    for target in TARGETS:
        left = Path(sys.argv[1]) / "corpus" / target.name
        if left.is_dir():
            print(f"{target.name}: {keep(target.name, left)} kept", flush=True)


if __name__ == "__main__":
    main()
