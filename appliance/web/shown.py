"""How times and durations look on the page, and the versions of static files."""

from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

from appliance.calls.snapshot import MomentView
from appliance.web.texts import Texts

STATIC = Path(__file__).parent / "static"


def _local(utc_ms: int) -> datetime:
    return datetime.fromtimestamp(utc_ms / 1000).astimezone()


def iso(utc_ms: int) -> str:
    """ISO 8601 with the box's own offset, to the millisecond."""
    return _local(utc_ms).isoformat(timespec="milliseconds")


def clock(utc_ms: int | None) -> str:
    """14:02:10, the box's local time."""
    return "" if utc_ms is None else _local(utc_ms).strftime("%H:%M:%S")


def zone_minutes() -> int:
    """How far the box's local time is ahead of UTC."""
    offset = datetime.now().astimezone().utcoffset()
    return round(offset.total_seconds() / 60) if offset is not None else 0


def date(utc_ms: int | None) -> str:
    return "" if utc_ms is None else _local(utc_ms).strftime("%Y-%m-%d")


def moment(utc_ms: int | None) -> str:
    """2026-11-24 14:02:10."""
    return "" if utc_ms is None else f"{date(utc_ms)} {clock(utc_ms)}"


def stamp(name: str) -> str:
    """A version's name, its UTC time, as a moment of local time."""
    return moment(round(datetime.strptime(name, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC).timestamp() * 1000))


def duration(seconds: float | None) -> str:
    """0:07, 12:30, 1:02:05."""
    if seconds is None:
        return ""
    minutes, second = divmod(max(0, int(seconds)), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


@lru_cache(maxsize=200)
def version_of(name: str) -> str:
    """The address of a static file with a mark of its content, so that a browser never shows an old one."""
    path = STATIC / name
    mark = blake2b(path.read_bytes(), digest_size=6).hexdigest() if path.exists() else "0"
    return f"/static/{name}?{mark}"


def told(texts: Texts, moment: MomentView, names: dict[str, dict[str, str]]) -> str:
    """A moment of a call's timeline as a sentence; `names` has of each kind of id ("seat", "agent" ...) the names."""
    words = {kind: names.get(kind, {}).get(word, word) for kind, word in moment.words.items()}
    if "by" in words:
        words["by"] = texts.word("ended_by", words["by"])
    if "to" in words:
        words["to"] = next(
            (names[kind][words["to"]] for kind in ("agent", "queue", "seat") if words["to"] in names.get(kind, {})), words["to"]
        )
    for family in ("role", "mode", "kind"):
        if family in words:
            words[family] = texts.word("party" if family != "kind" else "transfer_kind", words[family])
    if words.get("why"):
        key = "because." + words["why"].replace(" ", "_")
        words["why"] = texts(key) if texts.has(key) else words["why"]
    text = texts(moment.what, **words)
    return f"{text} ({words['why']})" if words.get("why") else text
