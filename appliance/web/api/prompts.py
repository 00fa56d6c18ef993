"""Prompts and music (A5): what callers hear, spoken from text or uploaded."""

import asyncio
from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.responses import Response

from appliance.base.errors import NotFound
from appliance.flow.prompts import LANGUAGES, Prompt
from appliance.flow.sounds import read_sound
from appliance.web.api.noun import Noun
from appliance.web.ask import Ask, Sentence
from appliance.web.ranges import ranged
from appliance.web.session import Role
from appliance.web.shown import iso

NOUN = Noun("prompts")
MOST_BYTES = 30_000_000
"""Ten minutes as a WAV of 22 kHz; as MP3 some hours."""


class PromptEntry(msgspec.Struct, frozen=True, kw_only=True):
    """`language`: zh_CN or en. `source`: text, file, or seat (spoken there by `agent`); `text` is what is said, or the file's name."""

    id: str
    name: str
    language: str
    source: str
    text: str
    by: str
    at: str
    seconds: float
    sha256: str
    seat: str
    agent: str


class TextBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: Annotated[str, Meta(min_length=1, max_length=1000)]


def prompt_entry(prompt: Prompt) -> PromptEntry:
    return PromptEntry(
        id=f"{prompt.name}.{prompt.language}",
        name=prompt.name,
        language=prompt.language,
        source=prompt.source,
        text=prompt.text,
        by=prompt.by,
        at=iso(prompt.at_ms),
        seconds=prompt.seconds,
        sha256=prompt.sha256,
        seat=prompt.seat,
        agent=prompt.agent,
    )


async def say(ask: Ask, name: str, language: str, text: str) -> None:
    """Raises Refused, NotFound."""
    known = next((each for each in LANGUAGES if each == language), None)
    if known is None:
        raise NotFound(language)
    prompts = ask.office.prompts
    sound = await asyncio.to_thread(prompts.from_text, text, known)
    await ask.office.committed(prompts.keep(name, language, sound, "text", text, ask.person.name))


async def upload(ask: Ask, name: str, language: str, data: bytes, file_name: str) -> None:
    """Raises Refused, NotFound."""
    sound = await asyncio.to_thread(read_sound, data)
    await ask.office.committed(ask.office.prompts.keep(name, language, sound, "file", file_name, ask.person.name))


@NOUN.on("GET", "/prompts", gives=list[PromptEntry], role=Role.SUPERVISOR)
async def prompts(ask: Ask) -> object:
    """What is set: `welcome`, `hold`, and whatever menus use."""
    return [prompt_entry(each) for _, each in sorted(ask.office.prompts.known.items())]


@NOUN.on("GET", "/prompts/{name}/{language}", gives="audio/wav", role=Role.SUPERVISOR)
async def sound(ask: Ask) -> Response:
    """As the line gets it: 8000 Hz, 16 bits."""
    data = await asyncio.to_thread(ask.office.prompts.wav, ask.part("name"), ask.part("language"))
    return ranged(ask.request, data, "audio/wav")


@NOUN.on("PUT", "/prompts/{name}/{language}", takes=TextBody, gives=PromptEntry, role=Role.ADMINISTRATOR)
async def put(ask: Ask) -> object:
    """JSON with `text` to be spoken, or a sound file as the body (WAV, FLAC, Ogg, Opus, MP3; ten minutes, 30 MB)."""
    name, language = ask.part("name"), ask.part("language")
    if ask.request.headers.get("content-type", "").startswith("application/json"):
        await say(ask, name, language, (await ask.body(TextBody)).text)
    else:
        await upload(ask, name, language, await whole_body(ask), "upload")
    return prompt_entry(ask.office.prompts.known[name, language])


@NOUN.on("DELETE", "/prompts/{name}/{language}", role=Role.ADMINISTRATOR)
async def remove(ask: Ask) -> object:
    """Not heard any more."""
    await ask.office.committed(ask.office.prompts.remove(ask.part("name"), ask.part("language"), ask.person.name))
    return {}


async def whole_body(ask: Ask) -> bytes:
    """Up to 30 MB."""
    data = bytearray()
    async for chunk in ask.request.stream():
        data += chunk
        if len(data) > MOST_BYTES:
            raise Sentence("error.too_large", 413)
    return bytes(data)
