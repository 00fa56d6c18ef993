"""Texts of the page in zh-CN and English (E2): gettext catalogues, one key a sentence. The choice of a person's language."""

import gettext
import re
from collections.abc import Iterable
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

from firmware_cfg.findings import Said

LANGUAGES: Final = ("zh_CN", "en")
FOLDER: Final = Path(__file__).parent / "locale"
COOKIE: Final = "language"
FINDING: Final = "finding"
"""The catalogues' context (msgctxt) of what the configuration's check says."""
WORD: Final = re.compile(r"{(\w+)}")


class Texts:
    """The sentences of one language: `texts("why.paused")`, `texts("calls.of", caller="138…")`."""

    def __init__(self, language: str, catalogue: gettext.NullTranslations, sentences: Iterable[str] = ()) -> None:
        self.language = language
        self.tag = language.replace("_", "-")  # as HTML's lang attribute wants it
        self._catalogue = catalogue
        self._sentences = shapes(sentences)

    def __call__(self, key: str, **words: object) -> str:
        text = self._catalogue.gettext(key)
        return text.format_map(_Lenient(words)) if "{" in text else text

    def word(self, family: str, word: str | None, **words: object) -> str:
        """The text of `family.word`, or the word itself where a person has typed it (a pause's reason)."""
        if not word:
            return ""
        key = f"{family}.{word}"
        return self(key, **words) if self.has(key) else word

    def has(self, key: str) -> bool:
        return self._catalogue.gettext(key) != key

    def sentence(self, said: str) -> str:
        """A sentence that the box keeps in English for ever (a line's fault, an alarm), in this language.

        Its catalogue entry is the sentence itself, with `{words}` where it varies; what fills these may be such a sentence again. One that
        nobody has translated stays as it is. What the configuration's check says knows how it was made and needs no guess.
        """
        if isinstance(said, Said):
            return self._made(said)
        if said in self._sentences:
            return self(said)
        for sentence, shape in self._sentences.items():
            if match := shape.fullmatch(said):
                return self(sentence, **{name: self.sentence(word) for name, word in match.groupdict().items()})
        return said

    def _made(self, said: Said) -> str:
        if self.language in said.own:
            return said.own[self.language]
        words = {name: self._made(word) if isinstance(word, Said) else word for name, word in said.words.items()}
        return self._catalogue.pgettext(FINDING, said.template).format_map(words)


def shapes(sentences: Iterable[str]) -> dict[str, re.Pattern[str]]:
    """How each sentence looks when its words are filled in; those that begin with a word of their own and say most come first."""
    found = {}
    for sentence in sorted(sentences, key=lambda each: (each.startswith("{"), -len(WORD.sub("", each)))):
        parts = [rf"(?P<{part}>.+?)" if n % 2 else re.escape(part) for n, part in enumerate(WORD.split(sentence))]
        found[sentence] = re.compile("".join(parts), re.DOTALL)
    return found


class _Lenient(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "…"


def po_path(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / "seatbox.po"


def compiled(language: str) -> bytes:
    """The .mo file's bytes, made from the .po file."""
    with po_path(language).open("rb") as file:
        catalogue = read_po(file, locale=language)
    out = BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


@cache
def load(language: str) -> Texts:
    """From the .mo file, or from the .po file where that is newer: a stale .mo never shows."""
    po = po_path(language)
    mo = po.with_suffix(".mo")
    fresh = mo.exists() and (not po.exists() or mo.stat().st_mtime >= po.stat().st_mtime)
    data = mo.read_bytes() if fresh else compiled(language)
    keys = [str(message.id) for message in read_mo(BytesIO(data)) if not message.context]
    return Texts(language, gettext.GNUTranslations(BytesIO(data)), [key for key in keys if " " in key])


class Catalogues:
    """Both languages; chooses by the person's own choice, then by what the browser asks for, then by the configuration."""

    def __init__(self) -> None:
        self._texts = {language: load(language) for language in LANGUAGES}

    def __getitem__(self, language: str) -> Texts:
        return self._texts[language]

    def choose(self, cookie: str | None, accept: str | None, default: str) -> Texts:
        if cookie in self._texts:
            return self._texts[cookie]
        for tag in _preferred(accept or ""):
            for language in LANGUAGES:
                if tag.split("-")[0] == language.split("_")[0]:
                    return self._texts[language]
        return self._texts.get(default, self._texts[LANGUAGES[0]])


def _preferred(accept: str) -> list[str]:
    """The tags of an Accept-Language header, dearest first; what is not understood is left out (RFC 9110, 12.5.4)."""
    found: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept[:500].split(",")):
        match = re.fullmatch(r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*", part)
        if match and (quality := float(match[2] or 1)) > 0:
            found.append((-quality, place, match[1].lower()))
    return [tag for _, _, tag in sorted(found)]
