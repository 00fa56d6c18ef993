"""What was spoken at a seat becomes a prompt (A5): trimmed and levelled as an uploaded one, heard, kept. Who is where: takes.py."""

import asyncio
from typing import Final, Protocol

import numpy as np

from appliance.audio.prompts import Pcm
from appliance.base.errors import NotFound, Refused
from appliance.base.ids import SeatId
from appliance.calls.live import Live
from appliance.calls.ports import Place
from appliance.calls.seats import Seat, Take, TakeStep
from appliance.flow.prompts import Prompts
from appliance.flow.sounds import Sound, for_the_line

LEAST: Final = 100
"""-50 dBFS: where nothing is louder nobody spoke, and a line's own noise is not to be made loud."""


class Ear(Protocol):
    """The sound board, as far as it is needed here."""

    def fetch_captured(self) -> None: ...

    def captured(self, place: Place) -> Pcm: ...

    def make_take(self, place: Place, sound: Pcm) -> None: ...


class Studio:
    """Of the event loop's thread. One take a prompt; its sound is held until the take is over."""

    def __init__(self, live: Live, ear: Ear, prompts: Prompts) -> None:
        self._live, self._ear, self._prompts = live, ear, prompts
        self._made: dict[SeatId, tuple[Take, int, Sound]] = {}  # of which take and try

    def seat(self, name: str, language: str) -> Seat:
        """Where this prompt is spoken now; NotFound."""
        for seat in self._live.seats.values():
            if seat.take is not None and (seat.take.name, seat.take.language) == (name, language):
                return seat
        raise NotFound(f"nobody speaks {name} in {language}")

    def over(self, name: str, language: str) -> str | None:
        """Why the last take of this prompt ended; None where there was none, or one runs."""
        return self._live.takes_over.get((name, language))

    def seconds(self, seat: Seat) -> float:
        """What callers would hear of it; 0.0 where that is not known yet."""
        known = self._known(seat)
        return 0.0 if known is None else round(len(known) / 8000, 2)

    async def make(self, seat: Seat) -> Sound:
        """What was recorded, as callers would hear it; the first time some 10 ms in a thread. Refused where it is empty or silent."""
        take = seat.take
        if take is None or take.step is not TakeStep.RECORDED or take.place is None:
            raise Refused("take.empty")
        if (known := self._known(seat)) is not None:
            return known
        place, tries, spoken = take.place, take.tries, self._ear.captured(take.place)
        if np.abs(spoken.astype(np.int32)).max(initial=0) < LEAST:
            raise Refused("take.silent")
        sound = await asyncio.to_thread(for_the_line, (spoken / np.float32(32768)).astype(np.float32))
        if seat.take is not take or take.step is not TakeStep.RECORDED or take.tries != tries:  # gone meanwhile, or recorded anew
            raise Refused("take.empty")
        self._made[seat.id] = (take, tries, sound)
        self._ear.make_take(place, sound)
        return sound

    def _known(self, seat: Seat) -> Sound | None:
        take, tries, sound = self._made.get(seat.id, (None, 0, None))
        return sound if take is not None and take is seat.take and take.tries == tries else None

    def keep(self, seat: Seat, by: str) -> int:
        """What `make` made is in force from now on; the number of the journal's entry. Refused where there is none, OSError."""
        take, sound = seat.take, self._known(seat)
        if take is None or sound is None or seat.agent is None:
            raise Refused("take.empty")
        return self._prompts.keep(take.name, take.language, sound, "seat", "", by, seat=seat.id, agent=seat.agent)

    def look(self) -> None:
        """Each second."""
        self._ear.fetch_captured()
        open_takes = [seat.take for seat in self._live.seats.values() if seat.take is not None]
        self._made = {name: made for name, made in self._made.items() if any(made[0] is take for take in open_takes)}
