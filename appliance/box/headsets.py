"""The headset seats of a box (A2): a process for each, its signs of life, an alarm while one is not there."""

import asyncio
from collections.abc import Callable, Iterable, Mapping

from appliance.base.ids import SeatId
from appliance.hw.headset_link import Headset
from firmware_cfg.document import Seat


class Headsets:
    """`answered(seat)`: it moves sound, and may be offered calls; `alarm(key, text or None)`."""

    def __init__(self, answered: Callable[[SeatId], None], alarm: Callable[[str, str | None], None]) -> None:
        self._answered, self._alarm = answered, alarm
        self._running: dict[str, Headset] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self.said: dict[str, dict[str, object]] = {}
        """Seat -> its last word: `{"is":"open","device","rate"}`, `{"is":"alive","underruns"}` or `{"is":"gone","why"}`."""

    def has(self, seat: str) -> bool:
        return seat in self._running

    def configure(self, seats: Iterable[Seat], rings: Mapping[str, str]) -> None:
        """Starts what is new, ends what is gone or has another device; the others go on, calls too."""
        wanted = {seat.id: seat for seat in seats if seat.kind == "headset" and seat.device}
        for name, headset in list(self._running.items()):
            if name not in wanted or wanted[name].device != headset.device:
                task = asyncio.ensure_future(self._running.pop(name).stop())
                self._ending.add(task)
                task.add_done_callback(self._ending.discard)
                self._alarm(f"headset.{name}", None)
        for name, seat in wanted.items():
            if name not in self._running:
                headset = self._running[name] = Headset(f"headset of seat {name}", str(seat.device), rings[name], self._hear(seat))
                headset.start()

    def _hear(self, seat: Seat) -> Callable[[dict[str, object]], None]:
        name = seat.name or seat.id

        def heard(words: dict[str, object]) -> None:
            self.said[seat.id] = words
            if words["is"] == "alive":
                self._answered(SeatId(seat.id))
            self._alarm(f"headset.{seat.id}", f"headset of seat {name} gives no sound: {words['why']}" if words["is"] == "gone" else None)

        return heard

    async def stop(self) -> None:
        """Ends all of them."""
        await asyncio.gather(*self._ending, *(headset.stop() for headset in self._running.values()))
        self._running.clear()
