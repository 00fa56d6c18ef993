"""Errors say whose turn it is. Each `str()` is one clear line for a person."""


class SeatboxError(Exception):
    """Anything we know how to say in a sentence."""


class Refused(SeatboxError):
    """The person's turn: the state does not allow it (409). `key` names the sentence in both languages, `words` fill it."""

    def __init__(self, key: str, **words: str) -> None:
        self.key, self.words = key, words
        super().__init__(key + (": " + ", ".join(f"{k}={v}" for k, v in words.items()) if words else ""))


class NotFound(SeatboxError):
    """There is no such thing (404)."""


class NotAllowed(SeatboxError):
    """The role does not allow it (403)."""


class ConfigError(SeatboxError):
    """The administrator's turn."""

    def __init__(self, path: str, wrong: str, right: str, line: int | None = None) -> None:
        self.path, self.wrong, self.right, self.line = path, wrong, right, line
        where = f"{path} (line {line})" if line is not None else path
        super().__init__(f"{where}: {wrong}; {right}")


class ModemSilent(SeatboxError):
    """The device did not answer in a command's time limit."""


class ModemRefused(SeatboxError):
    """The device answered a command with an error."""

    def __init__(self, command: str, reply: str) -> None:
        self.command, self.reply = command, reply
        super().__init__(f"{command} was answered {reply}")


class Tampered(SeatboxError):
    """Something that must never change has changed; trust it no more."""
