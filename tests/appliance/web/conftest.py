"""A page's office a test, accounts hashed once for all, and people with their own browsers."""

from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copyfile

import pytest

from tests.support.web_client import Client
from tests.support.web_office import PASSWORDS, TOKENS, WebOffice, make_accounts, make_app


@pytest.fixture(scope="session")
def hashed_accounts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    state = tmp_path_factory.mktemp("accounts")
    make_accounts(WebOffice(state)).close()
    return state / "accounts.json"


@pytest.fixture
def office(tmp_path: Path, hashed_accounts: Path) -> WebOffice:
    copyfile(hashed_accounts, tmp_path / "accounts.json")
    return WebOffice(tmp_path)


@pytest.fixture
def client(office: WebOffice) -> Iterator[Client]:
    """A browser that is nobody yet; it does not follow redirects and asks in English."""
    client = Client(make_app(office))
    client.headers["accept-language"] = "en"
    yield client
    client.app.state.accounts.close()
    client.close()


@pytest.fixture
def api(client: Client) -> Callable[..., Client]:
    """`api("li")`: a program with that person's token."""

    def as_person(name: str = "admin") -> Client:
        client.headers["authorization"] = f"Bearer {TOKENS[name]}"
        return client

    return as_person


@pytest.fixture
def signed_in(client: Client) -> Callable[..., Client]:
    def as_person(name: str = "admin") -> Client:
        answer = client.post("/sign-in", data={"name": name, "password": PASSWORDS[name]})
        assert answer.status_code == 303, answer.text
        return client

    return as_person
