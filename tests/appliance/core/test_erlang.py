"""The closed forms (E4) against textbook values, against each other, and at their ends."""

import math

import pytest

from appliance.core.erlang import cobham, erlang_a, erlang_b, erlang_c, erlang_c_within


@pytest.mark.parametrize(
    ("servers", "offered", "blocked"),
    [(1, 1.0, 0.5), (2, 1.0, 0.2), (5, 3.0, 0.110054), (10, 5.0, 0.018385), (10, 10.0, 0.214582), (100, 100.0, 0.075700)],
)
def test_erlang_b_gives_the_values_of_the_tables(servers: int, offered: float, blocked: float) -> None:
    assert erlang_b(servers, offered) == pytest.approx(blocked, abs=5e-7)


def test_one_server_waits_as_pollaczek_and_khinchine_say() -> None:
    for load in (0.1, 0.5, 0.9, 0.99):
        one = erlang_c(1, load, 180.0)
        assert one.p_wait == pytest.approx(load)
        assert one.mean_wait == pytest.approx(load * 180 / (1 - load))


def test_two_servers_at_half_load_wait_in_a_third_of_all_cases() -> None:
    assert erlang_c(2, 1.0).p_wait == pytest.approx(1 / 3)
    assert erlang_c_within(2, 1.0, 1.0, math.log(2)) == pytest.approx(1 - 1 / 6)


def test_more_work_than_the_servers_can_do_has_no_mean() -> None:
    for offered in (3.0, 3.1):
        with pytest.raises(ValueError, match="overload"):
            erlang_c(3, offered)
        with pytest.raises(ValueError, match="overload"):
            cobham(3, (offered - 1, 1.0))


@pytest.mark.parametrize(("servers", "offered"), [(1, 0.5), (14, 12.0), (100, 95.0)])
def test_with_endless_patience_erlang_a_is_erlang_c(servers: int, offered: float) -> None:
    patient, c = erlang_a(servers, offered, 1.0, 1e7), erlang_c(servers, offered)
    assert patient.p_wait == pytest.approx(c.p_wait, rel=1e-4)
    assert patient.mean_wait == pytest.approx(c.mean_wait, rel=1e-4)


@pytest.mark.parametrize(("servers", "offered"), [(1, 0.5), (10, 12.0), (100, 95.0)])
def test_without_patience_erlang_a_loses_what_erlang_b_blocks(servers: int, offered: float) -> None:
    assert erlang_a(servers, offered, 1.0, 1e-7).p_abandon == pytest.approx(erlang_b(servers, offered), rel=1e-4)


def test_callers_as_patient_as_talks_are_long_make_a_poisson_number_of_people_there() -> None:
    """Then each who is there leaves at the same rate: M/M/infinity."""
    servers, offered = 20, 18.0
    below = math.fsum(math.exp(-offered) * offered**n / math.factorial(n) for n in range(servers))
    assert erlang_a(servers, offered, 1.0, 1.0).p_wait == pytest.approx(1 - below)


def test_twice_the_work_of_the_staff_leaves_by_half() -> None:
    assert erlang_a(200, 400.0, 180.0, 300.0).p_abandon == pytest.approx(0.5, abs=1e-6)


def test_classes_of_cobham_wait_on_average_what_all_together_would() -> None:
    offered = (0.4, 0.3, 1.1)
    waits = cobham(2, offered, 180.0)
    assert waits[0] < waits[1] < waits[2]
    assert math.fsum(w * x for w, x in zip(waits, offered, strict=True)) / sum(offered) == pytest.approx(
        erlang_c(2, sum(offered), 180.0).mean_wait
    )
