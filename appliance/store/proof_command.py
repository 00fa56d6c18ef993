"""`seatbox head` and `seatbox proof`: for whoever checks the box from outside (A7)."""

import json
import sqlite3
import sys
from pathlib import Path

from appliance.base.errors import NotFound, Refused, SeatboxError
from appliance.events.recording import HeadPrinted
from appliance.store import table
from appliance.store.proof import heads, last_entry, proof_of

SAID = {
    "proof.no_head": "no head was printed since this recording was sealed; one comes with each day, or by the page at once",
    "proof.old_seal": "this recording was sealed by an older Seatbox, whose seals do not name their blocks; `seatbox verify` checks it",
    "proof.cut": "the entry before one of the proof is missing: see `seatbox verify`",
}


def _journal(state: Path) -> Path:
    path = state / table.NAME
    if not path.exists():
        raise SeatboxError(f"{state} holds no journal; name the box's state directory with --state")
    return path


def head(state: Path, day: str | None) -> int:
    """Prints each printed head, and the chain's end; 1 where the asked day has none."""
    try:
        found = [entry for entry in heads(_journal(state)) if isinstance(entry.event, HeadPrinted) and day in (None, entry.event.day)]
        last = last_entry(_journal(state))
    except sqlite3.Error as why:
        raise SeatboxError(f"the journal cannot be read ({why}): see `seatbox verify`") from None
    for entry in found:
        assert isinstance(entry.event, HeadPrinted)
        print(f"{entry.event.day} head {entry.number} {entry.hash.hex()} by {entry.event.by}, {len(entry.event.seals) // 32} recordings")
    if day is None and last is not None:
        print(f"now head {last[0]} {last[1].hex()}")
    if day is not None and not found:
        print(f"no head was printed for {day}", file=sys.stderr)
    return 0 if found or day is None else 1


def proof(state: Path, call: str, out: Path | None) -> int:
    try:
        text = json.dumps(proof_of(_journal(state), call))
    except NotFound as why:
        raise SeatboxError(str(why)) from None
    except Refused as why:
        raise SeatboxError(f"call {call}: {SAID[why.key]}") from None
    except sqlite3.Error as why:
        raise SeatboxError(f"the journal cannot be read ({why}): see `seatbox verify`") from None
    if out is None:
        print(text)
    else:
        out.write_text(text + "\n")
    return 0
