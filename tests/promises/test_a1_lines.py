"""A1: lines in and out on both dialects, against the simulated exchange over real pseudo-terminals with the real audio thread.

The exchange rings in real time, so all stories run at once, each on a line of its own; each is then a test of its own.
"""

import asyncio
import traceback
from collections.abc import Awaitable, Callable

import pytest

from appliance.hw.dialect import Answer, Dial, HangUp
from tests.support.hw_office import DIALECTS, Office, a_line, an_exchange

Story = Callable[[Office, str], Awaitable[None]]
STORIES: dict[str, Story] = {}


def story(tell: Story) -> Story:
    STORIES[tell.__name__] = tell
    return tell


def number(office: Office, line: str) -> str:
    return office.exchange.lines[line].number


def rings(office: Office, line: str, **more: object) -> str:
    call: str = office.exchange.ask("POST", "/calls", {"to": number(office, line), "from": "13912345678", "says": "tone:620", **more})["id"]
    return call


def endpoint(office: Office, line: str) -> int:
    found = office.drivers[line].endpoint
    assert found is not None
    return found


async def answered(office: Office, line: str) -> str:
    call = rings(office, line)
    await office.until_told(line, "LineRinging ring=1", "CallerKnown")
    office.order(line, Answer())
    await office.until_told(line, "LineAnswered", "LineSoundOn")
    return call


@story
async def a_caller_is_known_heard_his_keys_counted_once_and_his_hanging_up_seen(office: Office, line: str) -> None:
    call = rings(office, line, keys="5,5#")
    await office.until_told(line, "LineRinging ring=1", "CallerKnown caller=13912345678")
    office.order(line, Answer())
    await office.until_told(line, "LineAnswered", "LineSoundOn")
    office.bridge.play(endpoint(office, line), "ringback")
    await office.until_told(line, "DigitHeard digit=5", "DigitHeard digit=5", "DigitHeard digit=#")
    await office.until(line, lambda: office.bridge.level_dbfs(endpoint(office, line))[0] > -25, "the caller's tone comes to the box")
    await office.until(line, lambda: office.exchange.ask("GET", f"/calls/{call}")["heard"]["seconds"] > 0, "the caller hears the box")
    office.exchange.ask("DELETE", f"/calls/{call}")
    await office.until_told(line, "LineHungUp by=far", "LineIdle")
    told = office.told(line)
    assert [fact for fact in told if fact.startswith("DigitHeard")] == [f"DigitHeard digit={key}" for key in "55#"]
    assert sum(fact.startswith("LineHungUp") for fact in told) == 1


@story
async def a_caller_who_gives_up_is_one_missed_call(office: Office, line: str) -> None:
    call = rings(office, line)
    await office.until_told(line, "LineRinging ring=1", "CallerKnown")
    office.exchange.ask("DELETE", f"/calls/{call}")
    await office.until_told(line, "LineHungUp by=far", "LineIdle")


@story
async def a_number_is_dialled_alerts_answers_is_heard_and_we_hang_up(office: Office, line: str) -> None:
    phone = "137" + number(office, line)[3:]
    office.exchange.ask("PUT", f"/phones/{phone}", {"answers_after_s": 2, "says": "tone:1130", "keys": "1"})
    office.order(line, Dial(phone))
    await office.until_told(line, "LineDialling", "LineAlerting")
    await office.until_told(line, "LineSoundOn")
    office.bridge.play(endpoint(office, line), "hold")
    await office.until_told(line, "LineConnected", "DigitHeard digit=1")
    await office.until(line, lambda: office.bridge.level_dbfs(endpoint(office, line))[0] > -25, "the far end's tone comes to the box")
    office.order(line, HangUp())
    await office.until_told(line, "LineHungUp by=us", "LineIdle")
    leg = office.exchange.ask("GET", "/calls", query={"number": phone})[0]["id"]
    await office.until(line, lambda: office.exchange.ask("GET", f"/calls/{leg}")["state"] == "ended", "the far end's call is over")


@story
async def a_busy_number_is_said_to_be_busy(office: Office, line: str) -> None:
    phone = "137" + number(office, line)[3:]
    office.exchange.ask("PUT", f"/phones/{phone}", {"busy": True})
    office.order(line, Dial(phone))
    await office.until_told(line, "LineHungUp by=busy", "LineIdle")


@story
async def where_the_network_has_no_way_to_the_number_that_is_congestion_and_not_busy(office: Office, line: str) -> None:
    """On wires the box's own ears alone know it, by the tones of the line's country; a SIM7600 gives no cause."""
    phone = "137" + number(office, line)[3:]
    office.exchange.ask("PUT", f"/phones/{phone}", {"congested": True})
    office.order(line, Dial(phone))
    by = "congestion" if office.exchange.lines[line].dialect == "v253" else "far"
    await office.until_told(line, f"LineHungUp by={by}", "LineIdle")


