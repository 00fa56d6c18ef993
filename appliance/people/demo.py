"""DIR/demo-credentials.json of the demonstration office: for scripts and for who has just typed `make run` (contract)."""

from pathlib import Path

import msgspec

from appliance.base.files import write_whole
from appliance.people import passwords
from appliance.people.accounts import ADMINISTRATOR, put_password
from appliance.people.register import Register, Token
from appliance.people.roles import Role

NAME = "demo-credentials.json"
_LABEL = "demonstration"


class Credentials(msgspec.Struct, kw_only=True):
    url: str
    user: str = ADMINISTRATOR
    password: str = ""
    token: str = ""


def demo_credentials(state: Path, url: str) -> dict[str, str]:
    """Writes the file at each start; the token stays the same for one DIR, the password works until a person sets another.

    That other password is never written down: `password` is empty from then on, the token goes on. Takes 0.1 s of hashing.
    """
    given = _before(state / NAME)
    given.url = url
    with Register(state).change() as book:
        account = book.accounts.get(ADMINISTRATOR)
        if account is None or account.password is None:
            given.password = given.password if len(given.password) >= passwords.SHORTEST else passwords.drawn_password()
            put_password(book, ADMINISTRATOR, given.password, Role.ADMINISTRATOR)
        elif not given.password or not passwords.right(given.password, account.password):
            given.password = ""
        given.token = given.token or passwords.drawn_token()
        key = passwords.token_key(given.token)
        book.tokens.setdefault(key, Token(name=ADMINISTRATOR, label=_LABEL, made_at_s=0))
    write_whole(state / NAME, msgspec.json.format(msgspec.json.encode(given), indent=1) + b"\n")
    return msgspec.to_builtins(given)  # type: ignore[no-any-return]


def _before(path: Path) -> Credentials:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Credentials)
    except (FileNotFoundError, msgspec.MsgspecError, UnicodeDecodeError):
        return Credentials(url="")
