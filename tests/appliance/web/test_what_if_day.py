"""The page "What if", call by call (A3 A4 C2 E4): a recorded day of a 16-seat office under another configuration, for the administrator."""

import asyncio
import csv
import io
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from shutil import copyfile, copytree

import msgspec
import pytest
from msgspec.structs import replace

from appliance.calls.comparing import Answer, Task
from appliance.calls.comparison import compared, days
from appliance.web import comparisons
from appliance.web.comparisons import Comparisons, Job
from appliance.web.pages.what_if_day import MOST_SHOWN
from firmware_cfg import check
from firmware_cfg.document import Agent
from tests.appliance.web.test_pages import look
from tests.support.core_day import OfficeDay, configuration, document
from tests.support.web_client import Client
from tests.support.web_office import WebOffice

As = Callable[..., Client]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("day")
    OfficeDay(folder / "state", document(folder), seed=3, per_hour=60.0).run()
    return folder


@pytest.fixture
def office(tmp_path: Path, hashed_accounts: Path, recorded: Path) -> WebOffice:
    """Whose state directory holds that day, and whose configuration is its."""
    copytree(recorded / "state", tmp_path, dirs_exist_ok=True)
    copyfile(hashed_accounts, tmp_path / "accounts.json")
    found = check.load(recorded / "office.toml")
    boss = Agent(id="boss", name="Boss", queues=("sales",), role="supervisor")
    return WebOffice(tmp_path, replace(found, agent=(*found.agent, boss)))


def post(client: Client, path: str = "/simulate/day", **fields: str) -> str:
    answer = client.post(path, files={name: (None, value) for name, value in fields.items()}, headers={"x-forgery-token": client.forgery()})
    assert answer.status_code == 200, answer.text
    look(answer.text)
    return answer.text


def the_day(client: Client) -> str:
    found = re.search(r"<option[^>]*>(\d{4}-\d\d-\d\d)</option>", client.get("/simulate/day").text)
    assert found is not None
    return found[1]


def job_of(client: Client, text: str) -> Job:
    found = re.search(r'data-job="(\w+)"', text)
    assert found is not None, text
    kept: Comparisons = client.app.state.comparisons
    return kept.find(found[1], "admin")


def over(client: Client, text: str) -> tuple[Job, str]:
    """The job when it is over, and what the page shows then."""
    job = job_of(client, text)
    assert job.task is not None
    client.loop.run_until_complete(asyncio.wait([job.task], timeout=100))
    answer = client.get(f"/simulate/day/{job.id}")
    assert answer.headers["hx-retarget"] == "#answer"
    look(answer.text)
    return job, answer.text


def figures(text: str) -> dict[str, tuple[str, str]]:
    rows = re.findall(r'data-figure="(\w+)".*?<td class="num"[^>]*>(.*?)</td><td class="num"[^>]*>(.*?)</td>', text, re.DOTALL)
    return {name: (now, then) for name, now, then in rows}


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_changed_queue_is_compared_call_by_call(language: str, signed_in: As, recorded: Path) -> None:
    client = signed_in()
    client.headers["accept-language"] = language
    job, text = over(client, post(client, day=the_day(client), how="form", **{"queue.sales.wait_max_s": "5", "agents.wrap_up_s": "60"}))
    assert job.found is not None and text.count("<svg") == 1
    found = figures(text)
    assert int(found["sent_away"][1]) > int(found["sent_away"][0])
    assert found["calls"] == (str(len(job.found.calls)),) * 2
    rows = re.findall(r'<tr data-call="(c\d+)"', text)
    differ = [call.id for call in job.found.calls if call.was != call.would]
    assert rows == differ[:MOST_SHOWN] and len(differ) > MOST_SHOWN, "the table is cut, the CSV is not"
    assert f'href="/calls/{rows[0]}?compared={job.id}"' in text
    longest = [call.would for call in job.found.calls if call.queue == "sales" and call.would and call.would.waited_s > 5.0]
    assert all(fate.offered for fate in longest), "only for whom it rang already"
    table = list(csv.DictReader(io.StringIO(client.get(f"/simulate/day/{job.id}/calls.csv").text.lstrip("\ufeff"))))
    assert [row["call"] for row in table if row["differs"] == "yes"] == differ and len(table) == len(job.found.calls)
    again = client.get(f"/simulate/day?job={job.id}").text
    look(again)
    assert f'data-job="{job.id}"' in again


