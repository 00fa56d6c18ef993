"""/messages: short messages, in and out (A5)."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from appliance.base.errors import NotFound
from appliance.calls.snapshot import CallView
from appliance.messages.templates import filled, partly_filled, places
from appliance.messages.views import MessageView
from appliance.web.api.noun import Noun
from appliance.web.ask import Ask
from appliance.web.session import Role
from appliance.web.shown import iso

NOUN = Noun("messages")


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """`missing`: parts that did not come within a day. `why`: of one that failed, in the network's words."""

    id: str
    at: str
    direction: Literal["in", "out"]
    number: str
    text: str
    state: Literal["new", "read", "waiting", "sending", "sent", "delivered", "failed", "unsure"]
    line: str | None
    by: str | None
    read_by: str | None
    why: str | None
    missing: int


class MessageBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`text`: up to ten parts, some 1,500 letters or 670 Chinese characters; or a `template` with what its `places` want."""

    to: Annotated[str, Meta(min_length=1, max_length=40)]
    text: Annotated[str, Meta(max_length=5000)] = ""
    template: Annotated[str, Meta(max_length=40)] = ""
    places: dict[str, str] = {}


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """`places`: what who sends it has to say; the box's own (office, agent, queue, line) are not among them."""

    id: str
    name: str
    text: str
    places: list[str]


class OptBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    number: Annotated[str, Meta(min_length=1, max_length=40)]
    out: bool = True


@NOUN.on("GET", "/messages", role=Role.SUPERVISOR, gives=list[Message], query=("direction", "number"))
async def messages(ask: Ask) -> object:
    """The newest 200, newest first."""
    return [_message(view) for view in ask.office.messages.newest(direction=ask.query("direction"), number=ask.query("number"))]


@NOUN.on("GET", "/messages/templates", role=Role.AGENT, gives=list[Template])
async def templates(ask: Ask) -> object:
    """The configuration's."""
    return known(ask)


@NOUN.on("GET", "/messages/{id}", role=Role.SUPERVISOR, gives=Message)
async def one(ask: Ask) -> object:
    """One of them."""
    return _one(ask, ask.part("id"))


@NOUN.on("POST", "/messages", role=Role.SUPERVISOR, takes=MessageBody, gives=Message, status=201)
async def write(ask: Ask) -> object:
    """To be sent: when a line that takes short messages is idle, again where the network is busy. 409 where the number wants none."""
    body = await ask.body(MessageBody)
    text = worded(ask, body.template, body.places) if body.template else body.text
    message, number = ask.office.messages.write(body.to, text, ask.person.name, body.template)
    await ask.office.committed(number)
    return _one(ask, message)


@NOUN.on("POST", "/messages/{id}/read", role=Role.SUPERVISOR, gives=Message)
async def read(ask: Ask) -> object:
    """Somebody has read it."""
    await ask.office.committed(ask.office.messages.mark_read(ask.part("id"), ask.person.name))
    return _one(ask, ask.part("id"))


@NOUN.on("POST", "/messages/refusers", role=Role.SUPERVISOR, takes=OptBody, gives=dict[str, str])
async def opt(ask: Ask) -> object:
    """This number gets no messages any more (or again). All that want none, and by whose word."""
    body = await ask.body(OptBody)
    await ask.office.committed(ask.office.messages.opt(body.number, body.out, ask.person.name))
    return ask.office.messages.refusers


def known(ask: Ask) -> list[Template]:
    """The templates, with the places that are to be filled by hand."""
    own = _own(ask)
    return [
        Template(id=each.id, name=each.name or each.id, text=each.text, places=[place for place in places(each.text) if place not in own])
        for each in ask.office.document.template
    ]


def begun(ask: Ask) -> list[Template]:
    """The templates with the box's own places filled: a person goes on from there."""
    return [msgspec.structs.replace(each, text=partly_filled(each.text, _own(ask))) for each in known(ask)]


def worded(ask: Ask, template: str, words: dict[str, str], call: CallView | None = None) -> str:
    """A template's text with its places filled; the box's own are those of `call`. Raises NotFound, Refused."""
    found = next((each for each in ask.office.document.template if each.id == template), None)
    if found is None:
        raise NotFound(f"there is no template {template!r}")
    return filled(found.text, {**words, **{place: word for place, word in _own(ask, call).items() if word}})


def _own(ask: Ask, call: CallView | None = None) -> dict[str, str]:
    document = ask.office.document
    names = {each.id: each.name or each.id for each in document.agent} | {each.id: each.name or each.id for each in document.queue}
    line = next((each.number for each in document.line if call is not None and each.id == call.line), "")
    agent, queue = (call.agent, call.queue) if call is not None else (ask.person.agent, None)
    return {"office": document.name, "agent": names.get(agent or "", ""), "queue": names.get(queue or "", ""), "line": line}


def _one(ask: Ask, message: str) -> Message:
    view = ask.office.messages.one(message)
    if view is None:
        raise NotFound(f"there is no message {message!r}")
    return _message(view)


def _message(view: MessageView) -> Message:
    return Message(
        id=view.id, at=iso(view.at_ms), direction=view.direction, number=view.number, text=view.text, state=view.state,  # type: ignore[arg-type]
        line=view.line, by=view.by, read_by=view.read_by, why=view.why, missing=view.missing,
    )  # fmt: skip
