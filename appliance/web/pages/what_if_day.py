"""What if, call by call (逐通对比): a day of the journal under a changed configuration, beside what was (A3 A4 C2 E4).

The candidate is the configuration in force with its queues changed, or a pasted document; the product's own check looks at it first. It is
reckoned in a process of its own (web/comparisons.py), and nothing of the office changes.
"""

import asyncio
import csv
import io
from datetime import date
from typing import Any, Final

from starlette.datastructures import FormData
from starlette.responses import Response

from appliance.base.errors import NotFound, Refused
from appliance.calls.comparison import ComparedCall, Comparison, NotComparable, Told, Totals, days
from appliance.web.ask import Ask, Sentence
from appliance.web.comparisons import Comparisons, Job
from appliance.web.gate import refusal
from appliance.web.page import Page
from appliance.web.session import Role
from firmware_cfg import check, written
from firmware_cfg.document import Document, Queue
from firmware_cfg.findings import Finding

PAGE = Page("/simulate/day", title="title.what_if", role=Role.ADMINISTRATOR)
MOST_BYTES: Final = 1_000_000  # as the check's own
MOST_SHOWN: Final = 400
"""Calls in the page's table; the CSV has all."""
STRATEGIES: Final = ("longest-idle", "best-level", "fewest-calls", "least-talk", "round-robin", "fixed", "random")
CAUSES: Final = ("nobody_logged_in", "all_paused", "all_in_wrap_up")
NUMBERS: Final = ("ring_limit_s", "rest_s", "wait_max_s", "length_max", "back_s", "weight", "ageing", "overflow_s")
OF_AGENTS: Final = ("wrap_up_s", "misses_max")
WHOLE: Final = frozenset({"length_max", "weight", "ageing", "misses_max"})
ROWS: Final = Totals.__struct_fields__
CSV_COLUMNS: Final = (
    "call",
    "came_at",
    "queue",
    "differs",
    *(f"{when}_{word}" for when in ("was", "would") for word in Told.__struct_fields__),
)


@PAGE.get("")
async def form(ask: Ask) -> Response:
    """With `?job=ID` what came of that one."""
    return await asyncio.to_thread(_form, ask, _comparisons(ask).known(ask.query("job"), ask.person.name))


@PAGE.post("")
async def begin(ask: Ask) -> Response:
    length = ask.request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > MOST_BYTES + 200_000:
        raise Sentence("error.too_large", 413)
    async with ask.request.form(max_files=0, max_fields=20_000, max_part_size=MOST_BYTES) as sent:
        day, pasted = _day(str(sent.get("day", ""))), sent.get("how") == "pasted"
        text = str(sent.get("text", "")) if pasted else written.toml(candidate(ask.office.document, sent))
    if day is None:
        return _answer(ask, line=ask.texts("compare.no_day"))
    document, findings = await asyncio.to_thread(check.parse, text.encode(), "document" if pasted else "form", check.known())
    if document is None:
        return _answer(
            ask, findings=[finding if pasted else Finding(finding.path, None, finding.wrong, finding.right) for finding in findings]
        )
    try:
        known = await asyncio.to_thread(days, ask.office.state)
        if day not in known:
            raise NotComparable("not_that_day", day=day.isoformat())
        job = _comparisons(ask).begin(ask.person.name, day, document)
    except NotComparable as why:
        return _answer(ask, line=ask.texts(f"compare.{why.key}", **why.words))
    except Refused as why:
        return _answer(ask, line=refusal(ask.texts, why))
    answer = _answer(ask, job=job)
    answer.headers["hx-push-url"] = f"/simulate/day?job={job.id}"
    return answer


@PAGE.get("/{job}")
async def progress(ask: Ask) -> Response:
    """How far it is; when it is over, the whole in place of it."""
    try:
        job = _job(ask)
    except NotFound:
        answer = _answer(ask, line=ask.texts("compare.gone"))
    else:
        if not job.over:
            return PAGE.render(ask, "what_if/_progress.html", {"job": job})
        answer = _answer(ask, job=job)
    answer.headers["hx-retarget"], answer.headers["hx-reswap"] = "#answer", "innerHTML"
    return answer


@PAGE.post("/{job}/cancel")
async def cancel(ask: Ask) -> Response:
    job = _job(ask)
    _comparisons(ask).cancel(job)
    return _answer(ask, job=job)


@PAGE.get("/{job}/calls.csv")
async def calls(ask: Ask) -> Response:
    """All calls of the day; a spreadsheet knows by the mark before it that it is UTF-8."""
    job, found = _over(ask)
    text = await asyncio.to_thread(_csv, found.calls)
    name = f'attachment; filename="compared-{job.day}.csv"'
    return Response("\ufeff" + text, headers={"content-disposition": name, "cache-control": "no-store"}, media_type="text/csv")


