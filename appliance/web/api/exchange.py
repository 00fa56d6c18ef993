"""/exchange: the simulated telephone exchange, in the demonstration only. Everything goes through its own socket, unread."""

import msgspec
from starlette.responses import Response

from appliance.web.api.noun import Noun, json
from appliance.web.ask import Ask, Sentence
from appliance.web.ranges import ranged
from appliance.web.session import Role

NOUN = Noun("exchange", demo=True)


async def passed(ask: Ask) -> Response:
    """One request to the exchange; its answer as it comes."""
    data = await ask.bytes()
    try:
        body = msgspec.json.decode(data) if data.strip() else {}
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Sentence("error.body", 422, detail=str(error)) from None
    path = ask.request.url.path.partition("/exchange")[2]
    request = {"method": ask.request.method, "path": path, "query": dict(ask.request.query_params), "body": body}
    status, answer = await ask.office.exchange(request)
    if isinstance(answer, bytes):
        return ranged(ask.request, answer, "audio/wav") if status == 200 else Response(answer, status)
    return json(answer, status)


def _pass(method: str, path: str, says: str, role: Role, status: int = 200, query: tuple[str, ...] = ()) -> None:
    async def handler(ask: Ask) -> object:
        return await passed(ask)

    handler.__doc__ = says
    NOUN.on(method, "/exchange" + path, role=role, status=status, query=query)(handler)


_pass("POST", "/calls", "A subscriber dials one of the box's numbers.", Role.ADMINISTRATOR, 201)
_pass("GET", "/calls", "Their calls, newest first.", Role.SUPERVISOR, query=("number",))
_pass("GET", "/calls/{id}", "One of them, and what its far end heard.", Role.SUPERVISOR)
_pass("GET", "/calls/{id}/recording", "WAV: what the far end heard.", Role.SUPERVISOR)
_pass("DELETE", "/calls/{id}", "The far end hangs up.", Role.ADMINISTRATOR)
_pass("POST", "/messages", "A subscriber sends a short message to one of the box's numbers.", Role.ADMINISTRATOR, 201)
_pass("GET", "/messages", "Short messages that the box sent, part by part, newest first.", Role.SUPERVISOR, query=("number",))
_pass("PUT", "/phones/{number}", "How a subscriber behaves when the box dials.", Role.ADMINISTRATOR)
_pass("PUT", "/trunks/{line}", "Clock drift, echo or a fault of a line's modem.", Role.ADMINISTRATOR)
