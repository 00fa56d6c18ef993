"""The command `seatbox` from outside: exit codes, one clear line, never a traceback (E2 E5)."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.box import a_box

ROOT = Path(__file__).parents[2]


def seatbox(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "appliance", *arguments]
    return subprocess.run(
        command, cwd=cwd, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=60
    )


def python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True).stdout


def test_a_good_configuration_is_exit_code_0_and_no_finding() -> None:
    ran = seatbox("check", "firmware_cfg/demo.toml")
    assert (ran.returncode, ran.stdout) == (0, "")
    assert "nothing wrong (4 lines, 1 queue, 4 seats, 6 agents)" in ran.stderr


def test_a_bad_configuration_is_exit_code_1_and_one_line_a_finding(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text('nam = "x"\n\n[[seat]]\nid = "s1"\nkind = "phone"\n')
    ran = seatbox("check", str(bad))
    assert ran.returncode == 1
    first, second = ran.stdout.splitlines()
    assert first == 'nam (line 1): there is no setting nam; did you mean "name"?'
    assert second.startswith("seat[s1].number (line 3): is missing: a phone seat is a telephone that the box dials; add number = ")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ([], 2, "VERB"),
        (["fly"], 2, "fly"),
        (["run"], 2, "--state"),
        (["check"], 2, "FILE"),
        (["run", "--state"], 2, "--state"),
        (["check", "/nowhere/x.toml"], 1, "x.toml: cannot be read: No such file or directory"),
        (["run", "--state", "{tmp}", "--config", "/nowhere/x.toml"], 1, "cannot be read"),
        (["run", "--state", "/proc/none/x"], 1, "/proc/none"),
        (["run", "--state", "{tmp}", "--listen", "nonsense"], 2, "HOST:PORT"),
        (["run", "--state", "{tmp}", "--listen", "127.0.0.1:99999"], 2, "HOST:PORT"),
        (["verify", "--state", "{tmp}/missing"], 1, "not a directory"),
        (["password", "--state", "{tmp}/missing", "admin"], 1, "not a directory"),
        (["modem", "--dialect", "isdn"], (1, 2), "isdn"),
        (["modem", "--dialect", "v253", "--script", "/nowhere/x"], (1, 2), "/nowhere/x"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_every_misuse_is_one_clear_line(arguments: list[str], code: int | tuple[int, ...], words: str, tmp_path: Path) -> None:
    ran = seatbox(*(part.replace("{tmp}", str(tmp_path)) for part in arguments))
    said = ran.stdout + ran.stderr
    assert ran.returncode in (code if isinstance(code, tuple) else (code,)), said
    assert words in said
    assert "Traceback" not in said


def test_help_names_the_verbs_that_there_are() -> None:
    ran = seatbox("--help")
    assert ran.returncode == 0
    for verb in ("run", "check", "verify", "modem", "doctor", "password"):
        assert f"\n  {verb} " in ran.stdout or f"\n    {verb} " in ran.stdout


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("".join(f"wrong{n} = 1\n" for n in range(20_000)))
    command = f"{sys.executable} -m appliance check {bad} | head -n 1"
    ran = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert (ran.stdout.count("\n"), ran.stderr) == (1, "")


def test_a_box_without_a_configuration_starts_with_the_factorys(tmp_path: Path) -> None:
    ran = seatbox("run", "--state", str(tmp_path / "new"), "--listen", "192.0.2.1:8080")
    assert "wrote" in ran.stderr
    assert (tmp_path / "new" / "config.toml").read_bytes() == (ROOT / "firmware_cfg" / "factory.toml").read_bytes()
    assert seatbox("check", str(tmp_path / "new" / "config.toml")).returncode == 0


def test_checking_a_configuration_needs_neither_web_nor_database_nor_numpy() -> None:
    code = "import sys; from appliance.__main__ import main; main(['check', 'firmware_cfg/demo.toml']); print(sorted(sys.modules))"
    loaded = python(code)
    for heavy in ("starlette", "uvicorn", "sqlite_utils", "sqlite3", "numpy", "serial", "gpiozero"):
        assert f"'{heavy}'" not in loaded


def test_the_core_alone_pulls_in_neither_web_nor_database_nor_numpy() -> None:
    loaded = python("import sys; import appliance.core; print(sorted(sys.modules))")
    for heavy in ("starlette", "uvicorn", "sqlite_utils", "sqlite3", "numpy", "serial", "gpiozero", "asyncio"):
        assert f"'{heavy}'" not in loaded


def test_the_configuration_package_works_without_the_appliance() -> None:
    code = (
        "import pathlib, sys; from firmware_cfg.check import load; load(pathlib.Path('firmware_cfg/demo.toml')); print(sorted(sys.modules))"
    )
    assert "'appliance" not in python(code)


def test_in_the_demonstration_a_seats_telephone_rings_though_nobody_set_it_up(tmp_path: Path) -> None:
    with a_box(tmp_path / "state") as box:
        seat = box.phone_seats()[0]
        box.post(f"/seats/{seat['id']}/login", {"agent": box.get("/agents")[0]["id"]})
        box.dial(box.get("/lines")[0]["number"])
        box.until("its telephone rings", lambda: (leg := box.leg_to(seat["number"])) and leg["state"] == "ringing")
