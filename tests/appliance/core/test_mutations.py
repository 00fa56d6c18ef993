"""Deleting any one rule of the oracle makes a named test fail (E4). The same for the core: tests/soak/test_core_mutations.py."""

import sys
import types
from pathlib import Path

import pytest

from appliance.core.reference import Oracle
from tests.appliance.core import test_rules
from tests.support.core_mutations import ORACLE, Mutation
from tests.support.core_office import Office

SOURCE = (Path(__file__).resolve().parents[3] / "appliance" / "core" / "reference.py").read_text()


def built(mutation: Mutation) -> types.ModuleType:
    assert SOURCE.count(mutation.old) == 1, f"{mutation.what}: fits {SOURCE.count(mutation.old)} times"
    name = "mutant_of_reference"
    module = types.ModuleType(name)
    sys.modules[name] = module  # dataclasses look themselves up there
    try:
        exec(compile(SOURCE.replace(mutation.old, mutation.new), mutation.what, "exec"), module.__dict__)
    finally:
        del sys.modules[name]
    return module


@pytest.mark.parametrize("mutation", ORACLE, ids=lambda mutation: mutation.what)
def test_a_broken_rule_is_noticed_by_the_named_test(mutation: Mutation) -> None:
    named = getattr(test_rules, f"test_{mutation.noticed_by}")
    named(Office(Oracle))
    with pytest.raises((AssertionError, KeyError, ValueError)):
        named(Office(built(mutation).Oracle))


def test_each_rule_has_its_mutations() -> None:
    assert {mutation.what[0] for mutation in ORACLE} >= set("12345678")
