"""`seatbox proof`, `seatbox head`: what an outsider needs to check one recording against a printed head, and nothing of other calls (A7).

The seal names its blocks, a head names the seals before it; each entry is given with the hash before it, so that its own can be computed.
docs/prove_recording.py is the outsider's side.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from appliance.base.errors import NotFound, Refused
from appliance.events.recording import HeadPrinted, RecordingBegan, RecordingBlock, RecordingSealed
from appliance.store.entry import GENESIS, Entry
from appliance.store.table import ENDS, HEADS, read_entries

BLOCKS = ("RecordingBegan", "RecordingBlock", "RecordingSealed")


def heads(journal: Path) -> Iterator[Entry]:
    """Every printed head, oldest first."""
    return (entry for entry in read_entries(journal, kinds=HEADS) if isinstance(entry.event, HeadPrinted))


def proof_of(journal: Path, call: str) -> dict[str, Any]:
    """The proof as JSON has it. Raises NotFound where the call has no sealed recording, Refused where no head was printed since.

    Reads the journal from the call's begin to the next head: some seconds where that is a busy day; never on the event loop.
    """
    began = seal = None
    for entry in read_entries(journal, kinds=ENDS):
        match entry.event:
            case RecordingBegan(call=name) if name == call:
                began = entry
            case RecordingSealed(call=name) if name == call:
                seal = entry
    if began is None or seal is None or not isinstance(seal.event, RecordingSealed):
        raise NotFound(f"there is no sealed recording of call {call}")
    if not seal.event.blocks:
        raise Refused("proof.old_seal", call=call)
    head = next((entry for entry in read_entries(journal, seal.number, HEADS) if _names(entry, seal)), None)
    if head is None:
        raise Refused("proof.no_head", call=call)
    blocks = [
        entry.event.blake2b
        for entry in _until(read_entries(journal, began.number, BLOCKS), seal.number)
        if isinstance(entry.event, RecordingBlock) and entry.event.call == call
    ]
    size = seal.event.size
    return {"call": call, "size": size, "blocks": blocks, "seal": _shown(journal, seal), "head": _shown(journal, head)}


def _names(head: Entry, seal: Entry) -> bool:
    return isinstance(head.event, HeadPrinted) and seal.hash in head.event.seals


def _until(entries: Iterator[Entry], number: int) -> Iterator[Entry]:
    for entry in entries:
        if entry.number >= number:
            return
        yield entry


def _shown(journal: Path, entry: Entry) -> dict[str, Any]:
    before = next(read_entries(journal, entry.number - 2), None) if entry.number > 1 else None
    if entry.number > 1 and (before is None or before.number != entry.number - 1):
        raise Refused("proof.cut", number=str(entry.number - 1))
    return {
        "number": entry.number,
        "at_ms": entry.at_ms,
        "utc_ms": entry.utc_ms,
        "utc_trusted": int(entry.utc_trusted),
        "boot": entry.boot,
        "tenant": str(entry.tenant),
        "kind": entry.kind,
        "body": entry.body.hex(),
        "before": (before.hash if before is not None else GENESIS).hex(),
    }


def last_entry(journal: Path) -> tuple[int, bytes] | None:
    """Number and hash of the journal's last entry on the disk. Raises sqlite3.Error."""
    connection = sqlite3.connect(f"{journal.resolve().as_uri()}?mode=ro", uri=True, timeout=10.0)
    try:
        row = connection.execute("SELECT number, hash FROM entries ORDER BY number DESC LIMIT 1").fetchone()
    finally:
        connection.close()
    return (int(row[0]), bytes(row[1])) if row else None
