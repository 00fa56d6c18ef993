from collections.abc import Callable

import pytest

from appliance.core import Acd
from appliance.core.reference import Oracle
from tests.support.core_office import Core, Office


@pytest.fixture(params=[Oracle, Acd], ids=["oracle", "core"])
def make(request: pytest.FixtureRequest) -> Callable[[], Core]:
    return request.param


@pytest.fixture
def office(make: Callable[[], Core]) -> Office:
    return Office(make)
