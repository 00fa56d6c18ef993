"""Roles (E2). Each includes the rights of those before it.

agent: his own desk, the board without callers' numbers, his own calls.
inspector: also everybody's calls and recordings, and his ear and voice in live ones, from the seat where he sits (质检员, A8).
supervisor: also acting at any seat, orders about who waits, short messages; lines, seats and people to look at.
administrator: also what changes the box: lines on and off, lamps, people's passwords, the simulated exchange.
"""

from enum import IntEnum


class Role(IntEnum):
    """Compare with >=: `account.role >= Role.SUPERVISOR`."""

    AGENT = 1
    INSPECTOR = 2
    SUPERVISOR = 3
    ADMINISTRATOR = 4

    @property
    def word(self) -> str:
        """As the configuration and the accounts' file write it."""
        return self.name.lower()


def role_of(word: str) -> Role:
    """Raises ValueError for a word that is no role."""
    try:
        return Role[word.upper()]
    except KeyError:
        raise ValueError(f"{word!r} is no role; there are {', '.join(role.word for role in Role)}") from None
