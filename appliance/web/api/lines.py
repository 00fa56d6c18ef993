"""GET /lines, the caps of what they dial (A10), and taking a line out of service and back (A1)."""

from appliance.base.errors import NotFound
from appliance.base.ids import LineId
from appliance.calls.commands import DisableLine, EnableLine
from appliance.calls.outgoing import Cap
from appliance.web.api.noun import Noun
from appliance.web.api.shapes import Line, line
from appliance.web.ask import Ask
from appliance.web.session import Role

NOUN = Noun("lines")


@NOUN.on("GET", "/lines", gives=list[Line])
async def lines(ask: Ask) -> object:
    """The lines; their ports for supervisors."""
    return [line(view, ask.texts, ask.person.may(Role.SUPERVISOR)) for view in ask.office.snapshot().lines]


@NOUN.on("GET", "/lines/caps", role=Role.SUPERVISOR, gives=list[Cap])
async def caps(ask: Ask) -> object:
    """What was used today of each cap on dialling; money in yuan."""
    return ask.office.caps()


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
