"""The doctor says what is wrong and what to do (E2 E5)."""

import socket
from pathlib import Path

import pytest

from appliance import doctor
from appliance.hw.discover import Found


def test_a_taken_port_is_named_with_what_to_do() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        (seen,) = doctor.look_at_address(f"127.0.0.1:{other.getsockname()[1]}")
    assert seen.level == "BAD"
    assert "taken" in seen.what
    assert "--listen" in seen.todo


@pytest.mark.parametrize("listen", ["8080", ":8080", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000", "192.0.2.1:8080"])
def test_an_address_that_cannot_be_is_named(listen: str) -> None:
    (seen,) = doctor.look_at_address(listen)
    assert seen.level == "BAD"
    assert seen.todo


def test_a_state_directory_that_others_can_read_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert [seen.level for seen in doctor.look_at_state(tmp_path)] == ["BAD"]
    tmp_path.chmod(0o700)
    assert [seen.level for seen in doctor.look_at_state(tmp_path)] == ["ok"]


def test_a_state_that_does_not_exist_yet_is_judged_by_the_disk_it_will_lie_on(tmp_path: Path) -> None:
    assert list(doctor.look_at_state(tmp_path / "new")) == []
    (seen,) = doctor.look_at_disk(tmp_path / "new" / "deep")
    assert f"disk of {tmp_path}:" in seen.what


def test_pins_and_sound_are_not_needed(tmp_path: Path) -> None:
    assert [seen.level for seen in doctor.look_at_pins(tmp_path)] == ["note"]
    assert [seen.level for seen in doctor.look_at_sound(tmp_path / "cards")] == ["note"]
    (tmp_path / "cards").write_text(" 0 [Headset        ]: USB-Audio - Jabra\n                      Jabra at usb-1\n")
    assert [seen.what for seen in doctor.look_at_sound(tmp_path / "cards")] == ["sound cards: USB-Audio - Jabra"]


def test_a_modules_sound_card_is_not_offered_as_a_headset() -> None:
    names = ["EC25AUX: USB Audio (hw:1,0)", "Jabra: USB Audio (hw:11,0)"]
    assert doctor.without_modems(names, {1, None}) == names[1:]


def test_every_finding_that_is_bad_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    doctor.main(tmp_path, "127.0.0.1:0")
    for line in capsys.readouterr().out.splitlines():
        assert not line.startswith("BAD") or "; " in line


def test_a_modem_that_is_plugged_in_is_named_and_its_line_can_be_pasted(capsys: pytest.CaptureFixture[str]) -> None:
    known = Found(path="/dev/null", by_path=None, usb="1e0e:9001", profile="sim7600", toml='[[line]]\nid = "l1"\n')
    strange = Found(path="/dev/null", by_path=None, usb="1234:5678", profile=None, toml="# nothing\n")
    assert [seen.level for seen in doctor.look_at_modems([known, strange])] == ["ok", "note"]
    assert [seen.level for seen in doctor.look_at_modems([])] == ["note"]
    assert doctor.tell([], [known]) == 0
    assert capsys.readouterr().out.endswith('[[line]]\nid = "l1"\n')
