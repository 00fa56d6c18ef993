"""Each modem family: its calls in both directions against the simulated modem, and every line of its profile at work (A1)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.hw.dialect import Answer, Dial, HangUp, SendDigit
from tests.support.hw_pair import BOX_HZ, FAR_HZ, Pair
from tests.support.hw_twin import Twin

WITH_SOUND = ("sim7600", "ec25", "huawei")
WITHOUT = ("sim800", "a7670")


@pytest.fixture
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pair]:
    made = Pair(tmp_path, request.param)
    yield made
    made.close()


@pytest.mark.parametrize("pair", WITH_SOUND, indirect=True)
def test_a_caller_and_the_box_hear_each_other(pair: Pair) -> None:
    call = pair.bench.ring(says=pair.far_end().says, keys="58")
    pair.wait(1_000)
    pair.order(Answer())
    pair.wait(4_500)
    assert round(pair.tones()[0]) == FAR_HZ
    assert round(call.ear.heard(over=False)["tones"][0]["hz"]) == BOX_HZ  # type: ignore[index]
    pair.order(SendDigit("7"))
    pair.wait(500)
    assert "7" in call.ear.keys
    pair.bench.network.hang_up(call, pair.bench.now)
    pair.wait(2_000)
    told = pair.told()
    assert told[:3] == ["LineIdle", "LineRinging ring=1", "CallerKnown caller=13912345678"]
    assert "LineSoundOn" in told
    assert [one for one in told if one.startswith("DigitHeard")] == ["DigitHeard digit=5", "DigitHeard digit=8"]
    assert told[-2:] == ["LineHungUp by=far", "LineIdle"]
    assert not pair.sound


@pytest.mark.parametrize("pair", WITH_SOUND, indirect=True)
def test_who_rings_in_the_moment_in_which_another_hangs_up_is_answered(pair: Pair) -> None:
    """What the module still says of the call before, it says into his ringing."""
    for gap_ms in (*range(0, 130, 5), 200, 300, 500):
        before = pair.bench.ring()
        pair.wait(400)
        pair.order(Answer())
        pair.wait(1_500)
        assert before.state == "connected"
        pair.facts.clear()
        pair.bench.network.hang_up(before, pair.bench.now)
        pair.wait(gap_ms)
        call = pair.bench.ring()
        pair.wait(400)
        pair.order(Answer())
        pair.wait(1_500)
        assert call.state == "connected", gap_ms
        told = [one for one in pair.told() if one.startswith(("LineHungUp", "LineRinging", "LineAnswered"))]
        assert told == ["LineHungUp by=far", "LineRinging ring=1", "LineAnswered"], gap_ms
        pair.bench.network.hang_up(call, pair.bench.now)
        pair.wait(2_500)


@pytest.mark.parametrize("pair", WITH_SOUND, indirect=True)
def test_the_box_dials_and_both_hear_each_other(pair: Pair) -> None:
    pair.bench.network.phones["13700000001"] = pair.far_end(answers_after_ms=2_000)
    pair.order(Dial("13700000001"))
    pair.wait(6_000)
    assert round(pair.tones()[0]) == FAR_HZ
    call = next(iter(pair.bench.network.calls.values()))
    assert round(call.ear.heard(over=False)["tones"][0]["hz"]) == BOX_HZ  # type: ignore[index]
    pair.order(HangUp())
    pair.wait(2_000)
    told = pair.told()
    assert [one for one in told if one != "LineSoundOn"] == [
        "LineIdle", "LineDialling", "LineAlerting", "LineConnected", "LineHungUp by=us", "LineIdle",
    ]  # fmt: skip
    assert call.state == "ended"


@pytest.mark.parametrize("pair", WITH_SOUND, indirect=True)
@pytest.mark.parametrize(
    ("far", "by"),
    [({"busy": True}, "busy"), ({"congested": True}, "congestion"), ({"answers_after_ms": None}, "no_answer"), (None, "refused")],
)
def test_why_nobody_answered_is_known(pair: Pair, far: dict[str, Any] | None, by: str) -> None:
    if far is not None:
        pair.bench.network.phones["13700000001"] = pair.far_end(**far)
    pair.order(Dial("13700000001"))
    pair.wait(70_000 if by == "no_answer" else 12_000)
    ends = [one for one in pair.told() if one.startswith("LineHungUp")]
    plain = by in ("refused", "congestion") and pair.dialect.profile.name == "sim7600"  # its firmware gives no cause
    assert ends == [f"LineHungUp by={'far' if plain else by}"]
    assert pair.told()[-1] == "LineIdle"


@pytest.mark.parametrize("pair", WITH_SOUND, indirect=True)
def test_what_the_box_hears_in_a_call_is_told_once_in_each_call_and_never_outside(pair: Pair) -> None:
    pair.bench.network.phones["13700000001"] = pair.far_end(answers_after_ms=500)
    for _ in range(2):
        pair.dialect.heard("fax_answer_tone", pair.bench.now)
        pair.order(Dial("13700000001"))
        pair.wait(3_000)
        for what in ("answered_by_person", "answered_by_machine", "beep", "fax_answer_tone") * 2:
            pair.dialect.heard(what, pair.bench.now)
        pair.order(HangUp())
        pair.wait(2_000)
    heard = [one.removeprefix("LineHeard what=") for one in pair.told() if one.startswith("LineHeard")]
    assert heard == ["person", "machine", "beep", "fax_answers"] * 2


@pytest.mark.parametrize("pair", WITHOUT, indirect=True)
def test_a_module_without_sound_shows_who_calls(pair: Pair) -> None:
    call = pair.bench.ring()
    pair.wait(3_000)
    pair.bench.network.hang_up(call, pair.bench.now)
    pair.wait(2_000)
    assert pair.told() == [
        "LineIdle", "LineRinging ring=1", "CallerKnown caller=13912345678", "LineHungUp by=far", "LineIdle",
    ]  # fmt: skip


@pytest.mark.parametrize(("family", "ask", "answer"), [("huawei", "AT^CVOICE?", "^CVOICE:1"), ("ec25", "AT+QPCMV=?", "+CME ERROR: 4")])
def test_a_variant_without_voice_is_named_before_it_is_in_service(family: str, ask: str, answer: str) -> None:
    twin = Twin(family)
    twin.answers[ask] = (answer, "OK")
    twin.open()
    assert twin.told() == [f"LineFault why=the modem has no voice over USB ({ask} says so): another variant or firmware is needed"]
    twin.answers[ask] = ("^CVOICE:0,8000,16,20", "+QPCMV: (0,1),(0-2)", "OK")
    twin.wait(90_000)
    assert twin.told()[-1] == "LineIdle"
