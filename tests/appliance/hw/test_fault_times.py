"""Each fault on command, in a call: the line comes back, or is named broken with the cause; virtual time (A1, E5)."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.hw.dialect import Answer, HangUp
from tests.support.hw_pair import Pair
from tests.support.hw_twin import short

FAMILIES = ("sim7600", "ec25", "huawei")
# fault: how long it lasts in ms (0: it ends itself, or the ladder ends it), the words of the fault that is told, a step that is taken
FAULTS = {
    "hang": (0, "does not answer", "power_key"),
    "reboot": (0, "the port is gone", "gone"),
    "brown_out": (0, "its power supply may be too weak", "gone"),
    "sim_removed": (30_000, "no usable SIM card", ""),
    "no_network": (400_000, "lost its network", "radio"),
    "urc_storm": (0, "", ""),
}
CASES = [
    *((family, fault) for fault in ("hang", "sim_removed") for family in FAMILIES),
    *(("sim7600", "reboot"), ("ec25", "brown_out"), ("ec25", "no_network"), ("huawei", "urc_storm")),
]
TABLE = dict(re.findall(r"^\| `(\w+)` .*\| (\d+) s \|$", Path("docs/lines.md").read_text("utf-8"), re.MULTILINE))


@pytest.fixture
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pair]:
    made = Pair(tmp_path, request.param)
    made.bench.ring(says=made.far_end().says)
    made.wait(500)
    yield made
    made.close()


@pytest.mark.parametrize(("pair", "fault"), CASES, indirect=["pair"])
def test_after_a_fault_the_line_is_back_in_the_time_that_the_docs_give_or_named_broken(pair: Pair, fault: str) -> None:
    lasts, words, step = FAULTS[fault]
    family = pair.dialect.profile.name
    if fault == "brown_out":
        pair.bench.trunk.set_fault(fault, pair.bench.now)
        pair.order(Answer())
    else:
        pair.order(Answer())
        pair.wait(6_000)
        assert pair.sound
        pair.bench.trunk.set_fault(fault, pair.bench.now)
    began = pair.bench.now
    if fault == "urc_storm":
        pair.wait(5_000)
        assert pair.sound and "LineHungUp" not in " ".join(pair.told())  # nobody in the call noticed
        pair.order(HangUp())
        began = pair.bench.now
    if lasts:
        pair.wait(lasts)
        pair.bench.trunk.set_fault(None, pair.bench.now)
        began = pair.bench.now
    pair.wait(1_000)
    for _ in range(400):
        if pair.dialect.mood == "idle" or "broken" in [one for _, one in pair.steps]:
            break
        pair.wait(1_000)
    if pair.dialect.mood != "idle":  # no key to press: broken, and well again when somebody has seen to it
        assert pair.dialect.profile.power_key is None and fault == "hang"
        began = pair.bench.now
        pair.bench.trunk.set_fault(None, began)
        pair.wait(75_000)
    assert pair.dialect.mood == "idle"
    told = pair.told()
    assert sum(one.startswith("LineHungUp") for one in told) == 1
    faults = [one for one in told if one.startswith("LineFault")]
    assert not words or any(words in one for one in faults), (faults, told)
    steps = [one for _, one in pair.steps]
    assert not step or step in steps or (family, fault) == ("huawei", "hang"), steps
    assert not steps or steps[-1] == "back"
    idle = [fact.at_ms for fact in pair.facts if short(fact) == "LineIdle"][-1]
    took_s = (idle - began) / 1000
    assert took_s <= int(TABLE[fault]), (fault, family, took_s)
    pair.bench.trunk.set_fault(None, pair.bench.now)
    call = pair.bench.ring()
    pair.wait(1_000)
    assert pair.told()[-2:] == ["LineRinging ring=1", "CallerKnown caller=13912345678"], call.state
    print(f"{fault:12} {family:8} {took_s:6.1f} s {' '.join(steps)}")
