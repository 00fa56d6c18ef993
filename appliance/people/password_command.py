"""`seatbox password --state DIR NAME` (E2): sets a forgotten password, on the box only. A running box takes it at once."""

import getpass
import sys
from pathlib import Path

from appliance.base.errors import Refused, SeatboxError
from appliance.people import passwords
from appliance.people.accounts import set_password_now

SAID = {
    "refused.password_short": f"the password is too short: at least {passwords.SHORTEST} characters",
    "refused.password_long": f"the password is too long: at most {passwords.LONGEST} characters",
}


def main(state: Path, name: str) -> int:
    """Asks twice at a terminal, takes one line from a pipe; an empty answer draws a password and prints it. 0, or 1."""
    if not state.is_dir():
        return _no(f"{state} is not a directory: name the box's state with --state")
    try:
        password = _asked()
        drawn = not password
        if drawn:
            password = passwords.drawn_password()
        set_password_now(state, name, password)
    except Refused as refused:
        return _no(SAID.get(refused.key, str(refused)))
    except SeatboxError as error:
        return _no(str(error))
    except OSError as error:
        return _no(f"{error.filename or state}: {error.strerror or error}")
    except (KeyboardInterrupt, EOFError):
        return _no("nothing was changed")
    print(f"the new password of {name} is: {password}" if drawn else f"the password of {name} is set")
    return 0


def _asked() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass("New password (empty: the box draws one): ")
    if first and getpass.getpass("Once more: ") != first:
        raise SeatboxError("the two were not the same; nothing was changed")
    return first


def _no(why: str) -> int:
    print(why, file=sys.stderr)
    return 1
