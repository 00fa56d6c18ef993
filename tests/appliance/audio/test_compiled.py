"""What the compiler made of it: the hot loops are vectorised, and nothing in them asks for Python's lock (pitfalls 1 and 2)."""

import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

AUDIO = Path(__file__).parents[3] / "appliance" / "audio"
FLAGS = ["-O3", "-fno-wrapv", "-fno-strict-aliasing", "-D_GNU_SOURCE", "-w", "-fPIC"]
HOT = {
    "_dsp": ["mix_add", "mix_store", "apply_gain", "energy"],
    "_elastic": ["_filter"],
    "_detect": ["dot"],
    "_echo": ["_estimate", "_correct"],
}


def functions(source: str) -> dict[str, tuple[int, int]]:
    """Our C functions: name to first and last line."""
    found: dict[str, tuple[int, int]] = {}
    lines = source.splitlines()
    pattern = re.compile(r"^(?:static|void|int|Py_ssize_t|CYTHON_INLINE).*?__pyx_f_9appliance_5audio_\d+_[a-z]+_(\w+)\(.*\{")
    begins = [(i, m.group(1)) for i, line in enumerate(lines, 1) if (m := pattern.match(line))]
    for at, name in begins:
        end = next(i for i in range(at, len(lines) + 1) if lines[i - 1] == "}")
        found[name] = (at, end)
    return found


@pytest.mark.soak
@pytest.mark.parametrize("module", sorted(HOT))
def test_the_hot_loops_are_vectorised(module: str, tmp_path: Path) -> None:
    source, compiler = AUDIO / f"{module}.c", shutil.which("gcc")
    if compiler is None or not source.exists():
        pytest.skip("no compiler, or installed without sources")
    include = sysconfig.get_paths()["include"]
    told = subprocess.run(
        [compiler, *FLAGS, "-fopt-info-vec-optimized", f"-I{include}", "-c", str(source), "-o", str(tmp_path / "x.o")],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    ).stderr
    vectorised = {int(m.group(1)) for m in re.finditer(r":(\d+):\d+: optimized: loop vectorized", told)}
    where = functions(source.read_text())
    for name in HOT[module]:
        first, last = where[name]
        assert any(first <= line <= last for line in vectorised), f"{module}.{name} is not vectorised"


@pytest.mark.parametrize("module", ["_dsp", "_elastic", "_echo", "_detect", "_dle", "_port", "_bridge", "_ring"])
def test_nothing_in_the_tick_touches_python(module: str) -> None:
    source = AUDIO / f"{module}.c"
    if not source.exists():
        pytest.skip("installed without sources")
    text = source.read_text().splitlines()
    pyx = (AUDIO / f"{module}.pyx").read_text()
    ours = set(re.findall(r"^cdef (?!class)[^(\n]*?(\w+)\([^)]*\) noexcept nogil:", pyx, re.MULTILINE))
    found = {name: lines for name, lines in functions("\n".join(text)).items() if name in ours}
    assert found.keys() >= ours - {"saturate", "dot"}, "the compiler inlines some; all others must be looked at"
    for name, (first, last) in found.items():
        body = "\n".join(text[first - 1 : last])
        assert not re.search(r"PyGILState|__Pyx_WriteUnraisable|PyErr_|__Pyx_RaiseBuffer|PyObject_", body), f"{module}.{name}"
