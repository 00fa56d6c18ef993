"""Who hears whom, as a table: one row a mode (A8 A9). By frequency over the real bridge: test_parties_heard.py."""

import itertools

import pytest

from appliance.calls.parties import Matrix, Role, Scene, Voice, who_hears_whom

AGENT, MUTED = Voice("A", Role.AGENT), Voice("A", Role.AGENT, muted=True)
GONE = Voice("A", Role.AGENT, here=False)
ASKED, RINGS = Voice("B", Role.CONSULTED), Voice("B", Role.CONSULTED, here=False)
MEMBERS = tuple(Voice(place, Role.MEMBER) for place in "BDE")
MONITOR, WHISPER, BARGE = Voice("S", Role.MONITOR), Voice("S", Role.WHISPER), Voice("S", Role.BARGE)

# who is in it besides the customer C; held?; whom each hears
TABLE: dict[str, tuple[tuple[Voice, ...], bool, str]] = {
    "talk": ((AGENT,), False, "C:A A:C"),
    "muted": ((MUTED,), False, "C: A:C"),
    "hold": ((AGENT,), True, "C:music A:"),
    "the agent's page is gone": ((GONE,), True, "C:music"),
    "consult, it rings": ((AGENT, RINGS), True, "C:music A:ringback"),
    "consult": ((AGENT, ASKED), True, "C:music A:B B:A"),
    "consult, the agent muted": ((MUTED, ASKED), True, "C:music A:B B:"),
    "three": ((AGENT, MEMBERS[0]), False, "C:AB A:BC B:AC"),
    "three, one rings still": ((AGENT, Voice("B", Role.MEMBER, here=False)), False, "C:A A:C"),
    "three, the agent muted": ((MUTED, MEMBERS[0]), False, "C:B A:BC B:C"),
    "three, the customer held": ((AGENT, MEMBERS[0]), True, "C:music A:B B:A"),
    "three, the agent gone": ((GONE, MEMBERS[0]), False, "C:B B:C"),
    "five": ((AGENT, *MEMBERS), False, "C:ABDE A:BCDE B:ACDE D:ABCE E:ABCD"),
    "four, and a consultation": ((AGENT, ASKED, *MEMBERS[1:]), False, "C:DE A:B B:A D:CE E:CD"),
    "an outside number has the customer": ((MEMBERS[0],), False, "C:B B:C"),
    "monitor": ((AGENT, MONITOR), False, "C:A A:C S:AC"),
    "monitor a muted agent": ((MUTED, MONITOR), False, "C: A:C S:C"),
    "monitor a held call": ((AGENT, MONITOR), True, "C:music A: S:A"),
    "monitor a consultation": ((AGENT, ASKED, MONITOR), True, "C:music A:B B:A S:AB"),
    "monitor a conference": ((AGENT, MEMBERS[0], MONITOR), False, "C:AB A:BC B:AC S:ABC"),
    "monitor an outside talk": ((MEMBERS[0], MONITOR), False, "C:B B:C S:BC"),
    "whisper": ((AGENT, WHISPER), False, "C:A A:CS S:AC"),
    "whisper in a consultation": ((AGENT, ASKED, WHISPER), True, "C:music A:BS B:A S:AB"),
    "whisper to a held call's agent": ((AGENT, WHISPER), True, "C:music A:S S:A"),
    "whisper in a conference": ((AGENT, MEMBERS[0], WHISPER), False, "C:AB A:BCS B:AC S:ABC"),
    "barge": ((AGENT, BARGE), False, "C:AS A:CS S:AC"),
    "barge, and the agent consults": ((AGENT, ASKED, BARGE), False, "C:S A:B B:A S:C"),
    "one whispers, another monitors": ((AGENT, WHISPER, Voice("T", Role.MONITOR)), False, "C:A A:CS S:AC T:AC"),
}


def written(matrix: Matrix) -> str:
    sounds = {None: "", "hold": "music", "ringback": "ringback"}
    parts = [f"{place}:{''.join(sorted(heard))}{sounds[matrix.plays.get(place)]}" for place, heard in matrix.hears.items()]
    return " ".join(sorted(parts))


@pytest.mark.parametrize("mode", TABLE)
def test_each_hears_exactly_whom_it_should(mode: str) -> None:
    voices, held, wanted = TABLE[mode]
    assert written(who_hears_whom(Scene("C", voices, held))) == " ".join(sorted(wanted.split(" ")))


def every_scene() -> list[Scene]:
    """Each role there, muted, ringing or away, in each combination, held and not."""
    kinds = [
        [None, AGENT, MUTED, GONE],
        [None, ASKED, RINGS, Voice("B", Role.CONSULTED, muted=True)],
        [None, Voice("D", Role.MEMBER), Voice("D", Role.MEMBER, muted=True), Voice("D", Role.MEMBER, here=False)],
        [None, MONITOR, WHISPER, BARGE, Voice("S", Role.WHISPER, muted=True)],
        [None, Voice("T", Role.MONITOR), Voice("T", Role.WHISPER), Voice("T", Role.BARGE)],
    ]
    return [
        Scene("C", tuple(voice for voice in voices if voice is not None), held)
        for voices in itertools.product(*kinds)
        for held in (False, True)
    ]


def test_in_every_combination_the_customer_hears_nobody_whom_he_must_not_and_is_never_left_in_silence_alone() -> None:
    scenes = every_scene()
    assert len(scenes) == 2 * 4 * 4 * 4 * 5 * 4
    for scene in scenes:
        matrix = who_hears_whom(scene)
        voices = {voice.place: voice for voice in scene.voices}
        heard = matrix.hears["C"]
        assert all(voices[place].role in (Role.AGENT, Role.MEMBER, Role.BARGE) for place in heard)
        assert matrix.recorded == heard
        assert not (scene.held and heard) and (matrix.plays["C"] == "hold" if scene.held else True)
        for place, sources in matrix.hears.items():
            assert place not in sources, "nobody hears himself"
            for source in sources - {"C"}:
                spoken = voices[source]
                assert not spoken.muted and spoken.here
            whispers = {source for source in sources if source != "C" and voices[source].role is Role.WHISPER}
            assert not whispers or voices[place].role is Role.AGENT, "a whisper is the agent's alone"
            assert not any(source != "C" and voices[source].role is Role.MONITOR for source in sources), "nobody hears who monitors"
        if not matrix.hears["C"]:  # nobody speaks to him: music, or somebody is there who has muted himself
            there = [v for v in scene.voices if v.here and (v.role in (Role.MEMBER, Role.BARGE) or v.role is Role.AGENT)]
            assert matrix.plays["C"] == "hold" or there
