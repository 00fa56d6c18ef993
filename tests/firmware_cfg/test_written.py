"""A configuration written as TOML again is the same one (E2)."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_cfg import check, written
from firmware_cfg.document import Agent, Document, Queue, Widen


@pytest.mark.parametrize("name", ["demo.toml", "factory.toml"])
def test_what_was_read_is_read_again(name: str) -> None:
    document = check.load(check.HERE / name)
    assert check.parse(written.toml(written.content(document)).encode(), name, check.known()) == (document, [])


def test_tables_in_tables_are_kept() -> None:
    queues = (Queue(id="q", needs={"english": 3}, widen=(Widen(after_s=20.0, lower=1),), when_empty=("all_paused",)), Queue(id="r"))
    document = Document(name='"和"\\', queue=queues, agent=(Agent(id="li", name="李明", queues=("q", "r"), orders={"r": 2}),))
    assert check.parse(written.toml(written.content(document)).encode(), "x", check.known()) == (document, [])


@given(st.dictionaries(st.text(max_size=5), st.text() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.booleans()))
def test_any_content_is_toml(content: dict[str, object]) -> None:
    assert tomllib.loads(written.toml({**content, "board": content, "queue": [content]}))["queue"] == [content]
