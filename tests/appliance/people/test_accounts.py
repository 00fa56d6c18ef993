"""Accounts: who may sign in, and nobody else (E2)."""

import asyncio
import json
import os
import re
import stat
from pathlib import Path

import pytest
from argon2 import extract_parameters

from appliance.base.errors import NotFound, Refused, SeatboxError
from appliance.base.ids import AgentId
from appliance.events import Event
from appliance.events.box import PasswordSet, SignedIn
from appliance.people import passwords
from appliance.people.accounts import Accounts, set_password_now
from appliance.people.roles import Role, role_of
from tests.support.store_clock import HandClock

HOME = "192.168.1.7"


class Office:
    """Accounts with a clock in the hand and all facts kept."""

    def __init__(self, state: Path) -> None:
        self.clock, self.facts = HandClock(), list[Event]()
        self.accounts = Accounts(state, self.clock, self.facts.extend)
        self.first = self.accounts.first_password() or ""

    def signs_in(self, name: str, password: str, address: str = HOME) -> bool:
        return asyncio.run(self.accounts.check(name, password, address)) is not None


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_the_first_administrator_has_a_random_password_that_is_said_once(office: Office, tmp_path: Path) -> None:
    assert re.fullmatch(r"([a-z2-9]{5}-){2}[a-z2-9]{5}", office.first)
    assert office.accounts.first_password() is None
    assert office.signs_in("admin", office.first)
    assert not office.signs_in("admin", office.first + "x")
    other = tmp_path / "other"
    other.mkdir()
    assert Office(other).first != office.first


def test_passwords_and_tokens_are_kept_as_hashes_in_a_file_of_its_owner(office: Office, tmp_path: Path) -> None:
    token = office.accounts.make_token("admin", "script")
    file = tmp_path / "accounts.json"
    text = file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert office.first not in text
    assert token not in text
    found = extract_parameters(json.loads(text)["accounts"]["admin"]["password"])
    assert (found.type.name, found.memory_cost, found.time_cost, found.parallelism) == ("ID", 19_456, 2, 1)


def test_each_wrong_password_makes_the_next_try_wait_longer(office: Office) -> None:
    for _ in range(3):
        assert not office.signs_in("admin", "wrong")
    waits = []
    for _ in range(5):
        with pytest.raises(Refused) as refused:
            office.signs_in("admin", office.first)  # even the right one
        waits.append(int(refused.value.words["seconds"]))
        office.clock.wait(waits[-1] * 1000)
        assert not office.signs_in("admin", "wrong")
    assert waits == [1, 2, 4, 8, 16]
    office.clock.wait(32_000)
    assert office.signs_in("admin", office.first)
    assert not office.signs_in("admin", "wrong")
    assert office.signs_in("admin", office.first)  # it begins anew


def test_the_wait_has_an_end_and_is_forgotten(office: Office) -> None:
    waits = [0]
    for _ in range(40):
        try:
            office.signs_in("admin", "wrong")
        except Refused as refused:
            waits.append(int(refused.words["seconds"]))
            office.clock.wait(waits[-1] * 1000)
    assert max(waits) == 900
    office.clock.wait(3_600_001)
    assert office.signs_in("admin", office.first)


def test_a_hostile_guest_locks_out_himself_and_nobody_else(office: Office) -> None:
    for _ in range(3):
        office.signs_in("admin", "wrong", "192.168.1.66")
    with pytest.raises(Refused):
        office.signs_in("admin", office.first, "192.168.1.66")
    assert office.signs_in("admin", office.first, HOME)


def test_who_tries_many_names_is_stopped_too(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "right", lambda password, stored: False)
    for n in range(30):
        assert not office.signs_in(f"name{n}", "wrong")
    with pytest.raises(Refused, match="too_often"):
        office.signs_in("name31", "wrong")


def test_tries_at_the_same_moment_are_counted_before_they_are_looked_at(office: Office) -> None:
    async def at_once() -> list[object]:
        return await asyncio.gather(*(office.accounts.check("admin", f"guess{n}", HOME) for n in range(10)), return_exceptions=True)

    answers = asyncio.run(at_once())
    assert sum(isinstance(answer, Refused) for answer in answers) == 7


