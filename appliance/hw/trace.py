"""Every byte of one line in the log, numbers masked (A1): for a technician who looks for a fault."""

import logging
import re
from typing import Final

from appliance.base.phone_numbers import masked

log = logging.getLogger(__name__)

_NUMBER: Final = re.compile(r"\+?[0-9]{5,}|(?=[0-9A-Fa-f]*[0-9])[0-9A-Fa-f]{10,}")  # dialled, IMEI, IMSI; hex: numbers in PDUs, texts
_TAIL: Final = re.compile(r"\+?[0-9A-Fa-f]+\Z")
_HELD: Final = 512


class Trace:
    """Numbers may come in pieces, byte by byte: the end of a piece that may go on is held back until it cannot."""

    def __init__(self, line: str) -> None:
        self.on = False
        self._line = line
        self._held = {"<": "", ">": ""}

    def read(self, data: bytes) -> None:
        self._add("<", data)

    def written(self, data: bytes) -> None:
        self._add(">", data)

    def flush(self) -> None:
        """What is still held back; a number cut here is masked whole."""
        for way in self._held:
            rest, self._held[way] = self._held[way], ""
            if rest:
                self._say(way, "*" * len(rest))

    def _add(self, way: str, data: bytes) -> None:
        if not self.on or not data:
            return
        text = self._held[way] + data.decode("latin-1")
        tail = _TAIL.search(text)
        cut = tail.start() if tail is not None and len(text) - tail.start() <= _HELD else len(text)
        self._held[way] = text[cut:]
        if cut:
            self._say(way, _NUMBER.sub(lambda match: masked(match[0]), text[:cut]))

    def _say(self, way: str, text: str) -> None:
        log.info("line %s %s %s", self._line, way, text.encode("latin-1").decode("latin-1").encode("unicode_escape").decode("ascii"))
