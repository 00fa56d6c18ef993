"""Recorded calls (E4): columns by name, times exact, the same as Python's own reader; mistakes with their line; size is refused."""

import csv
import io
import random
from fractions import Fraction
from pathlib import Path

import pytest

from appliance.core.office import Agents, Arrivals, Calls, Durations, Office, Queue
from appliance.simulate import calls_file, scenario

TALK = Durations("constant")
OFFICE = Office(
    (Queue("sales", Arrivals(), TALK), Queue("support", Arrivals(), TALK)),
    (Agents(2, ("sales", "support"), (("english", 5), ("french", 3))),),
)


def read(tmp_path: Path, text: str | bytes, own: tuple[int, ...] = (0,)) -> tuple[Calls, list[str]]:
    path = tmp_path / "calls.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    calls, findings = calls_file.calls(path, OFFICE, list(own))
    return calls, [str(finding) for finding in findings]


def test_columns_are_found_by_their_names_and_the_rest_by_default(tmp_path: Path) -> None:
    calls, findings = read(tmp_path, "patience_s,t_s,talk_s,queue\n30,0.5,60,support\n,1,0.000001,\n")
    assert not findings
    assert (list(calls.at), list(calls.talk), list(calls.patience)) == ([500_000, 1_000_000], [60_000_000, 1], [30_000_000, -1])
    assert (list(calls.queue), list(calls.want), list(calls.priority)) == ([1, 0], [-1, -1], [-1, -1])


def test_skills_and_priorities_of_a_call_are_read(tmp_path: Path) -> None:
    calls, findings = read(
        tmp_path, "t_s,talk_s,patience_s,skills,priority\n0,1,,english:3 french,7\n1,1,,french;english=3,\n2,1,,english,0\n3,1,,,1000\n"
    )
    assert not findings
    assert (list(calls.want), list(calls.priority)) == ([0, 0, 1, -1], [7, -1, 0, 1000])
    assert calls.wants == ((("english", 3), ("french", 1)), (("english", 1),))


def test_what_spreadsheets_write_is_read(tmp_path: Path) -> None:
    calls, findings = read(tmp_path, b'\xef\xbb\xbf"t_s", talk_s ,Patience_s\r\n"1.5", 2 ,1e2\r\n\r\n+3,4.5555555,.5\r\n4.,7,0')
    assert not findings
    assert list(calls.at) == [1_500_000, 3_000_000, 4_000_000]
    assert list(calls.talk) == [2_000_000, 4_555_556, 7_000_000]
    assert list(calls.patience) == [100_000_000, 500_000, 0]


def test_a_file_out_of_order_is_put_in_order_and_equals_stay_as_they_stand(tmp_path: Path) -> None:
    calls, _ = read(tmp_path, "t_s,talk_s,patience_s,queue\n5,1,,\n2,2,,support\n5,3,,\n0,4,,\n")
    assert [value // 1_000_000 for value in calls.talk] == [4, 2, 1, 3]
    assert list(calls.queue) == [0, 1, 0, 0]


def test_a_line_without_queue_belongs_to_each_queue_that_names_the_file(tmp_path: Path) -> None:
    assert list(read(tmp_path, "t_s,talk_s,patience_s\n0,1,\n1,1,\n", own=(0, 1))[0].queue) == [0, 1, 0, 1]


def test_times_are_what_exact_fractions_give(tmp_path: Path) -> None:
    """Against Python's csv and Fraction, half up at the microsecond."""
    rng = random.Random(4)
    rows = []
    for number in range(3_000):
        digits = rng.randrange(0, 10)
        rows.append(
            [
                f"{number}.{rng.randrange(10**digits):0{digits}d}" if digits else str(number),
                f"{rng.expovariate(0.01):.{rng.randrange(1, 9)}f}",
                rng.choice(["", "1", "07.25"]),
            ]
        )
    text = "t_s,talk_s,patience_s\n" + "".join(",".join(row) + "\n" for row in rows)
    calls, findings = read(tmp_path, text)
    assert not findings

    def exact(word: str) -> int:
        return int(Fraction(word.rstrip(".")) * 1_000_000 + Fraction(1, 2)) if word else -1

    plain = list(csv.reader(io.StringIO(text)))[1:]
    assert [list(column) for column in (calls.at, calls.talk, calls.patience)] == [
        [exact(row[place]) for row in plain] for place in range(3)
    ]


@pytest.mark.parametrize(
    ("row", "line"),
    [
        ("x,1,1,,,", 'calls.csv (line 2): t_s "x" is no number; write seconds from the file\'s begin, for example 12.5'),
        ("1,-1,1,,,", 'calls.csv (line 2): talk_s "-1" is negative; write seconds, for example 180.0'),
        ("1,nan,1,,,", 'calls.csv (line 2): talk_s "nan" is no number; write seconds, for example 180.0'),
        ("1,1e300,1,,,", 'calls.csv (line 2): talk_s "1e300" is too large; write seconds, for example 180.0'),
        ("99999999999999999999,1,1,,,", 'calls.csv (line 2): t_s "99999999999999999999" is too large; '
         'write seconds from the file\'s begin, for example 12.5'),
        ("1,1,0x5,,,", 'calls.csv (line 2): patience_s "0x5" is no number; write seconds, or nothing for one who waits without end'),
        (",1,1,,,", "calls.csv (line 2): t_s is missing; write seconds from the file's begin, for example 12.5"),
        ("1", "calls.csv (line 2): talk_s is missing; write seconds, for example 180.0"),
        ("1,1,1,sails,,", 'calls.csv (line 2): there is no queue "sails"; did you mean "sales"?'),
        ("1,1,1,,klingon,", 'calls.csv (line 2): no agents have the skills "klingon"; it can be one of "english", "french"; '
         'write them as english:3 french:1'),
        ("1,1,1,,english:0,", 'calls.csv (line 2): no agents have the skills "english:0"; did you mean "english"?; '
         'write them as english:3 french:1'),
        ("1,1,1,,,1.5", 'calls.csv (line 2): priority "1.5" is no number; write a whole number from 0 to 1000, or nothing'),
        ("1,1,1,,,1001", 'calls.csv (line 2): priority "1001" is too large; write a whole number from 0 to 1000, or nothing'),
    ],
)  # fmt: skip
def test_a_mistake_has_its_line_in_the_file(row: str, line: str, tmp_path: Path) -> None:
    assert read(tmp_path, f"t_s,talk_s,patience_s,queue,skills,priority\n{row}\n")[1] == [line]


def test_of_many_mistakes_the_first_twenty_are_said(tmp_path: Path) -> None:
    assert len(read(tmp_path, "t_s,talk_s,patience_s\n" + "?,?,?\n" * 10_000)[1]) == 20


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ("t_s,talk_s", "there is no column patience_s; the first line names the columns: t_s,talk_s,patience_s"),
        ("t_s,talk_s,patience_s,prioritty", 'there is no column "prioritty" known; did you mean "priority"?'),
        ("t_s,talk_s,patience_s,t_s", "the column t_s stands there twice; keep one"),
    ],
)
def test_a_first_line_that_names_no_columns_is_found(head: str, words: str, tmp_path: Path) -> None:
    assert read(tmp_path, head + "\n0,1,1,1\n")[1][0] == f"calls.csv (line 1): {words}"


