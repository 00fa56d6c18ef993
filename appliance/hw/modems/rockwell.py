"""Analog voice modems with Rockwell's #V commands (A1): rings, caller ID, keys; half duplex, so no call is answered or made on them here.

Source: Rockwell AT Command Reference Manual 1048; vgetty's practice.
"""

from appliance.hw.at.chat import Command
from appliance.hw.dialect import Quiet, Script
from appliance.hw.modems.v253 import V253
from appliance.hw.modems.v253_module import HEAD, LEAVES_ANY_STREAM


class Rockwell(V253):
    """Callers are seen with their numbers; what could play and record for them (ADPCM at 7200 Hz) the box does not have."""

    def _start_up(self) -> Script:
        self._lifter.reset()
        self._streaming = self._in_key = self._off_hook = False
        yield Command("", raw=LEAVES_ANY_STREAM + b"!", limit_ms=300, resync=False)
        yield Quiet(300)
        if not (yield from self._wake()):
            self._went_silent()
            return
        yield Command("ATH")
        for text in HEAD + self.profile.init:
            yield Command(text)
        reply = yield Command("AT#CLS=8", good=frozenset({"VCON"}))
        if not reply.ok:
            self._give_up("the modem has no voice mode (AT#CLS=8 was refused): another modem is needed", climb=False)
            return
        yield Command("AT#CID=1")
        self._into_service()

    def _order_answer(self) -> None:
        """Not on this modem: its caller rings on."""

    def _order_dial(self, number: str) -> None:  # noqa: ARG002
        if self.call is None:
            self._refuse_dial()


DIALECT = Rockwell
