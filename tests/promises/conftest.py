"""One demonstration box for all promises that leave it whole; those that kill or starve a box start their own."""

from collections.abc import Iterator

import pytest

from tests.support.box import Box, a_box


@pytest.fixture(scope="session")
def shared_box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    with a_box(tmp_path_factory.mktemp("office") / "state") as box:
        yield box


@pytest.fixture
def box(shared_box: Box) -> Box:
    """The shared box, with every seat logged out and every line idle."""
    shared_box.quiet()
    return shared_box
