"""What the box says and plays (A5)."""

from appliance.events import Event


class PromptSet(Event, frozen=True, kw_only=True):
    """`source`: "text", "file", or "" where it was taken away. `sha256`: of the sound's samples as the line gets them."""

    name: str
    language: str
    by: str
    source: str
    text: str = ""
    sha256: str = ""