def test_the_page_comes_to_what_the_function_comes_to_here(signed_in: As, recorded: Path, tmp_path: Path) -> None:
    """The job's process is another one: the same decisions, hash and calls."""
    text = configuration(sales="fixed", people=12)
    client = signed_in()
    job, _ = over(client, post(client, day=the_day(client), how="pasted", text=text))
    (tmp_path / "other.toml").write_text(text)
    here = compared(recorded / "state", job.day, check.load(tmp_path / "other.toml"))
    assert job.found == here
    assert here == compared(recorded / "state", job.day, check.load(tmp_path / "other.toml")), "a second run"


def test_the_configuration_in_force_comes_to_the_day_itself(signed_in: As) -> None:
    client = signed_in()
    job, text = over(client, post(client, day=the_day(client), how="form"))
    assert job.found is not None and job.found.differ == [] and job.found.was == job.found.would
    assert 'class="compared"' not in text and f"Gone otherwise: 0. The same: {len(job.found.calls)}." in text


def test_why_a_call_went_to_whom_is_told_of_both(signed_in: As) -> None:
    client = signed_in()
    job, _ = over(client, post(client, day=the_day(client), how="form", **{"queue.sales.strategy": "fixed"}))
    assert job.found is not None
    call = next(call for call in job.found.differ if call.was.agent and call.would and call.would.agent not in (None, call.was.agent))
    text = client.get(f"/simulate/day/{job.id}/why/{call.id}").text
    look(text)
    was, would = text.split("<h3>candidate")
    assert call.would is not None
    names = {f"a{n}": f"Agent {n}" for n in range(1, 17)}
    for half, agent in ((was, call.was.agent), (would, call.would.agent)):
        assert re.findall(r'class="chosen"><b>(.*?)</b>', half)[-1] == names[str(agent)]
    assert client.get(f"/simulate/day/{job.id}/why/c999999").status_code == 404


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"how": "pasted", "text": '[[queue]]\nid = "q"\nwait_max_s = "long"\n'}, "configuration.line"),
        ({"how": "pasted", "text": "nothing"}, "document"),
        ({"how": "form", "queue.sales.wait_max_s": "soon"}, "queue[sales].wait_max_s"),
        ({"how": "form", "queue.sales.overflow_to": "nowhere", "queue.sales.overflow_s": "10"}, "queue[sales].overflow_to"),
        ({"how": "form", "agents.misses_max": "-1"}, "agent[a1].misses_max"),
        ({"how": "form", "day": "1999-01-01"}, "Nothing was routed on 1999-01-01"),
        ({"how": "form", "day": "yesterday"}, "Choose a day."),
    ],
)
def test_what_cannot_be_compared_is_said_clearly_and_nothing_is_run(fields: dict[str, str], says: str, signed_in: As) -> None:
    client = signed_in()
    text = post(client, **{"day": the_day(client), **fields})
    assert 'role="alert"' in text and "data-job" not in text
    assert re.search(r'data-to-line="3">line 3', text) if says == "configuration.line" else says in text, text


@pytest.mark.parametrize(
    ("language", "says"), [("zh_CN", "没有 wait_max 这个设置项；是否应为"), ("en", "there is no setting wait_max; did you mean")]
)
def test_a_mistake_is_said_in_the_pages_language(language: str, says: str, signed_in: As) -> None:
    client = signed_in()
    client.post("/language", data={"language": language, "next": "/"})
    text = post(client, day=the_day(client), how="pasted", text='[[queue]]\nid = "q"\nwait_max = 5\n')
    assert says in text, text


def test_a_comparison_is_cancelled_and_its_process_is_gone(signed_in: As) -> None:
    client = signed_in()
    text = post(client, day=the_day(client), how="form", **{"queue.sales.strategy": "fixed"})
    job = job_of(client, text)
    assert "<progress" in text and "<progress" in client.get(f"/simulate/day/{job.id}").text
    said = post(client, f"/simulate/day/{job.id}/cancel")
    assert "The comparison was cancelled." in said and job.over and job.found is None
    assert job.task is not None
    client.loop.run_until_complete(asyncio.wait([job.task], timeout=20))
    assert job.task.cancelled()
    assert client.get(f"/simulate/day/{job.id}/calls.csv").status_code == 404


