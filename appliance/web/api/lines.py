"""GET /lines, the caps of what they dial (A10), what is left on their cards, and taking a line out of service and back (A1)."""

import msgspec

from appliance.base.errors import NotFound
from appliance.base.ids import LineId
from appliance.calls.commands import DisableLine, EnableLine
from appliance.calls.outgoing import Cap
from appliance.web.api.noun import Noun
from appliance.web.api.shapes import Line, line
from appliance.web.ask import Ask
from appliance.web.session import Role
from appliance.web.shown import iso

NOUN = Noun("lines")


@NOUN.on("GET", "/lines", gives=list[Line])
async def lines(ask: Ask) -> object:
    """The lines; their ports for supervisors."""
    return [line(view, ask.texts, ask.person.may(Role.SUPERVISOR)) for view in ask.office.snapshot().lines]


@NOUN.on("GET", "/lines/caps", role=Role.SUPERVISOR, gives=list[Cap])
async def caps(ask: Ask) -> object:
    """What was used today of each cap on dialling; money in yuan."""
    return ask.office.caps()


class Left(msgspec.Struct, frozen=True):
    """What is left on a line's card: of the last answer `yuan`, `text` and `at`; `why` the latest question had none; `asked_at`."""

    line: str
    yuan: float | None
    text: str
    at: str | None
    why: str
    asked_at: str
    waits: bool


@NOUN.on("GET", "/lines/balances", role=Role.SUPERVISOR, gives=list[Left])
async def balances(ask: Ask) -> object:
    """Of each line whose network was asked."""
    return [
        Left(
            line, None if one.fen is None else one.fen / 100, one.text, None if one.read_ms is None else iso(one.read_ms), one.why,
            iso(one.asked_ms), one.waits,
        )
        for line, one in ask.office.balances().items()
    ]  # fmt: skip


@NOUN.on("POST", "/lines/{id}/balance", role=Role.ADMINISTRATOR, status=202)
async def balance(ask: Ask) -> object:
    """Asks the network now; the answer comes within seconds, at times minutes."""
    await ask.office.committed(ask.office.ask_balance(ask.part("id"), ask.person.name))
    return {}


@NOUN.on("POST", "/lines/{id}/disable", role=Role.ADMINISTRATOR, gives=Line)
async def disable(ask: Ask) -> object:
    """A disabled line takes and makes no call."""
    one(ask)
    await ask.do(DisableLine(line=LineId(ask.part("id"))))
    return one(ask)


@NOUN.on("POST", "/lines/{id}/enable", role=Role.ADMINISTRATOR, gives=Line)
async def enable(ask: Ask) -> object:
    """Back in service."""
    one(ask)
    await ask.do(EnableLine(line=LineId(ask.part("id"))))
    return one(ask)


def one(ask: Ask) -> Line:
    for view in ask.office.snapshot().lines:
        if view.id == ask.part("id"):
            return line(view, ask.texts)
    raise NotFound(ask.part("id"))
