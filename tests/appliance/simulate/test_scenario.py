"""Scenarios (E4): the contract's words are read with their defaults, and every mistake is one clear line with its place."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core import figures
from appliance.core.office import INFINITE, STRATEGIES, Agents, Arrivals, Durations, Office, Queue, Shift
from appliance.simulate import scenario

CONTRACT = """seed = 7
hours = 200.0            # virtual time, after warm_up_hours
warm_up_hours = 5.0
replications = 20
service_level_s = 20
[[queue]]
id = "sales"
strategy = "longest-idle"
arrivals = { kind = "poisson", per_hour = 240.0 }
talk = { kind = "exponential", mean_s = 180.0 }
patience = { kind = "exponential", mean_s = 300.0 }
skills = {}
priority = 0
[[agents]]
count = 14
queues = ["sales"]
skills = { english = 5 }
wrap_up_s = 0.0
ring_s = 0.0
"""
QUEUE = '[[queue]]\nid = "sales"\narrivals = { kind = "poisson", per_hour = 60 }\ntalk = { kind = "constant", mean_s = 60 }\n'
AGENTS = '[[agents]]\ncount = 3\nqueues = ["sales"]\n'


def read(tmp_path: Path, text: str) -> tuple[Office | None, list[str]]:
    path = tmp_path / "office.toml"
    path.write_text(text)
    office, findings = scenario.read(path)
    assert (office is None) == bool(findings)
    return office, [str(finding) for finding in findings]


def good(tmp_path: Path, text: str) -> Office:
    office, findings = read(tmp_path, text)
    assert office is not None, findings
    return office


def test_the_scenario_of_the_contract_is_read_as_it_says(tmp_path: Path) -> None:
    sales = Queue("sales", Arrivals("poisson", (240.0,)), Durations("exponential", 180.0), Durations("exponential", 300.0))
    agents = Agents(14, ("sales",), (("english", 5),))
    assert good(tmp_path, CONTRACT) == Office((sales,), (agents,), 7, 200.0, 5.0, 20, 20.0)


def test_all_but_the_five_has_a_default(tmp_path: Path) -> None:
    office = good(tmp_path, QUEUE + AGENTS)
    assert (office.hours, office.warm_up_hours, office.replications, office.service_level_s) == (200.0, 5.0, 20, 20.0)
    assert office.queues[0].patience == INFINITE
    for key in ("id", "arrivals", "talk"):
        kept = "\n".join(line for line in QUEUE.splitlines() if not line.startswith(key))
        assert any(f".{key} (line 1): is missing; add {key} = " in line for line in read(tmp_path, kept + "\n" + AGENTS)[1])
    for key in ("count", "queues"):
        kept = "\n".join(line for line in AGENTS.splitlines() if not line.startswith(key))
        assert read(tmp_path, QUEUE + kept)[1] == [
            f"agents[1].{key} (line 5): is missing; add " + {"count": "count = 14", "queues": 'queues = ["sales"]'}[key]
        ]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_has_its_word(strategy: str, tmp_path: Path) -> None:
    assert good(tmp_path, QUEUE + f'strategy = "{strategy}"\n' + AGENTS).queues[0].strategy == strategy


def test_distributions_shifts_and_rates_have_their_words(tmp_path: Path) -> None:
    (tmp_path / "talks.csv").write_text("talk_s\n30\n90.5\n\n")
    text = """
