"""GET /queues, one queue in detail, and whom its agents would get next (A3)."""

import msgspec

from appliance.base.errors import NotFound
from appliance.calls.snapshot import NextView, QueueDetail, ReasonView, WaitingView
from appliance.web.api.noun import Noun
from appliance.web.api.shapes import Queue, iso_or_none, queue
from appliance.web.ask import Ask
from appliance.web.shown import iso
from appliance.web.texts import Texts

NOUN = Noun("queues")


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """`why` is a word, `text` the same in the asker's language; `agents` for whom it holds, or `call` whom it is about."""

    why: str
    text: str
    agents: list[str]
    call: str | None


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """Who waits. `caller` is masked for agents; `points`: by which he stands in line; `needs`: skill and least level, after widening;
    `held_for`: the agent for whom he is kept now; `call_back`: nobody is on the line, he is called at his turn; `why`: why nobody takes
    him, empty while he is offered."""

    call: str
    caller: str | None
    state: str
    position: int
    waits_since: str
    expected_wait_s: float | None
    points: int
    priority: int
    tier: int
    needs: dict[str, int]
    held_for: str | None
    offered_to: list[str]
    why: list[Reason]
    call_back: bool


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A call-back that is not in line now, and why: no line is free to dial, it is tried again later, nobody is at work, it is dialled."""

    call: str
    caller: str | None
    waits_since: str
    tries: int
    why: str
    text: str
    again_at: str | None


class Staff(msgspec.Struct, frozen=True, kw_only=True):
    """An agent of the queue; `order`: 1 his first queue; `state`: his seat's."""

    agent: str
    name: str
    order: int
    seat: str | None
    state: str
    reason: str | None
    since: str | None


class Detail(msgspec.Struct, frozen=True, kw_only=True):
    """`each_s`: measured seconds between talks' beginnings while others wait; null: not yet."""

    id: str
    name: str
    strategy: str
    waiting: list[Waiting]
    kept: list[Kept]
    staff: list[Staff]
    each_s: float | None


class Next(msgspec.Struct, frozen=True, kw_only=True):
    """Whom this agent would get if he were ready now, and why; `passed_over`: who waits before that one and is not for him."""

    agent: str
    name: str
    state: str
    call: str | None
    queue: str | None
    position: int | None
    why: str
    text: str
    passed_over: list[Reason]


@NOUN.on("GET", "/queues", gives=list[Queue])
async def queues(ask: Ask) -> object:
    """The queues, and how many wait in each."""
    return [queue(view) for view in ask.office.snapshot().queues]


@NOUN.on("GET", "/queues/{id}", gives=Detail)
async def one(ask: Ask) -> object:
    """Who waits in this queue, in order, and why nobody takes them; who serves it (beyond the contract). Agents see their own queues."""
    view = next((each for each in ask.office.queues_in_detail() if each.id == ask.part("id") and ask.serves(each.id)), None)
    if view is None:
        raise NotFound(ask.part("id"))
    return detail(view, ask)


@NOUN.on("GET", "/queues/{id}/next", gives=list[Next], query=("agent",))
async def following(ask: Ask) -> object:
    """A preview: whom each logged-in agent of the queue would get if he were ready now, and why. The routing core decides, in a copy of
    itself; nothing is changed. `agent`: of this one alone (beyond the contract). Agents see their own queues."""
    if not ask.serves(ask.part("id")):
        raise NotFound(ask.part("id"))
    found = ask.office.next_callers(ask.part("id"))
    return [following_of(view, ask.texts) for view in found if ask.query("agent") in (None, view.agent)]


def reason(view: ReasonView, texts: Texts) -> Reason:
    return Reason(why=view.why, text=texts(f"queue_why.{view.why}"), agents=view.agents, call=view.call)


def waiting(view: WaitingView, ask: Ask) -> Waiting:
    fields = {name: getattr(view, name) for name in view.__struct_fields__ if name not in ("waits_since_ms", "why", "caller")}
    why = [reason(each, ask.texts) for each in view.why]
    return Waiting(**fields, caller=ask.number(view.caller), waits_since=iso(view.waits_since_ms), why=why)


def detail(view: QueueDetail, ask: Ask) -> Detail:
    staff = [
        Staff(
            agent=each.agent, name=each.name, order=each.order, seat=each.seat, state=each.state, reason=each.reason,
            since=iso_or_none(each.since_ms),
        )
        for each in view.staff
    ]  # fmt: skip
    callers = [waiting(each, ask) for each in view.waiting]
    kept = [
        Kept(
            call=each.call, caller=ask.number(each.caller), waits_since=iso(each.waits_since_ms), tries=each.tries, why=each.why,
            text=ask.texts(f"queue_why.{each.why}"), again_at=iso_or_none(each.again_at_ms),
        )
        for each in view.kept
    ]  # fmt: skip
    return Detail(id=view.id, name=view.name, strategy=view.strategy, waiting=callers, kept=kept, staff=staff, each_s=view.each_s)


def following_of(view: NextView, texts: Texts) -> Next:
    fields = {name: getattr(view, name) for name in view.__struct_fields__ if name != "passed_over"}
    passed = [reason(each, texts) for each in view.passed_over]
    return Next(**fields, text=texts(f"queue_next.{view.why}"), passed_over=passed)
