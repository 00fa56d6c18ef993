"""The box itself, and who did what on its pages."""

from appliance.events import Event


class BoxStarted(Event, frozen=True, kw_only=True):
    version: str
    clean: bool  # the last end was in order


class BoxStopped(Event, frozen=True, kw_only=True):
    """In order."""


class AlarmRaised(Event, frozen=True, kw_only=True):
    """`key` is unique while it stands."""

    key: str
    text: str


class AlarmCleared(Event, frozen=True, kw_only=True):
    key: str


class ConfigCommitted(Event, frozen=True, kw_only=True):
    sha256: str
    by: str


class PersonDid(Event, frozen=True, kw_only=True):
    """Audit: who did what on the page or through the interface; `what` is a command's name, `about` an id, numbers masked."""

    by: str
    what: str
    about: str = ""


class PasswordSet(Event, frozen=True, kw_only=True):
    by: str
    about: str


class SignedIn(Event, frozen=True, kw_only=True):
    by: str
    ok: bool
    address: str = ""