[[queue]]
id = "sales"
arrivals = { kind = "rates", per_hour = [0, 120], slot_minutes = 30 }
talk = { kind = "lognormal", mean_s = 180.0, sd_s = 90.0 }
patience = "infinite"
[[queue]]
id = "support"
arrivals = { kind = "none" }
talk = { kind = "empirical", file = "talks.csv" }
patience = { kind = "empirical", values_s = [10, 20] }
ageing = 2
[[agents]]
count = 2
queues = ["support", "sales"]
shifts = [{ days = ["mon", "sun"], begin = "22:00", end = "06:30" }, { begin = "00:00", end = "24:00" }]
"""
    office = good(tmp_path, text)
    sales, support = office.queues
    assert sales.arrivals == Arrivals("rates", (0.0, 120.0), 1800.0)
    assert (sales.talk, sales.patience) == (Durations("lognormal", 180.0, 90.0), INFINITE)
    assert support.talk == Durations("empirical", values_s=(30.0, 90.5))
    assert support.patience == Durations("empirical", values_s=(10.0, 20.0))
    assert office.agents[0].shifts[:2] == (Shift(79_200, 109_800), Shift(6 * 86_400 + 79_200, 6 * 86_400 + 109_800))
    assert office.agents[0].shifts[2:] == tuple(Shift(day * 86_400, (day + 1) * 86_400) for day in range(7))


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("seed = 7", "seed = -7", "seed (line 1): -7 is negative; write 0 or more, for example 7"),
        ("seed = 7", "seed = 7.5", "seed (line 1): is 7.5, which is no whole number; write a whole number, for example 7"),
        ("hours = 200.0", "hours = -1", "hours (line 2): -1 is negative; write more than 0, for example 200.0"),
        ("hours = 200.0", "hours = 0", "hours (line 2): 0 is too small; write more than 0, for example 200.0"),
        ("hours = 200.0", "hours = inf", "hours (line 2): is inf, which is no number; write a number, for example 200.0"),
        ("hours = 200.0", "hours = 90000", "hours (line 2): some 432 million calls would come in all replications; "
         "the lab takes 300 million; write fewer hours or calls"),
        ("replications = 20", "replications = true", "replications (line 4): is true, which is no whole number; "
         "write a whole number, for example 20"),
        ("service_level_s", "servicelevel_s", 'servicelevel_s (line 5): there is no setting servicelevel_s; '
         'did you mean "service_level_s"?'),
        ('"longest-idle"', '"longest_idle"', 'queue[sales].strategy (line 8): there is no strategy "longest_idle"; '
         'did you mean "longest-idle"?'),
        ('"longest-idle"', "3", 'queue[sales].strategy (line 8): is 3, which is no text; '
         'it can be one of "best-level", "fewest-calls", "fixed", "least-talk", "longest-idle", "random", "ring-all", "round-robin"'),
        ('"poisson"', '"poission"', 'queue[sales].arrivals.kind (line 9): there is no kind of arrivals "poission"; '
         'did you mean "poisson"?'),
        ("per_hour = 240.0", "per_hour = -240.0", "queue[sales].arrivals.per_hour (line 9): -240.0 is negative; "
         "write 0 or more, for example 240.0"),
        ('kind = "poisson", per_hour = 240.0', 'kind = "rates", per_hour = [1, -1]', "queue[sales].arrivals.per_hour (line 9): holds -1; "
         "write numbers from 0 to 1e+09, for example [0, 120, 240, 60]"),
        ('{ kind = "poisson", per_hour = 240.0 }', "240", 'queue[sales].arrivals (line 9): is 240, which is no table; '
         'write arrivals = { kind = "poisson", per_hour = 240.0 }'),
        ("mean_s = 180.0", "mean_s = -180.0", "queue[sales].talk.mean_s (line 10): -180.0 is negative; "
         "write more than 0, for example 180.0"),
        ("mean_s = 180.0", 'mean_s = "long"', 'queue[sales].talk.mean_s (line 10): is "long", which is no number; '
         'write a number, for example 180.0'),
        ("mean_s = 180.0", "mean_s = 180.0, sigma = 1", 'queue[sales].talk.sigma (line 10): there is no setting sigma; '
         'it can be one of "kind", "mean_s"'),
        ('patience = { kind = "exponential", mean_s = 300.0 }', 'patience = "endless"',
         'queue[sales].patience (line 11): is "endless", which is no table; '
         'write patience = { kind = "exponential", mean_s = 300.0 } or "infinite"'),
        ("skills = {}", "skills = { englisch = 3 }", 'queue[sales].skills.englisch (line 12): no agents have the skill "englisch"; '
         'did you mean "english"?'),
        ("skills = {}", "skills = { english = 10 }", "queue[sales].skills.english (line 12): 10 is too large; write at most 9"),
        ("priority = 0", "priority = -1", "queue[sales].priority (line 13): -1 is negative; write 0 or more, for example 0"),
        ("count = 14", "count = 10000000", "agents[1].count (line 15): 10000000 is too large; write at most 100000"),
        ("count = 14", "count = -2", "agents[1].count (line 15): -2 is negative; write 0 or more, for example 14"),
        ("count = 14", 'count = "many"', 'agents[1].count (line 15): is "many", which is no whole number; '
         'write a whole number, for example 14'),
        ('queues = ["sales"]', 'queues = ["sale"]', 'agents[1].queues (line 16): there is no queue "sale"; did you mean "sales"?'),
        ('queues = ["sales"]', 'queues = "sales"', 'agents[1].queues (line 16): is "sales"; write a list of queues, queues = ["sales"]'),
        ("wrap_up_s = 0.0", "wrap_up_s = -10", "agents[1].wrap_up_s (line 18): -10 is negative; write 0 or more, for example 10.0"),
        ("ring_s = 0.0", "ring_s = nan", "agents[1].ring_s (line 19): is nan, which is no number; write a number, for example 3.0"),
        ("ring_s = 0.0", 'shifts = [{ begin = "8", end = "17:00" }]',
         'agents[1].shifts[1].begin (line 19): is "8", which is no time of day; '
         'write hours and minutes, for example "08:00"'),
        ("ring_s = 0.0", 'shifts = [{ days = ["Monday"], begin = "08:00", end = "17:00" }]',
         "agents[1].shifts[1].days (line 19): is a list; "
         "write a list of mon, tue, wed, thu, fri, sat, sun"),
        ("seed = 7", "seed = ", "office.toml (line 1): is no TOML here: invalid value; write texts in quotes, numbers without"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_with_its_place_and_what_would_be_right(old: str, new: str, line: str, tmp_path: Path) -> None:
    assert CONTRACT.count(old) == 1 or old == "mean_s = 180.0"
    assert read(tmp_path, CONTRACT.replace(old, new))[1] == [line]


def test_all_mistakes_are_said_at_once_in_the_order_of_their_lines(tmp_path: Path) -> None:
    _, lines = read(
        tmp_path, CONTRACT.replace("hours = 200.0", "hours = 0").replace("count = 14", "count = -1").replace("seed = 7", "sead = 7")
    )
    assert [line.split(" ")[2] for line in lines] == ["1):", "2):", "15):"]


def test_two_queues_of_one_name_and_agents_beyond_number_are_found(tmp_path: Path) -> None:
    assert read(tmp_path, QUEUE + QUEUE + AGENTS)[1] == [
        'queue[sales].id (line 6): there is a queue "sales" already; give each queue an id of its own'
    ]
    many = AGENTS.replace("3", "60000")
    assert read(tmp_path, QUEUE + many + many)[1] == [
        "agents[2].count (line 9): makes 120000 agents in all; the lab takes 100000; write fewer"
    ]


def test_what_is_no_scenario_at_all_is_said_in_one_line(tmp_path: Path) -> None:
    assert read(tmp_path, "")[1] == [
        "queue: is missing; add a [[queue]] with id, arrivals and talk",
        "agents: is missing; add [[agents]] with count and queues",
    ]
    assert read(tmp_path, "queue = 5\nagents = [1]")[1][0] == "queue (line 1): is 5; write a [[queue]] with id, arrivals and talk"
    for path, words in ((tmp_path / "none.toml", "No such file"), (tmp_path, "Is a directory"), (Path("x\0y"), "null")):
        office, (finding,) = scenario.read(path)
        assert office is None
        assert words in str(finding)
    (tmp_path / "binary.toml").write_bytes(b"seed = 1\n\xff\xfe")
    assert str(scenario.read(tmp_path / "binary.toml")[1][0]) == "binary.toml (line 2): is not UTF-8 here; save the file as UTF-8"
    (tmp_path / "huge.toml").write_bytes(b"#" * 1_000_001)
    assert "larger than 1 MB" in str(scenario.read(tmp_path / "huge.toml")[1][0])
    (tmp_path / "deep.toml").write_text("seed = 1\na" + ".a" * 400_000 + " = 1\n")  # gigabytes, had tomllib seen it
    assert str(scenario.read(tmp_path / "deep.toml")[1][0]).startswith("deep.toml (line 2): has more than 200 dots on a line")


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.sampled_from(["sales", "exponential", "infinite", "csv", "x.csv"])
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["kind", "mean_s", "per_hour", "file", "values_s", "english"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(
    where=st.sampled_from(["", "queue", "agents"]),
    key=st.sampled_from(
        ["seed", "hours", "id", "arrivals", "talk", "patience", "skills", "count", "queues", "shifts", "weight", "strategy"]
    ),
    value=_VALUES,
)
def test_no_value_anywhere_is_more_than_a_finding(where: str, key: str, value: object) -> None:
    from firmware_cfg.line_numbers import LineNumbers

    content: dict[str, object] = {
        "queue": [{"id": "sales", "arrivals": {"kind": "poisson", "per_hour": 60}, "talk": {"kind": "constant", "mean_s": 60}}]
    }
    content["agents"] = [{"count": 3, "queues": ["sales"]}]
    table = content[where][0] if where else content  # type: ignore[index]
    table[key] = value
    office, findings = scenario._Scenario(content, LineNumbers(""), Path("/nowhere/x.toml")).office()
    assert (office is None) == bool(findings)
    assert all(str(finding).isprintable() for finding in findings)


@pytest.mark.parametrize(
    "change",
    [
        ("hours = 200.0", "hours = 100000"),
        ("warm_up_hours = 5.0", "warm_up_hours = 100000"),
        ("wrap_up_s = 0.0", "wrap_up_s = 86400"),
        ("count = 14", "count = 0"),
        ("per_hour = 240.0", "per_hour = 0"),
        ("ring_s = 0.0", "ring_s = 86400"),
        ("seed = 7", f"seed = {2**63 - 1}"),
        ('"exponential", mean_s = 180.0', '"lognormal", mean_s = 1000000, sd_s = 1000000'),
        ('"exponential", mean_s = 300.0', '"constant", mean_s = 0'),
        ("priority = 0", "priority = 1000\nageing = 1000\noffer_s = 3600\nrest_s = 86400"),
        ('"longest-idle"', '"ring-all"'),
    ],
    ids=lambda change: change[1].split("\n")[0],
)
def test_whatever_the_check_lets_through_can_be_run(change: tuple[str, str], tmp_path: Path) -> None:
    """The ends of what may be written, in an office of few calls."""
    rare = "per_hour = 240.0", "per_hour = 0.05"
    office = good(tmp_path, CONTRACT.replace(*change).replace(*rare))
    found = figures.simulate(replace(office, replications=1))
    assert set(found["queues"]) == {"sales"}