@story
async def a_call_survives_the_box_at_the_modem_and_the_next_box_ends_it_cleanly(office: Office, line: str) -> None:
    call = await answered(office, line)
    office.restart(line)
    assert office.exchange.ask("GET", f"/calls/{call}")["state"] == "connected"
    await office.until(line, lambda: office.exchange.ask("GET", f"/calls/{call}")["state"] == "ended", "the call left over is ended")
    await office.until_told(line, "LineIdle")
    assert office.told(line) == ["LineIdle"]


@story
async def a_modem_unplugged_in_a_call_is_a_fault_and_well_again_when_replugged(office: Office, line: str) -> None:
    await answered(office, line)
    office.exchange.ask("PUT", f"/trunks/{line}", {"fault": "unplug"})
    await office.until_told(line, "LineHungUp by=lost", "LineFault")
    office.exchange.ask("PUT", f"/trunks/{line}", {"fault": "replug"})
    await office.until_told(line, "LineFault", "LineIdle")
    await answered(office, line)


@story
async def a_modem_that_restarts_in_a_call_ends_it_and_comes_back(office: Office, line: str) -> None:
    await answered(office, line)
    office.exchange.ask("PUT", f"/trunks/{line}", {"fault": "reboot"})
    await office.until_told(line, "LineSoundOn", "LineHungUp", "LineIdle")


@story
async def garbage_passes_and_the_next_call_comes_in(office: Office, line: str) -> None:
    office.exchange.ask("PUT", f"/trunks/{line}", {"fault": "garbage"})
    await asyncio.sleep(0.5)
    call = rings(office, line)
    await office.until_told(line, "LineIdle", "LineRinging")
    office.exchange.ask("DELETE", f"/calls/{call}")
    await office.until_told(line, "LineHungUp by=far", "LineIdle")


@story
async def a_megabyte_of_random_bytes_passes_and_the_next_call_comes_in(office: Office, line: str) -> None:
    """On a busy machine it takes seconds, and what looks like a ring in it may be one to the line; the call comes after it. Where it takes
    more than three, the line is named and its port closed, as it is to be: then somebody pulls the plug, and the flood is over."""
    office.exchange.ask("PUT", f"/trunks/{line}", {"fault": "flood"})

    def poured() -> bool:
        trunks = office.exchange.ask("GET", "/trunks")
        return not any(trunk["pours"] for trunk in trunks if trunk["line"] == line)

    def named() -> bool:
        return any("garbage" in fact for fact in office.told(line))

    await office.until(line, lambda: poured() or named(), "take the flood")
    if named():
        for fault in ("unplug", "replug"):
            office.exchange.ask("PUT", f"/trunks/{line}", {"fault": fault})
    await office.until(line, poured, "come to the flood's end")
    await office.until(line, lambda: office.told(line)[-1] == "LineIdle", "come to rest")
    office.forget(line)
    await answered(office, line)


@story
async def a_line_without_faults_never_notices_the_others(office: Office, line: str) -> None:
    await asyncio.sleep(8)
    assert office.told(line) == ["LineIdle"]


RUNS = [(told, dialect) for told in STORIES for dialect in DIALECTS]
RUNS += [
    (told.__name__, dialect)
    for dialect in ("ec25", "huawei")
    for told in (
        a_caller_is_known_heard_his_keys_counted_once_and_his_hanging_up_seen,
        a_number_is_dialled_alerts_answers_is_heard_and_we_hang_up,
    )
]


def line_of(told: str, dialect: str) -> str:
    return f"{dialect}-{list(STORIES).index(told)}"


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Line -> what went wrong in its story, or nothing."""
    lines = [a_line(line_of(told, dialect), dialect, n) for n, (told, dialect) in enumerate(RUNS)]

    async def one(office: Office, told: str, line: str) -> tuple[str, str]:
        try:
            await office.until_told(line, "LineIdle")
            await STORIES[told](office, line)
        except Exception:  # noqa: BLE001  each story is judged by its own test
            return line, traceback.format_exc()
        return line, ""

    async def all_of_them() -> dict[str, str]:
        office = Office(exchange)
        try:
            stories = [one(office, told, line_of(told, dialect)) for told, dialect in RUNS]
            return dict(await asyncio.gather(*stories))
        finally:
            office.stop()

    with an_exchange(tmp_path_factory.mktemp("lines"), lines) as exchange:
        return asyncio.run(all_of_them())


@pytest.mark.parametrize(("told", "dialect"), RUNS)
def test_that(told: str, dialect: str, outcomes: dict[str, str]) -> None:
    wrong = outcomes[line_of(told, dialect)]
    if wrong:
        pytest.fail(wrong, pytrace=False)
