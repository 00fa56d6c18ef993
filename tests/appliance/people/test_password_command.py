"""`seatbox password`, and the demonstration's credentials (E2)."""

import asyncio
import io
import stat
from pathlib import Path

import pytest

from appliance.people import password_command
from appliance.people.accounts import Accounts, set_password_now
from appliance.people.demo import demo_credentials
from tests.support.store_clock import HandClock


def right(state: Path, password: str) -> bool:
    return asyncio.run(Accounts(state, HandClock()).check("admin", password, "127.0.0.1")) is not None


@pytest.fixture
def state(tmp_path: Path) -> Path:
    Accounts(tmp_path, HandClock()).first_password()
    return tmp_path


def run(state: Path, name: str, typed: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    return password_command.main(state, name)


def test_a_line_from_a_pipe_is_the_new_password(state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(state, "admin", "a new one 新\n", monkeypatch) == 0
    assert capsys.readouterr().out == "the password of admin is set\n"
    assert right(state, "a new one 新")


def test_an_empty_line_draws_one_and_prints_it(state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(state, "admin", "\n", monkeypatch) == 0
    assert right(state, capsys.readouterr().out.split()[-1])


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("admin", "short\n", "the password is too short: at least 8 characters\n"),
        ("amdin", "long enough\n", "there is no account 'amdin'; there are: admin\n"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(
    state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, typed: str, said: str
) -> None:
    assert run(state, name, typed, monkeypatch) == 1
    assert capsys.readouterr().err == said


def test_a_directory_that_is_none_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert password_command.main(tmp_path / "none", "admin") == 1
    assert "is not a directory" in capsys.readouterr().err


def test_two_different_answers_at_a_terminal_change_nothing(
    state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (state / "accounts.json").read_bytes()
    answers = iter(["first password", "second password"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(answers))
    assert password_command.main(state, "admin") == 1
    assert (state / "accounts.json").read_bytes() == before


def test_the_demonstrations_credentials_work_and_stay_the_same(tmp_path: Path) -> None:
    one = demo_credentials(tmp_path, "http://127.0.0.1:8080")
    two = demo_credentials(tmp_path, "http://127.0.0.1:8081")
    assert {**one, "url": two["url"]} == two
    assert (two["user"], two["url"]) == ("admin", "http://127.0.0.1:8081")
    assert stat.S_IMODE((tmp_path / "demo-credentials.json").stat().st_mode) == 0o600
    assert right(tmp_path, one["password"])
    account = Accounts(tmp_path, HandClock()).by_token(one["token"])
    assert account is not None
    assert account.role == "administrator"


def test_a_password_that_a_person_set_is_never_written_down_and_the_token_goes_on(tmp_path: Path) -> None:
    one = demo_credentials(tmp_path, "http://127.0.0.1:8080")
    set_password_now(tmp_path, "admin", "my own secret")
    two = demo_credentials(tmp_path, "http://127.0.0.1:8080")
    assert (two["password"], two["token"]) == ("", one["token"])
    assert "my own secret" not in (tmp_path / "demo-credentials.json").read_text()


def test_a_state_whose_accounts_were_lost_gets_the_same_credentials_again(tmp_path: Path) -> None:
    one = demo_credentials(tmp_path, "http://127.0.0.1:8080")
    (tmp_path / "accounts.json").unlink()
    assert demo_credentials(tmp_path, "http://127.0.0.1:8080") == one
    assert right(tmp_path, one["password"])
