"""Who talked last with which number: a fold, made again from the journal (A3)."""

from appliance.calls import commands
from appliance.calls.talks import Talks
from appliance.events.call import CallAnswered, CallEnded, CallerIdentified
from tests.support.office import TestOffice


def talk(talks: Talks, call: str, number: str | None, agent: str) -> None:
    talks.take(CallerIdentified(at_ms=0, call=call, caller=number))  # type: ignore[arg-type]
    talks.take(CallAnswered(at_ms=0, call=call, seat="b1", agent=agent))  # type: ignore[arg-type]
    talks.take(CallEnded(at_ms=0, call=call, by="caller"))  # type: ignore[arg-type]


def test_the_last_one_counts_and_not_the_first() -> None:
    talks = Talks()
    talk(talks, "c1", "13911110000", "a1")
    talk(talks, "c2", "13911110000", "a2")
    assert talks.agents_of("13911110000") == ("a2",) and talks.agents_of("13922220000") == ()


def test_a_call_that_nobody_answered_changes_nothing() -> None:
    talks = Talks()
    talk(talks, "c1", "13911110000", "a1")
    talks.take(CallerIdentified(at_ms=0, call="c2", caller="13911110000"))  # type: ignore[arg-type]
    talks.take(CallEnded(at_ms=0, call="c2", by="caller"))  # type: ignore[arg-type]
    assert talks.agents_of("13911110000") == ("a1",)


def test_of_too_many_numbers_the_longest_silent_is_forgotten() -> None:
    talks = Talks(kept=2)
    for number in ("1", "2", "1", "3"):
        talk(talks, f"c{number}", number, "a1")
    assert [bool(talks.agents_of(number)) for number in ("1", "2", "3")] == [True, False, True]


def test_folded_again_from_an_offices_facts_it_knows_the_same() -> None:
    office = TestOffice()
    office.log_in("b1", "a1")
    office.ring("l1", "13911110000")
    office.do(commands.Answer, seat="b1")
    again = Talks()
    for fact in office.facts:
        if type(fact).__name__ in Talks.KINDS:
            again.take(fact)
    assert again.agents_of("13911110000") == office.talks.agents_of("13911110000") == ("a1",)
