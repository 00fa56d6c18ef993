"""Tones of an exchange as data (A1 A2): what we ship is right, and nonsense is refused with one clear line."""

from pathlib import Path

import pytest

from appliance.__main__ import main
from firmware_cfg import call_progress
from firmware_cfg.check import HERE, examine_tones, known, parse

CHINA = (HERE / "tones/cn.toml").read_text("utf-8")
LINE = '[[line]]\nid = "l1"\ndialect = "v253"\nport = "/dev/x"\nnumber = "5"\ndirection = "out"\ncountry = "{}"\n'


def said(folder: Path, text: str) -> list[str]:
    path = folder / "tones" / "xx.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    return [str(one) for one in examine_tones(path)[1]]


@pytest.mark.parametrize("country", sorted(path.stem for path in call_progress.HERE.glob("*.toml")))
def test_what_we_ship_has_no_findings_and_every_figure_a_source(country: str) -> None:
    assert examine_tones(call_progress.HERE / f"{country}.toml")[1] == []
    assert all(tone.source for _, tone in call_progress.load(country).named())


@pytest.mark.parametrize(
    ("before", "after", "finding"),
    [
        ("hz = [450]", "hz = [50]", "dial.hz (line 5): 50 Hz is no tone of an exchange; write one or two frequencies, 200 to 3300"),
        ("hz = [450]", "hz = []", "dial.hz (line 5): [] is no tone of an exchange; write one or two frequencies, 200 to 3300"),
        ("hz = [450]", "hz = [450, 460]", "dial.hz (line 5): 450 Hz and 460 Hz lie too near to each other to be heard as two; write two"),
        ("tolerance_hz = 25", "tolerance_hz = 250", "dial.tolerance_hz (line 6): 250 is out of range; write 1 to 40"),
        ("[1000, 4000]", "[1000]", "ringback.cadence_ms (line 13): has 1 parts; write on, off, on, off …, at most 6; nothing for a tone"),
        ("[1000, 4000]", "[1000, 40]", "ringback.cadence_ms (line 13): 40 is no part of a cadence; write ms, 100 to 10000"),
        ("[1000, 4000]", '"often"', 'ringback.cadence_ms (line 13): "often" stands where a list belongs; write a list'),
        ("tolerance_ms = 60", "tolerance_ms = 200", "busy.tolerance_ms (line 22): 200 is out of range; write 20 to 175, half of"),
        ("known_after_ms = 2000", "known_after_ms = 0", "dial.known_after_ms (line 7): 0 is out of range; write 500 to 30000"),
        ("[350, 350]", "[650, 700]", "congestion (line 26): cannot be told from busy; write frequencies or cadences that differ by more"),
        ("known_after_ms = 2000", "known_after_ms = 1100", "ringback (line 10): cannot be told from dial; write frequencies or cadences"),
        ("[busy]", "[bussy]", "bussy (line 18): there is no setting bussy; did you mean \"busy\"?"),
        ("[350, 350]", "[350, 350", "xx.toml (line 22): a bracket is not closed; close each"),
    ],
)  # fmt: skip
def test_nonsense_in_a_file_is_one_line_that_says_what_would_be_right(before: str, after: str, finding: str, tmp_path: Path) -> None:
    found = said(tmp_path, CHINA.replace(before, after, 1))
    assert found and any(one.startswith(finding) for one in found), found
    assert all("\n" not in one for one in found)


def test_seatbox_check_takes_a_file_of_tones(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(tmp_path, CHINA.replace("hz = [450]", "hz = [9999]", 1))
    assert main(["check", str(tmp_path / "tones/xx.toml")]) == 1
    assert capsys.readouterr().out == "dial.hz (line 5): 9999 Hz is no tone of an exchange; write one or two frequencies, 200 to 3300\n"
    assert main(["check", str(HERE / "tones/us.toml")]) == 0


def test_a_line_names_a_country_whose_tones_are_there_and_right(tmp_path: Path) -> None:
    assert parse(LINE.format("us").encode(), "x", known())[1] == []
    found = [str(one) for one in parse(LINE.format("uk").encode(), "x", known())[1]]
    assert found == ['line[l1].country (line 7): there is no file of "uk" in tones/; it can be one of "cn", "us"']
    for name in ("modems", "tones"):
        (tmp_path / name).mkdir()
    (tmp_path / "modems/v253.toml").write_text((HERE / "modems/v253.toml").read_text("utf-8"))
    said(tmp_path, CHINA.replace("hz = [450]", "hz = [50]", 1))
    found = [str(one) for one in parse(LINE.format("xx").encode(), "x", known(tmp_path))[1]]
    assert len(found) == 1 and found[0].startswith("line[l1].country (line 7): tones/xx.toml is wrong: dial.hz (line 5): 50 Hz is no tone")
