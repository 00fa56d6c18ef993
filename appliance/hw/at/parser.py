"""Bytes of a command port to lines of text (A1). Whatever comes, memory is bounded and nothing is raised.

Source: V.250 5.7; tolerances of real modules: doubled CR, missing leading CRLF, noise bytes glued to a line, a prompt without a line end.
"""

from typing import Final

PROMPT: Final = ">"
LONGEST: Final = 2048  # bytes; an SMS as PDU has some 400, a long USSD answer some 600

_KEPT: Final = {0x0A, 0x0D, *range(0x20, 0x7F)}
_NOISE: Final = bytes(sorted(set(range(256)) - _KEPT))
_CR_TO_LF: Final = bytes.maketrans(b"\r", b"\n")


class LineParser:
    """Feed it what was read; it gives back whole lines without their ends, empty ones left out.

    `noise` counts the bytes thrown away: control and 8-bit bytes, and lines past LONGEST.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._skipping = False  # inside a line that was too long
        self.noise = 0

    def reset(self) -> None:
        self._rest, self._skipping = b"", False

    def feed(self, data: bytes) -> list[str]:
        clean = data.translate(_CR_TO_LF, _NOISE)
        self.noise += len(data) - len(clean)
        parts = (self._rest + clean).split(b"\n")
        rest = parts.pop()
        if parts and self._skipping:
            self.noise += len(parts.pop(0))
            self._skipping = False
        lines = [part.decode("ascii") for part in (part.strip() for part in parts) if part and self._short(part)]
        if rest.strip() == b">":  # the prompt of AT+CMGS has no line end
            lines.append(PROMPT)
            rest = b""
        self._keep(rest)
        return lines

    def _short(self, part: bytes) -> bool:
        if len(part) <= LONGEST:
            return True
        self.noise += len(part)
        return False

    def _keep(self, rest: bytes) -> None:
        if self._skipping or len(rest) > LONGEST:
            self.noise += len(rest)
            self._rest, self._skipping = b"", True
        else:
            self._rest = rest
