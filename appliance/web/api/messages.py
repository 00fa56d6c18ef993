"""/messages: short messages, in and out (A5)."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from appliance.base.errors import NotFound
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
    """`text`: up to ten parts, some 1,500 letters or 670 Chinese characters."""

    to: Annotated[str, Meta(min_length=1, max_length=40)]
    text: Annotated[str, Meta(min_length=1, max_length=5000)]


class OptBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    number: Annotated[str, Meta(min_length=1, max_length=40)]
    out: bool = True


@NOUN.on("GET", "/messages", role=Role.SUPERVISOR, gives=list[Message], query=("direction", "number"))
async def messages(ask: Ask) -> object:
    """The newest 200, newest first."""
    return [_message(view) for view in ask.office.messages.newest(direction=ask.query("direction"), number=ask.query("number"))]


@NOUN.on("GET", "/messages/{id}", role=Role.SUPERVISOR, gives=Message)
async def one(ask: Ask) -> object:
    """One of them."""
    return _one(ask, ask.part("id"))


@NOUN.on("POST", "/messages", role=Role.SUPERVISOR, takes=MessageBody, gives=Message, status=201)
async def write(ask: Ask) -> object:
    """To be sent: when a line that takes short messages is idle, again where the network is busy. 409 where the number wants none."""
    body = await ask.body(MessageBody)
    message, number = ask.office.messages.write(body.to, body.text, ask.person.name)
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