def test_of_a_first_line_with_many_strange_names_the_first_twenty_are_said(tmp_path: Path) -> None:
    _, findings = read(tmp_path, "t_s,talk_s,patience_s," + "x," * 3000 + "\n")
    assert len(findings) == 20


def test_a_file_of_2_gb_is_refused_by_its_size_unread(tmp_path: Path) -> None:
    with (tmp_path / "calls.csv").open("wb") as file:
        file.truncate(2_000_000_000)
    _, (finding,) = calls_file.calls(tmp_path / "calls.csv", OFFICE, [0])
    assert str(finding) == "calls.csv: holds 2,000 MB; at most 100 MB are read; cut it into years"


def test_what_is_no_file_is_refused() -> None:
    for name, words in (("/dev/zero", "is no file"), ("/tmp", "is no file"), ("/nowhere.csv", "No such file"), ("x\0y", "null")):
        _, (finding,) = calls_file.calls(Path(name), OFFICE, [0])
        assert words in str(finding)


def test_a_scenario_names_its_file_beside_it_and_the_line_that_names_it_is_said(tmp_path: Path) -> None:
    text = '[[queue]]\nid = "sales"\narrivals = { kind = "csv", file = "calls.csv" }\n[[agents]]\ncount = 1\nqueues = ["sales"]\n'
    (tmp_path / "office.toml").write_text(text)
    _, (finding,) = scenario.read(tmp_path / "office.toml")
    assert (
        str(finding)
        == "queue[sales].arrivals.file (line 3): calls.csv cannot be read: No such file or directory; name a CSV file beside the scenario"
    )
    (tmp_path / "calls.csv").write_text("t_s,talk_s,patience_s\n5,60,\n")
    office, findings = scenario.read(tmp_path / "office.toml")
    assert not findings
    assert office is not None
    assert office.calls is not None
    assert (list(office.calls.at), office.replications, office.warm_up_hours) == ([5_000_000], 1, 0.0)
    (tmp_path / "calls.csv").write_text("t_s,talk_s,patience_s\n5,60,\n-1,1,1\n")
    assert str(scenario.read(tmp_path / "office.toml")[1][0]).startswith('calls.csv (line 3): t_s "-1" is negative')


def test_calls_of_two_files_are_joined_in_order(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("t_s,talk_s,patience_s,skills\n0,1,,english\n9,2,,french\n")
    (tmp_path / "b.csv").write_text("t_s,talk_s,patience_s,skills\n5,3,,french\n")
    first, second = (calls_file.calls(tmp_path / name, OFFICE, [place])[0] for place, name in enumerate(("a.csv", "b.csv")))
    both = calls_file.joined(first, second)
    assert [value // 1_000_000 for value in both.talk] == [1, 3, 2]
    assert (list(both.queue), list(both.want)) == ([0, 1, 0], [0, 1, 1])


@pytest.mark.parametrize(
    ("text", "words"),
    [("x\ny\n", "(line 2)"), ("", "holds no numbers"), ("1\n-2\n", '(line 2): "-2" is no duration'), ("-2\n", "(line 1)")],
)
def test_talk_times_of_a_file_are_numbers_a_line(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "talks.csv").write_text(text)
    _, (finding,) = calls_file.durations(tmp_path / "talks.csv")
    assert words in str(finding)
