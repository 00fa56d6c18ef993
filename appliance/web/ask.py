"""One request, with what its handler needs beside it: the box, the person, the language."""

from collections.abc import Callable
from typing import TypeVar, cast

import msgspec
from msgspec.structs import replace
from starlette.requests import Request

from appliance.base.errors import NotAllowed, NotFound, SeatboxError
from appliance.base.phone_numbers import masked
from appliance.calls.commands import Command
from appliance.calls.snapshot import CallView, SeatView
from appliance.web.office import Office
from appliance.web.session import Person, Role, Session, same
from appliance.web.texts import Texts

MOST_BODY_BYTES = 64 * 1024
Body = TypeVar("Body")


class Sentence(SeatboxError):
    """An answer of the page itself: a status and the key of a sentence in the catalogues."""

    def __init__(self, key: str, status: int, **words: object) -> None:
        self.key, self.status, self.words = key, status, words
        super().__init__(key)


class Ask:
    """What a handler is given. `person` is never None where the route asks for a role."""

    def __init__(
        self, request: Request, office: Office, texts: Texts, person: Person | None, session: Session | None, still: Callable[[], bool]
    ) -> None:
        self.request, self.office, self.texts, self.session = request, office, texts, session
        self._person, self._still = person, still

    @property
    def person(self) -> Person:
        if self._person is None:
            raise Sentence("error.sign_in", 401)
        return self._person

    @property
    def known(self) -> Person | None:
        return self._person

    def still(self) -> bool:
        """False once the person has signed out, or his account is gone: a stream ends then."""
        return self._still()

    def part(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])

    def query(self, name: str) -> str | None:
        return self.request.query_params.get(name) or None

    def need(self, role: Role) -> None:
        if not self.person.may(role):
            raise NotAllowed

    async def check_forgery(self) -> None:
        """A post of the page's own session must bring the session's token: a header, or a form's hidden field."""
        if self.session is None:
            return
        given = self.request.headers.get("x-forgery-token")
        if given is None and self.request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            given = (await self.form()).get("forgery")
        if not same(given, self.session.forgery):
            raise Sentence("error.forgery", 403)

    async def bytes(self) -> bytes:
        """The body; at most 64 kB."""
        if (kept := getattr(self.request.state, "body", None)) is not None:
            return cast(bytes, kept)
        body = b""
        async for chunk in self.request.stream():
            body += chunk
            if len(body) > MOST_BODY_BYTES:
                raise Sentence("error.too_large", 413)
        self.request.state.body = body
        return body

    async def body(self, kind: type[Body]) -> Body:
        """The JSON body as a struct; an empty one is {}. Anything else is 422 and says what is wrong."""
        data = await self.bytes()
        try:
            return msgspec.json.decode(data if data.strip() else b"{}", type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise Sentence("error.body", 422, detail=str(error)) from None

    async def form(self) -> dict[str, str]:
        """The fields of an HTML form; of fields that stand twice the last."""
        from urllib.parse import parse_qsl

        try:
            return dict(parse_qsl((await self.bytes()).decode(), keep_blank_values=True, max_num_fields=100))
        except (ValueError, UnicodeDecodeError):
            raise Sentence("error.body", 422, detail="form") from None

    async def do(self, command: Command) -> None:
        """Returns when the journal has it on the disk."""
        await self.office.committed(self.office.command(command, self.person.name))

    def seat(self, seat: str) -> SeatView:
        for view in self.office.snapshot().seats:
            if view.id == seat:
                return view
        raise NotFound(seat)

    def seen_seat(self, seat: SeatView) -> SeatView:
        """As this person sees it: see `seen`."""
        hidden = seat.party in ("monitor", "whisper", "barge") and not self.sees_listeners
        return replace(seat, party=None, call=None, reason=None) if hidden else seat

    def own_seat(self, seat: str) -> SeatView:
        """The seat, where the person may act at it: an agent at the one where he is, others at each."""
        view = self.seat(seat)
        if not self.person.may(Role.SUPERVISOR) and (view.agent is None or view.agent != self.person.agent):
            raise Sentence("error.not_your_seat", 403)
        return view

    def serves(self, queue: str) -> bool:
        """Whether he may look into this queue: an agent into those that he serves."""
        own = next((agent.queues for agent in self.office.document.agent if agent.id == self.person.agent), ())
        return self.person.may(Role.SUPERVISOR) or queue in own

    def number(self, number: str | None) -> str | None:
        """A caller's number as this person may see it in a list: agents see its end."""
        return number if number is None or self.person.may(Role.INSPECTOR) else masked(number)

    def may_see(self, call: CallView) -> bool:
        """An agent sees the calls that were offered to him, inspectors and supervisors see all."""
        if self.person.may(Role.INSPECTOR):
            return True
        me = self.person.agent
        asked = [*(offer.agent for offer in call.offers), *(party.agent for party in call.parties)]
        return me is not None and me in (call.agent, *call.agents, *asked)

    def call(self, call: str) -> CallView:
        """What a person may not see does not exist for him."""
        view = self.office.call(call)
        if view is None or not self.may_see(view):
            raise NotFound(call)
        return self.seen(view)

    @property
    def sees_listeners(self) -> bool:
        return self.person.may(Role.INSPECTOR) or self.office.document.supervision.agents_see

    def seen(self, call: CallView) -> CallView:
        """As this person sees it: to an agent nothing says that somebody listens, where the configuration wants it so (A8)."""
        if self.sees_listeners:
            return call
        timeline = [each for each in call.timeline if not each.what.startswith("timeline.supervis")]
        return replace(call, timeline=timeline, parties=[each for each in call.parties if each.by is None])
