"""Prompts (A3 A5): what callers hear from the box, spoken from text or uploaded; positions and waits made as they are needed.

DIR/prompts/ holds NAME.LANGUAGE.wav as the line gets it and NAME.LANGUAGE.json about it; made/ what figures were spoken already.
"""

import logging
import os
import re
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from appliance.base.errors import NotFound, Refused
from appliance.base.files import write_whole
from appliance.events import Event
from appliance.events.prompt import PromptSet
from appliance.flow import figures
from appliance.flow.figures import Language
from appliance.flow.sounds import RATE_HZ, Sound, read_sound
from appliance.flow.speech import can_speak, speak

log = logging.getLogger(__name__)

LANGUAGES: Final[tuple[Language, ...]] = ("zh_CN", "en")
USES: Final = ("welcome", "hold")
"""welcome: at the pick-up, once; hold: the music of waiting and held callers. Others are kept for menus to come."""
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,31}\Z")
FARTHEST: Final = 30
"""Places in a queue that are said; who stands farther behind hears the music on."""
MADE_AHEAD: Final = 10
REST: Final = np.zeros(RATE_HZ // 3, np.int16)


class Prompt(msgspec.Struct, frozen=True, kw_only=True):
    """`source`: "text", "file" or "seat"; `text` what is said, or the file's name; `agent` who spoke it, and at which `seat`."""

    name: str
    language: str
    source: str
    text: str
    by: str
    at_ms: int
    seconds: float
    sha256: str
    seat: str = ""
    agent: str = ""


class Prompts:
    """Of the event loop's thread, but for what says otherwise. `load` gives a sound to the bridge by name; `call` runs it in the loop."""

    def __init__(
        self,
        state: Path,
        load: Callable[[str, Sound], None],
        publish: Callable[[Sequence[Event]], int],
        now_ms: Callable[[], int],
        call: Callable[[Callable[[], None]], object] = lambda act: act(),
        say: Callable[[str, Language], Sound] = speak,
    ) -> None:
        self._folder, self._load, self._publish, self._now_ms, self._call, self._say = state / "prompts", load, publish, now_ms, call, say
        self.known: dict[tuple[str, str], Prompt] = {}
        self._loaded: set[str] = set()
        self._asked: set[str] = set()
        self._worker: ThreadPoolExecutor | None = None

    # -- set by people --------------------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Loads what is on the disk; a file that cannot be read is said in the log and left out."""
        found: list[tuple[Prompt, Sound]] = []
        for path in sorted(self._folder.glob("*.json")):
            try:
                prompt = msgspec.json.decode(path.read_bytes(), type=Prompt)
                sound = read_wav(path.with_suffix(".wav"))
            except (OSError, msgspec.MsgspecError, Refused) as why:
                log.warning("prompt %s cannot be read: %s", path.stem, why)
                continue
            found.append((prompt, sound))
        for prompt, sound in sorted(found, key=lambda each: each[0].at_ms):  # of two musics the last one set
            self._know(prompt, sound)

    def from_text(self, text: str, language: Language) -> Sound:
        """Speaks it; some seconds, never on the event loop. Refused."""
        return self._say(text, language)

    def keep(self, name: str, language: str, sound: Sound, source: str, text: str, by: str, seat: str = "", agent: str = "") -> int:
        """From the next time on callers hear this; the journal entry's number. NotFound for a name or language that cannot be, OSError."""
        self.check(name, language)
        digest = sha256(sound.tobytes()).hexdigest()
        prompt = Prompt(
            name=name,
            language=language,
            source=source,
            text=text[:1000],
            by=by,
            at_ms=time.time_ns() // 1_000_000,
            seconds=round(len(sound) / RATE_HZ, 2),
            sha256=digest,
            seat=seat,
            agent=agent,
        )
        write_wav(self._path(name, language, "wav"), sound)
        write_whole(self._path(name, language, "json"), msgspec.json.encode(prompt))
        self._know(prompt, sound)
        fact = PromptSet(
            at_ms=self._now_ms(),
            name=name,
            language=language,
            by=by,
            source=source,
            text=prompt.text,
            sha256=digest,
            seat=seat,
            agent=agent,
        )
        return self._publish([fact])

    def remove(self, name: str, language: str, by: str) -> int:
        """Not heard any more; music is the box's own again at its next start."""
        self.check(name, language)
        if self.known.pop((name, language), None) is None:
            raise NotFound(f"there is no prompt {name} in {language}")
        for end in ("json", "wav"):
            self._path(name, language, end).unlink(missing_ok=True)
        return self._publish([PromptSet(at_ms=self._now_ms(), name=name, language=language, by=by, source="")])

    def wav(self, name: str, language: str) -> bytes:
        """The file; NotFound. Reads the disk."""
        self.check(name, language)
        try:
            return self._path(name, language, "wav").read_bytes()
        except FileNotFoundError:
            raise NotFound(f"there is no prompt {name} in {language}") from None

    @staticmethod
    def check(name: str, language: str) -> None:
        """NotFound for what cannot be a prompt's."""
        if not NAME.match(name) or language not in LANGUAGES:
            raise NotFound(f"{name} in {language} is no prompt")

    def _path(self, name: str, language: str, end: str) -> Path:
        return self._folder / f"{name}.{language}.{end}"

    def _know(self, prompt: Prompt, sound: Sound) -> None:
        self.known[prompt.name, prompt.language] = prompt
        self._load(f"prompt:{prompt.name}:{prompt.language}", sound)
        if prompt.name == "hold":
            self._load("hold", sound)

    # -- heard by callers -----------------------------------------------------------------------------------------------------------

    def sound_of(self, what: str, language: Language) -> str | None:
        """The bridge's name of `welcome` (a prompt), `position:3` or `position:3:125` (with an expected wait in seconds).

        None where there is none; of a figure that was not spoken yet, this time: it is being made.
        """
        kind, _, figure = what.partition(":")
        if kind != "position":
            return f"prompt:{what}:{language}" if (what, language) in self.known else None
        texts = _position(figure, language)
        name = f"said:{language}:{' '.join(texts)}"
        if texts and name not in self._loaded:
            self._make(name, texts, language)
            return None
        return name if texts else None

    def ahead(self, language: Language) -> None:
        """Speaks the first places and short waits now, so that the first caller hears them."""
        for place in range(1, MADE_AHEAD + 1):
            self.sound_of(f"position:{place}", language)

    def _make(self, name: str, texts: tuple[str, ...], language: Language) -> None:
        if name in self._asked or not (can_speak() or self._say is not speak):
            return
        self._asked.add(name)
        if self._worker is None:
            self._worker = ThreadPoolExecutor(1, "prompts", lambda: os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19))
        self._worker.submit(self._made, name, texts, language)

    def _made(self, name: str, texts: tuple[str, ...], language: Language) -> None:
        """In the worker's thread."""
        try:
            sound = np.concatenate([part for text in texts for part in (self._piece(text, language), REST)])
        except (Refused, OSError) as why:
            log.warning("%s cannot be spoken: %s", texts, why)
            return

        def there() -> None:
            self._load(name, sound)
            self._loaded.add(name)

        self._call(there)

    def _piece(self, text: str, language: Language) -> Sound:
        path = self._folder / "made" / f"{sha256(f'{language} {text}'.encode()).hexdigest()[:24]}.wav"
        if path.exists():
            return read_wav(path)
        sound = self._say(text, language)
        write_wav(path, sound)
        return sound

    def close(self) -> None:
        if self._worker is not None:
            self._worker.shutdown(wait=False, cancel_futures=True)


def _position(figure: str, language: Language) -> tuple[str, ...]:
    place, _, wait = figure.partition(":")
    if not place.isdigit() or not 1 <= int(place) <= FARTHEST:
        return ()
    said = figures.position(int(place), language)
    return (said, figures.expected_wait(int(wait), language)) if wait.isdigit() else (said,)


def read_wav(path: Path) -> Sound:
    """One of ours. OSError, Refused."""
    import soundfile

    try:
        samples, rate = soundfile.read(path, dtype="int16")
    except RuntimeError:  # soundfile.LibsndfileError
        raise Refused("prompt.unreadable") from None
    if rate != RATE_HZ or samples.ndim != 1:
        return read_sound(path.read_bytes())
    return np.asarray(samples, np.int16)


def write_wav(path: Path, sound: Sound) -> None:
    """Whole or not at all."""
    import io
    import wave

    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(sound.astype("<i2").tobytes())
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(path, out.getvalue())
