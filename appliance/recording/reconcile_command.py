"""`seatbox reconcile`: calls without a recording, recordings without a call, of a day (A7). It changes nothing and needs no running box."""

import sqlite3
from datetime import date
from pathlib import Path

from appliance.base.errors import SeatboxError
from appliance.recording.reconcile import bounds, foreign, reconcile, register_of
from appliance.store import table

SAID = {
    "no_recording": "was picked up and has no recording",
    "unsealed": "has a recording that is not sealed",
    "short": "has a recording that is shorter than the call",
    "file_missing": "has a recording whose file is missing",
    "no_call": "is a recording without a call",
    "foreign": "is a file that no call recorded",
}


def main(state: Path, day: str | None) -> int:
    """1 where something is missing."""
    day = day or date.today().isoformat()
    try:
        begin, end = bounds(day)
    except ValueError:
        raise SeatboxError(f"{day!r} is no day; write it as 2026-11-24") from None
    if not (state / table.NAME).exists():
        raise SeatboxError(f"{state} holds no journal; name the box's state directory with --state")
    try:
        with register_of(table.read_entries(state / table.NAME)) as register:
            found = reconcile(register, state / "recordings", begin, end) + foreign(state / "recordings", register.paths())
            calls = len(register.of_day(begin, end))
    except sqlite3.Error as why:
        raise SeatboxError(f"the journal cannot be read ({why}): see `seatbox verify`") from None
    for each in found:
        print(f"{each.about} {SAID[each.what]}{f' ({each.detail})' if each.detail else ''}")
    print(f"{day}: {calls} calls picked up or recorded, {len(found)} differences")
    return 1 if found else 0
