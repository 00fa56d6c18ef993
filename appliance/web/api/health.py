"""GET /health: to everybody whether the box is well; to a person with an account also what is not, and the voice path's ticks."""

from typing import Literal

import msgspec

from appliance.web.api.noun import Noun
from appliance.web.api.shapes import alarms
from appliance.web.ask import Ask
from appliance.web.session import Role

NOUN = Noun("health")


class Audio(msgspec.Struct, frozen=True, kw_only=True):
    ticks: int
    late: int
    p99_ms: float
    worst_ms: float
    underruns: int


class Health(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    status: Literal["ok", "degraded"]
    version: str | None = None
    uptime_s: float | None = None
    alarms: list[str] | None = None
    audio: Audio | None = None


@NOUN.on("GET", "/health", role=None, gives=Health)
async def health(ask: Ask) -> object:
    """Without a token the status alone."""
    given = ask.office.health()
    if ask.known is None:
        return {"status": given["status"]}
    if not ask.known.may(Role.SUPERVISOR):
        return {**given, "alarms": []}
    return {**given, "alarms": alarms(given["alarms"], ask.texts)}
