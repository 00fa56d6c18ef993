"""The lines that findings name (E2)."""

from firmware_cfg.line_numbers import LineNumbers

TEXT = '''\
# a remark [not.a.table]
name = "[x] # no remark"   # [y]
dotted.inner = 1

[[line]]
id = "a"
text = """
[[line]]
id = "no"
"""
after = [ # ]
  1, ']',
]
[line.sub]
"quoted key" = 'v'
[[line]]
id = "b"
[[line.deep]]
one = 1
[[line.deep]]
one = 2
[table.in]
x = { y = 1 }
'''


def test_each_key_has_the_line_it_stands_on() -> None:
    lines = LineNumbers(TEXT)
    wanted = {
        ("name",): 2,
        ("dotted", "inner"): 3,
        ("line", 0): 5,
        ("line", 0, "id"): 6,
        ("line", 0, "text"): 7,
        ("line", 0, "after"): 11,
        ("line", 0, "sub"): 14,
        ("line", 0, "sub", "quoted key"): 15,
        ("line", 1): 16,
        ("line", 1, "id"): 17,
        ("line", 1, "deep", 0, "one"): 19,
        ("line", 1, "deep", 1, "one"): 21,
        ("table", "in", "x"): 23,
    }
    assert {path: lines.of(path) for path in wanted} == wanted


def test_what_is_not_written_has_the_line_of_its_nearest_parent() -> None:
    lines = LineNumbers(TEXT)
    assert lines.of(("line", 1, "missing")) == 16
    assert lines.of(("table", "in", "x", "y")) == 23
    assert lines.of(("nowhere",)) is None
