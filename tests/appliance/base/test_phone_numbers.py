"""Odd numbers, as lines and people give them, have one form (A10, A3)."""

import pytest

from appliance.base.phone_numbers import is_number, national, within_china


@pytest.mark.parametrize(
    "odd", ["", "+", "P", "O", "WITHHELD", "ABC", "*100#", "*#06#", "138 1234 5678", "１３８", "110\n", "+" + "1" * 21]
)
def test_what_is_no_number_is_taken_for_none(odd: str) -> None:
    assert not is_number(odd)


@pytest.mark.parametrize("form", ["13812345678", "013812345678", "+8613812345678", "008613812345678", "+86013812345678"])
def test_a_mobile_number_has_one_form(form: str) -> None:
    assert national(form) == within_china(form) == "13812345678"


@pytest.mark.parametrize(
    ("form", "one"), [("+861012345678", "01012345678"), ("+864001234567", "4001234567"), ("008695588", "95588"), ("+860110", "0110")]
)
def test_a_number_with_the_country_before_it_is_the_one_dialled_at_home(form: str, one: str) -> None:
    assert national(form) == within_china(form) == one


@pytest.mark.parametrize("abroad", ["+12125550100", "0012125550100", "00", "+86", "0086"])
def test_another_countrys_number_or_a_bare_prefix_is_none_of_china_and_stays_as_it_came(abroad: str) -> None:
    assert within_china(abroad) is None and national(abroad) == abroad