def test_a_new_comparison_of_the_same_person_takes_the_place_of_the_one_that_runs(signed_in: As) -> None:
    client = signed_in()
    day = the_day(client)
    first = job_of(client, post(client, day=day, how="form"))
    second, text = over(client, post(client, day=day, how="form", **{"queue.sales.strategy": "random"}))
    assert first.wrong == "cancelled" and second.found is not None and "<svg" in text


def test_a_comparison_of_another_person_is_not_found_and_keeps_ones_own_waiting(signed_in: As, office: WebOffice) -> None:
    client = signed_in()
    day, kept = the_day(client), client.app.state.comparisons

    async def begin() -> Job:
        begun: Job = kept.begin("other", days(office.state)[0], office.document)
        return begun

    job = client.loop.run_until_complete(begin())
    assert "another administrator" in post(client, day=day, how="form").lower()
    assert "kept no longer" in client.get(f"/simulate/day/{job.id}").text
    kept.cancel(job)
    assert job.task is not None
    client.loop.run_until_complete(asyncio.wait([job.task], timeout=20))


def test_a_comparison_that_takes_too_long_or_too_much_memory_is_stopped_and_said(signed_in: As, monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in()
    day = the_day(client)
    monkeypatch.setattr(comparisons, "MOST_S", 0.0)
    _, text = over(client, post(client, day=day, how="form"))
    assert "stopped; try again at a quieter time" in text and "<svg" not in text
    monkeypatch.setattr(comparisons, "MOST_S", 100.0)
    monkeypatch.setattr(comparisons, "_COMMAND", ("sh", "-c", "ulimit -v 40000; exec " + shlex.join(comparisons._COMMAND)))
    _, text = over(client, post(client, day=day, how="form"))
    assert "ended without a result" in text and "<svg" not in text


def test_a_day_that_does_not_fit_into_the_memory_allowed_is_said(recorded: Path, office: WebOffice) -> None:
    task = Task(state=str(recorded / "state"), day=days(recorded / "state")[0], document=office.document)
    words = "from appliance.calls import comparing as c; c.compared = lambda *_: [bytes(1 << 24) for _ in range(1 << 10)]; c.main()"
    with subprocess.Popen([sys.executable, "-c", words], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(msgspec.json.encode(task) + b"\n")
        process.stdin.flush()
        assert msgspec.json.decode(process.stdout.readline(), type=Answer) == Answer(wrong="too_large")


def test_its_process_ends_with_the_box(recorded: Path, office: WebOffice) -> None:
    """The box's end closes the process's standard input; here while it is at work."""
    task = Task(state=str(recorded / "state"), day=days(recorded / "state")[0], document=office.document)
    words = "from appliance.calls import comparing as c; import time; c.compared = lambda *_: time.sleep(600); c.main()"
    with subprocess.Popen([sys.executable, "-c", words], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.communicate(msgspec.json.encode(task) + b"\n", timeout=60)
    assert process.returncode == 3


def test_a_day_without_calls_is_one_clear_line(office: WebOffice, signed_in: As) -> None:
    for end in ("", "-wal", "-shm"):
        (office.state / f"journal.db{end}").unlink(missing_ok=True)
    empty = OfficeDay(office.state, office.document, seed=1, per_hour=0.001)
    empty.run()
    client = signed_in()
    _, text = over(client, post(client, day=the_day(client), how="form"))
    assert "No call came to a queue on" in text and "<svg" not in text


def test_a_box_without_a_journal_says_so_in_one_line(office: WebOffice, signed_in: As) -> None:
    (office.state / "journal.db").unlink()
    text = signed_in().get("/simulate/day").text
    look(text)
    assert "This box has no journal yet" in text and "<select" not in text


def test_it_is_the_administrators_and_needs_the_sessions_token(signed_in: As) -> None:
    boss = signed_in("boss")
    assert boss.get("/simulate/day").status_code == 403
    assert boss.get("/simulate/day/abc/calls.csv").status_code == 403
    admin = signed_in("admin")
    assert admin.post("/simulate/day", files={"how": (None, "form")}).status_code == 403