@PAGE.get("/{job}/why/{call}")
async def why(ask: Ask) -> Response:
    """Why a call went to whom, and would have."""
    job, found = _over(ask)
    call = next((each for each in found.calls if each.id == ask.part("call")), None)
    if call is None:
        raise NotFound(ask.part("call"))
    try:
        was, would = await _comparisons(ask).whys(job, call.id)
    except Refused as error:
        return _answer(ask, line=refusal(ask.texts, error))
    return PAGE.render(ask, "what_if/_why.html", {"call": call, "was": was, "would": would, "names": _names(ask)})


def candidate(document: Document, sent: FormData) -> dict[str, Any]:
    """The configuration in force with what the form says of queues and agents, right or wrong; a field that is empty is the default."""
    content = written.content(document)
    for queue in content.get("queue", []):
        for word in (*NUMBERS, "strategy", "overflow_to"):
            _put(queue, word, sent.get(f"queue.{queue['id']}.{word}"))
        if sent.get(f"queue.{queue['id']}.strategy") is not None:  # boxes that are not ticked are not sent
            queue["when_empty"] = [str(cause) for cause in sent.getlist(f"queue.{queue['id']}.when_empty")]
    for word in OF_AGENTS:
        if str(sent.get(f"agents.{word}", "")).strip():
            for agent in content.get("agent", []):
                _put(agent, word, sent.get(f"agents.{word}"))
    return content


def _put(table: dict[str, Any], word: str, said: object) -> None:
    """What is no number stays as it is written: the check says so."""
    if said is None:
        return
    text = str(said).strip()
    table.pop(word, None)
    if not text:
        return
    table[word] = text
    if word in NUMBERS or word in OF_AGENTS:
        try:
            table[word] = int(text) if word in WHOLE else float(text)
        except ValueError:
            return


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _comparisons(ask: Ask) -> Comparisons:
    found: Comparisons = ask.request.app.state.comparisons
    return found


def _job(ask: Ask) -> Job:
    return _comparisons(ask).find(ask.part("job"), ask.person.name)


def _over(ask: Ask) -> tuple[Job, Comparison]:
    job = _job(ask)
    if job.found is None:
        raise NotFound(job.id)
    return job, job.found


def _names(ask: Ask) -> dict[str, str]:
    return {agent.id: agent.name for agent in ask.office.document.agent}


def _form(ask: Ask, job: Job | None) -> Response:
    line, known, text = None, [], ""
    try:
        known = days(ask.office.state)
        line = None if known else ask.texts("compare.nothing")
    except NotComparable as why:
        line = ask.texts(f"compare.{why.key}", **why.words)
    try:
        text = ask.office.configuration.read()[0]
    except Refused as error:
        line = refusal(ask.texts, error)
    shown = {
        "days": known, "line": line, "text": text, "queues": ask.office.document.queue, "strategies": STRATEGIES, "causes": CAUSES,
        "numbers": NUMBERS, "of_agents": OF_AGENTS, "value": _value,
    }  # fmt: skip
    return PAGE.render(ask, "what_if/day.html", {**_shown(ask, job), **shown})


def _value(queue: Queue, word: str) -> str:
    """As a person writes it: 15, not 15.0."""
    return f"{getattr(queue, word):g}" if isinstance(getattr(queue, word), float) else str(getattr(queue, word))


def _answer(ask: Ask, job: Job | None = None, line: str | None = None, findings: list[Finding] | None = None) -> Response:
    return PAGE.render(ask, "what_if/_answer.html", {**_shown(ask, job), "line": line, "findings": findings or []})


def _shown(ask: Ask, job: Job | None) -> dict[str, object]:
    found = None if job is None else job.found
    queues = {queue.id: queue.name or queue.id for queue in ask.office.document.queue}
    return {
        "job": job, "found": found, "rows": ROWS, "bars": [] if found is None else _bars(found), "most": MOST_SHOWN,
        "names": _names(ask), "queue_names": queues, "findings": [], "line": None,
    }  # fmt: skip


def _bars(found: Comparison) -> list[tuple[str, float | None, float | None, float]]:
    """Shares of 1; waits beside the longer one."""
    was, would = found.was, found.would or found.was
    bars: list[tuple[str, float | None, float | None, float]] = [
        (name, getattr(was, name), getattr(would, name), 1.0) for name in ("service_level", "occupancy")
    ]
    bars.append(("p_abandon", was.given_up / max(1, was.calls), would.given_up / max(1, would.calls), 1.0))
    longest = max(was.wait_95_s or 0.0, would.wait_95_s or 0.0, 0.001)
    return bars + [(name, getattr(was, name), getattr(would, name), longest) for name in ("mean_wait_s", "wait_95_s")]


def _csv(calls: list[ComparedCall]) -> str:
    out = io.StringIO()
    write = csv.writer(out)
    write.writerow(CSV_COLUMNS)
    for call in calls:
        fates: list[object] = []
        for fate in (call.was, call.would or call.was):
            fates += [fate.outcome, fate.agent or "", fate.waited_s, " ".join(fate.offered)]
        write.writerow([call.id, call.came.isoformat(timespec="milliseconds"), call.queue, "yes" if call.differs else "no", *fates])
    return out.getvalue()
