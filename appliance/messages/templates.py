"""Texts that are sent again and again (A5): a ticket's number, the promise to call back. No place in braces is sent empty."""

import re
from collections.abc import Mapping
from typing import Final

from appliance.base.errors import Refused

_PLACE: Final = re.compile(r"\{([^{}\s]{1,30})\}")
LONGEST: Final = 200  # characters of one place


def places(text: str) -> list[str]:
    """`{ticket}` and the like, each once, in their order."""
    return list(dict.fromkeys(_PLACE.findall(text)))


def filled(text: str, words: Mapping[str, str]) -> str:
    """With each place's word. Raises Refused where one has none, or too long a one."""
    for place in places(text):
        word = words.get(place, "").strip()
        if not word:
            raise Refused("message.place", place=place)
        if len(word) > LONGEST:
            raise Refused("message.place_long", place=place, most=str(LONGEST))
    return partly_filled(text, words)


def partly_filled(text: str, words: Mapping[str, str]) -> str:
    """Places without a word stay as they are."""
    return _PLACE.sub(lambda found: words.get(found[1], "").strip() or found[0], text)
