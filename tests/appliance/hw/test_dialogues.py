"""Captured-style dialogues, each over wires that deliver whole, byte by byte, late, and cut anywhere (A1)."""

import pytest

from tests.support.hw_twin import CORPORA, WIRES, Twin, lossy

DIALOGUES = sorted(path.stem for path in CORPORA.glob("*.txt"))


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("name", DIALOGUES)
def test_a_dialogue_gives_its_facts_over_every_wire(name: str, wire: str) -> None:
    twin = Twin(name.partition("-")[0], WIRES[wire])
    twin.open()
    assert twin.told() == ["LineIdle"]
    twin.facts.clear()
    twin.play(name)
    twin.wait(90_000)
    assert twin.dialect.mood == "idle"
    assert "LineHungUp" not in twin.kinds()[-1:]


@pytest.mark.parametrize("echo", [False, True])
def test_echo_changes_nothing(echo: bool) -> None:
    twin = Twin("sim7600")
    twin.echo = echo
    twin.open()
    twin.facts.clear()
    twin.play("sim7600-incoming")


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", DIALOGUES)
def test_a_wire_that_loses_bytes_never_blocks_the_line_and_ends_each_call_once(name: str, seed: int) -> None:
    """One byte in a hundred, then three."""
    twin = Twin(name.partition("-")[0], lossy(seed, 0.01 if seed % 2 else 0.03))
    twin.open()
    twin.play(name, strict=False)
    twin.clcc = ""
    twin.wire = WIRES["whole"]
    twin.wait(400_000)
    assert twin.dialect.mood == "idle"
    assert twin.kinds().count("LineHungUp") == twin.begun()
    twin.facts.clear()
    twin.say("RING")
    twin.wait(100)
    assert twin.kinds() == ["LineRinging"]
