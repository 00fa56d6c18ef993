"""The core on its own (E4): what it pulls in, its values, its memory, its manners."""

import copy
import pickle
import subprocess
import sys
from array import array
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

from appliance.core import Acd, _decisions, decisions, trace
from appliance.core import decisions as d
from appliance.core import inputs as i
from tests.support.core_office import Office, offers

ROOT = Path(__file__).resolve().parents[3]
FOREIGN = (
    "numpy",
    "sqlite3",
    "sqlite_utils",
    "starlette",
    "uvicorn",
    "asyncio",
    "socket",
    "msgspec",
    "appliance.base",
    "appliance.events",
    "firmware_cfg",
)


def test_importing_the_core_pulls_in_neither_web_nor_database_nor_numpy() -> None:
    code = f"import sys, appliance.core; print([name for name in {FOREIGN!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_source_of_the_core_imports_anything_of_ours() -> None:
    for path in (ROOT / "appliance" / "core").iterdir():
        if path.suffix in (".py", ".pyx", ".pxd", ".pyi"):
            for line in path.read_text().splitlines():
                words = line.split()
                if words[:1] in (["import"], ["from"], ["cimport"]) and words[1].startswith(("appliance", "firmware_cfg")):
                    assert words[1].startswith("appliance.core"), f"{path.name}: {line}"


def test_fast_and_plain_decisions_are_equal_by_value_both_ways() -> None:
    for fast, plain in zip(_decisions.CLASSES, get_args(decisions.Decision), strict=True):
        values = ["talking"] if plain is d.Refused else list(range(5, 5 + len(fields(plain))))
        assert fast.__name__ == plain.__name__
        assert fast.__match_args__ == plain.__match_args__
        a, b = fast(*values), plain(*values)
        assert a == b
        assert b == a
        assert a == fast(*values)
        assert hash(a) == hash(b)
        assert repr(a) == repr(b)
        assert isinstance(a, plain)
        assert pickle.loads(pickle.dumps(a)) == copy.copy(a) == b
        other = ["paused already"] if plain is d.Refused else [value + 1 for value in values]
        assert a != fast(*other)
        assert a != plain(*other)
        assert b != fast(*other)
        with pytest.raises(AttributeError):
            setattr(a, fast.__match_args__[0], values[0])
    assert _decisions.CLASSES[2](1, 2) != d.Rejected(1, 2)
    assert _decisions.CLASSES[2](1, 2) != (1, 2)


def test_decisions_can_be_matched() -> None:
    office = Office(Acd)
    office.staff(7)
    match office.call(1):
        case [d.Offer(call=call, agent=7, until_ms=until)]:
            assert (call, until) == (1, office.now + 15_000)
        case other:
            pytest.fail(f"{other}")


def test_sparse_ids_up_to_a_million_take_little_memory() -> None:
    office = Office(Acd, watched=False)
    for agent in (0, 1_000_000, 999_983, 2**31 - 1):
        office.staff(agent)
    assert offers(office.call(1_000_000)) == [(1_000_000, 0)]
    assert offers(office.call(17)) == [(17, 1_000_000)]
    assert sys.getsizeof(office.core) < 50_000


def test_a_core_is_no_larger_after_100_000_calls_than_after_a_thousand() -> None:
    office = Office(Acd, watched=False)
    office.staff(7, 8, wrap_up_ms=0)
    for call in range(100_000):
        ((_, agent),) = offers(office.call(call))
        if call % 3 == 0:
            office(i.AgentPauses(agent))
            office(i.AgentResumes(agent))
            office.now += 1_000
        office(i.CallLeaves(call))
        if call == 1_000:
            size = sys.getsizeof(office.core)
    assert sys.getsizeof(office.core) == size


def test_agents_who_change_their_queues_for_ever_take_no_more_memory() -> None:
    office = Office(Acd, watched=False)
    for queue in range(1, 13):
        office(i.QueueSet(queue))
    office.staff(7)
    sizes = []
    for mask in list(range(4_096)) * 2:
        office(i.AgentSet(7, tuple(queue + 1 for queue in range(12) if mask >> queue & 1)))
        sizes.append(sys.getsizeof(office.core))
    assert max(sizes) < 25_000  # 4,096 classes would take 300,000
    assert sizes[4_095] == sizes[-1]


def test_what_is_not_an_input_is_our_defect() -> None:
    with pytest.raises(KeyError):
        Acd().feed(0, "CallWaits")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Acd().feed(0, i.CallWaits("x", 1))  # type: ignore[arg-type]
    with pytest.raises(KeyError):
        Acd().agent(5)
    with pytest.raises(KeyError):
        Acd().explain(2**40)
    assert Acd().waiting(5) == []


def test_a_trace_of_wrong_shape_or_code_is_refused() -> None:
    with pytest.raises(ValueError):
        Acd().run(array("q", [0] * 5))
    assert [decision for _, decision in trace.unpack(Acd().run(array("q", [0, 99, 0, 0, 0, 0, 0, 0])))] == [d.Refused("bad value")]
    assert [decision for _, decision in trace.unpack(Acd().run(array("q", [0, -1, 0, 0, 0, 0, 0, 0])))] == [d.Refused("bad value")]


def test_the_codes_of_a_trace_are_those_of_the_core() -> None:
    """A moved line in inputs.py or decisions.py would change what old traces mean."""
    assert [kind.__name__ for kind in trace.INPUTS] == [
        "QueueSet", "QueueOffers", "QueuePoints", "QueueLimits", "QueueEmpties", "QueueWidens", "WantSet", "TenantSet", "AgentSet",
        "AgentTraits", "AgentLogsIn", "AgentLogsOut", "AgentPauses", "AgentResumes", "AgentAsks", "AgentDials", "AgentBlocked",
        "AgentUnblocked", "AgentVanishes", "AgentReturns", "AgentHangsUp", "CallWaits", "CallLeaves", "CallMoves", "CallBackWanted",
        "CustomerAnswers", "CustomerFails", "OfferRings", "AgentAnswers", "AgentRejects", "OfferFails", "VoicePathStands", "AgentTakes",
        "OfferWithdrawn", "Tick",
    ]  # fmt: skip
    assert [kind.__name__ for kind in trace.DECISIONS] == [kind.__name__ for kind in _decisions.CLASSES]
    for number, why in enumerate(decisions.REASONS):
        assert next(trace.unpack(array("q", [0, len(trace.DECISIONS) - 1, number, -1, -1])))[1] == d.Refused(why)


def test_the_ten_lines_of_the_handbook_say_what_happens() -> None:
    """docs/routing-core.md: each line's comment is what it gives, where it shows a value."""
    lines = (ROOT / "docs" / "routing-core.md").read_text().split("```python\n")[1].split("```")[0].splitlines()
    names: dict[str, object] = {}
    shown = 0
    for line in lines:
        code, _, comment = (part.strip() for part in line.partition("#"))
        if code.startswith(("from ", "acd =")):
            exec(code, names)
        elif code:
            gives = repr(eval(code, names))
            if comment.startswith(("[", "(", "15005")):
                assert comment.startswith(gives)
                shown += 1
    assert shown == 5
