"""Every line of every profile is at work: whatever is changed in it, something that the box does or says changes (A1)."""

import copy
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from appliance.box.modems import families, waiting_modems
from appliance.hw.dialect import Answer, Dial, HangUp, Profile, SendDigit
from appliance.hw.profile import profiles_dir
from appliance.hw.recovery import Ladder
from firmware_cfg.check import HERE, known, parse
from firmware_cfg.document import Document
from tests.appliance.hw.test_discover import plug
from tests.support.hw_twin import Twin

FAMILIES = sorted(path.stem for path in profiles_dir().glob("*.toml"))
Path_ = tuple[Any, ...]


def leaves(table: Any, path: Path_ = ()) -> Iterator[Path_]:
    for key, value in table.items() if isinstance(table, dict) else enumerate(table):
        if isinstance(value, dict | list):
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key)


def changed(table: dict[str, Any], path: Path_) -> dict[str, Any]:
    """The profile with this one value different."""
    other = copy.deepcopy(table)
    at: Any = other
    for key in path[:-1]:
        at = at[key]
    value = at[path[-1]]
    if path[0] == "dialect":
        at["dialect"] = "rockwell" if value == "v253" else "v253"
    elif path[0] == "voice":
        at["voice"] = {"none": "half_duplex", "half_duplex": "none"}[value]
    elif isinstance(value, bool):
        at[path[-1]] = not value
    elif isinstance(value, int):
        at[path[-1]] = value + 1
    else:
        at[path[-1]] = "0" + value if path[0] == "usb" else value + "0"
    return other


def a_life(profile: Profile, on_card: bool) -> list[object]:
    """What the box does at a modem that does as it is told."""
    twin = Twin(profile.name, on_card=on_card, **{field: getattr(profile, field) for field in profile.__struct_fields__})
    twin.open()
    twin.say("RING", '+CLIP: "10086",129')
    twin.wait(100)
    twin.order(Answer())
    twin.wait(300)
    twin.say("OK")
    twin.wait(1_000)
    twin.order(SendDigit("5"))
    twin.wait(300)
    twin.order(HangUp())
    twin.wait(3_000)
    twin.order(Dial("10086"))
    twin.wait(300)
    twin.say("OK")
    twin.wait(1_000)
    twin.say("NO CARRIER")
    twin.wait(3_000)
    return [twin.sent, twin.told(), twin.sounds]


def behaviour(name: str, table: dict[str, Any], folder: Path) -> list[object]:
    """What the box does and says with this profile: at a modem that does as it is told, one that hangs, plugged in, and configured."""
    profile = msgspec.convert({"name": name, **table}, Profile)
    lives = [a_life(profile, on_card) for on_card in ((False, True) if profile.card is not None else (False,))]
    ladder = Ladder(profile, usb=True, key=True)
    rungs = [ladder.next(0) for _ in range(6)] + [ladder.missing(1), ladder.missing(10**8)]
    places = folder / name / "modems"
    places.mkdir(parents=True, exist_ok=True)
    (folder / name / "boards").mkdir(exist_ok=True)
    (places / f"{name}.toml").write_text("\n".join(f"{key} = {toml(value)}" for key, value in table.items()))
    line = f'[[line]]\nid = "x"\ndialect = "{name}"\nport = "/dev/x"\nnumber = "5"\n[[queue]]\nid = "q"\n'
    said = parse(line.encode(), "x", known(folder / name))[1]
    return [*lives[0], lives, rungs, ladder.blind, said, families([profile]), waiting_modems(Document(), folder / "tree", [profile])]


def toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(one)}" for key, one in value.items()) + " }"
    return msgspec.json.encode(value).decode()


@pytest.mark.parametrize("name", FAMILIES)
def test_each_line_of_a_profile_changes_what_the_box_does(name: str, tmp_path: Path) -> None:
    table = tomllib.loads((HERE / "modems" / f"{name}.toml").read_text("utf-8"))
    for number, usb in enumerate(table.get("usb", ())):
        for interface in range(6):
            plug(tmp_path / "tree", f"ttyUSB{10 * number + interface}", f"1-1.{number}", usb, interface)
    as_it_is = behaviour(name, table, tmp_path)
    assert any("AT" in command for command in as_it_is[0])  # type: ignore[attr-defined]
    idle = [path for path in leaves(table) if behaviour(name, changed(table, path), tmp_path) == as_it_is]
    assert idle == []


@pytest.mark.parametrize("name", FAMILIES)
def test_a_profile_explains_itself(name: str) -> None:
    """What it is stands in its first line, what it cannot in both languages."""
    assert (HERE / "modems" / f"{name}.toml").read_text("utf-8").startswith("# ")
    profile = Profile.load(name)
    assert profile.title and (profile.limit is None) == (profile.voice == "two_way")
