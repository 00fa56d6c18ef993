"""The eight lights of a seat (E1): one source for the lamps and the page.

Colour helps those who see it; the rhythm alone tells all eight apart, on a lamp of one colour and to a person who sees none. After the
trade's habits (green: may take a call; fast: rings; steady: talks), with marks cut into or put on the steady ones. No light flashes more
than three times in any second (WCAG 2.3.1).
"""

from typing import Final

import msgspec


class Pattern(msgspec.Struct, frozen=True):
    """`rhythm`: on and off times in ms, again and again; `colour`: a word, of which a page makes a shade and a lamp its pins."""

    colour: str
    rhythm: tuple[tuple[int, int], ...]

    @property
    def cycle_ms(self) -> int:
        """Length of one round."""
        return sum(on + off for on, off in self.rhythm)


PATTERNS: Final[dict[str, Pattern]] = {
    "logged_out": Pattern("none", ((0, 2000),)),  # dark
    "free": Pattern("green", ((2000, 0),)),  # steady
    "ringing": Pattern("amber", ((200, 200),)),  # fast
    "talking": Pattern("red", ((1800, 200),)),  # on, one gap every 2 s
    "held": Pattern("red", ((1000, 1000),)),  # slow
    "wrap_up": Pattern("blue", ((100, 900),)),  # a short pulse each second
    "paused": Pattern("amber", ((1400, 200), (200, 200))),  # on, two gaps every 2 s
    "fault": Pattern("red", ((100, 150), (100, 1650))),  # a double flash every 2 s
}


def level(pattern: Pattern, t_ms: int) -> bool:
    """Is it on, `t_ms` (0 and up) after it began?"""
    at = t_ms % pattern.cycle_ms
    for on, off in pattern.rhythm:
        if at < on:
            return True
        at -= on + off
        if at < 0:
            return False
    return False


def next_change_ms(pattern: Pattern, t_ms: int) -> int | None:
    """When it changes next after `t_ms`; None for a steady or dark one."""
    begin = t_ms - t_ms % pattern.cycle_ms
    at = begin
    edges = []
    for on, off in pattern.rhythm:
        edges += [at + on, at + on + off]
        at += on + off
    edges += [begin + pattern.cycle_ms + pattern.rhythm[0][0]]
    now = level(pattern, t_ms)
    return next((edge for edge in edges if edge > t_ms and level(pattern, edge) != now), None)