def test_only_so_many_may_wait_to_be_hashed(office: Office) -> None:
    async def at_once() -> list[object]:
        tries = (office.accounts.check("admin", "guess", f"10.0.0.{n}") for n in range(20))
        return await asyncio.gather(*tries, return_exceptions=True)

    answers = asyncio.run(at_once())
    assert [str(answer) for answer in answers if isinstance(answer, Refused)] == ["refused.too_many"] * 4


def test_an_unknown_name_costs_the_same_hashing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    real = passwords._hasher.verify
    monkeypatch.setattr(passwords, "_hasher", type("Spy", (), {"verify": lambda self, h, p: looked.append(h) or real(h, p)})())
    assert not office.signs_in("nobody", "whatever")
    assert looked == [passwords.NOBODY]


def test_the_journal_hears_of_each_try_and_never_of_a_mistyped_name(office: Office) -> None:
    office.signs_in("admin", office.first)
    office.signs_in("my-secret-password", "oops")
    assert [(fact.by, fact.ok, fact.address) for fact in office.facts if isinstance(fact, SignedIn)] == [
        ("admin", True, HOME),
        ("unknown", False, HOME),
    ]


def test_a_new_password_replaces_the_old_one_and_is_a_fact(office: Office) -> None:
    asyncio.run(office.accounts.set_password("admin", "corréct horse", by="admin"))
    assert not office.signs_in("admin", office.first)
    assert office.signs_in("admin", "corréct horse")
    assert office.signs_in("admin", "corre\u0301ct horse")  # another keyboard's é
    assert [fact.about for fact in office.facts if isinstance(fact, PasswordSet)] == ["admin"]


@pytest.mark.parametrize(("password", "key"), [("1234567", "refused.password_short"), ("x" * 1001, "refused.password_long")])
def test_a_password_too_short_or_too_long_is_refused(office: Office, password: str, key: str) -> None:
    with pytest.raises(Refused) as refused:
        asyncio.run(office.accounts.set_password("admin", password, by="admin"))
    assert refused.value.key == key


def test_agents_of_the_configuration_get_accounts_and_those_who_left_are_nobody(office: Office, tmp_path: Path) -> None:
    office.accounts.know({AgentId("li"): "agent", AgentId("wang"): "supervisor"})
    assert not office.signs_in("li", "")
    asyncio.run(office.accounts.set_password("li", "a good one", by="admin"))
    token = office.accounts.make_token("li", "her script")
    assert office.signs_in("li", "a good one")
    assert getattr(office.accounts.find("wang"), "role", None) == "supervisor"
    office.accounts.know({"wang": "agent"})
    assert office.accounts.find("li") is None
    assert office.accounts.by_token(token) is None
    assert not office.signs_in("li", "a good one")
    assert getattr(office.accounts.find("wang"), "role", None) == "agent"
    office.accounts.know({"li": "agent"})
    assert office.signs_in("li", "a good one")


def test_tokens_work_until_they_are_dropped(office: Office) -> None:
    token = office.accounts.make_token("admin", "script")
    assert getattr(office.accounts.by_token(token), "name", None) == "admin"
    assert office.accounts.by_token(token[:-1]) is None
    assert office.accounts.drop_tokens("script") == 1
    assert office.accounts.by_token(token) is None
    with pytest.raises(NotFound):
        office.accounts.make_token("nobody", "script")


def test_a_running_box_takes_a_password_that_another_program_set(office: Office, tmp_path: Path) -> None:
    set_password_now(tmp_path, "admin", "set at the box")
    assert office.signs_in("admin", "set at the box")
    assert not office.signs_in("admin", office.first)


def test_a_destroyed_file_lets_nobody_in_and_makes_no_new_administrator(office: Office, tmp_path: Path) -> None:
    (tmp_path / "accounts.json").write_text("{")
    with pytest.raises(SeatboxError, match="cannot be understood"):
        office.signs_in("admin", office.first)
    with pytest.raises(SeatboxError, match="cannot be understood"):
        office.accounts.first_password()


def test_a_file_that_cannot_be_replaced_stays_as_it_was(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    before = (tmp_path / "accounts.json").read_bytes()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError):
        set_password_now(tmp_path, "admin", "never to be")
    assert (tmp_path / "accounts.json").read_bytes() == before
    assert not list(tmp_path.glob(".*.new"))


def test_roles_include_those_below_them() -> None:
    assert role_of("administrator") > role_of("supervisor") > role_of("inspector") > role_of("agent") == Role.AGENT
    with pytest.raises(ValueError, match="no role"):
        role_of("boss")
