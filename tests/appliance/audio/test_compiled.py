"""What the compiler made of it: the hot loops are vectorised, and nothing in them asks for Python's lock (pitfalls 1 and 2).

Compiler and generated C are there wherever the tests run: the build before them needs and makes both.
"""

import ctypes
import platform
import re
import subprocess
import sysconfig
from pathlib import Path

import numpy as np
import pytest

from appliance.audio import _dsp

AUDIO = Path(__file__).parents[3] / "appliance" / "audio"
FLAGS = ["-O3", "-fno-wrapv", "-fno-strict-aliasing", "-D_GNU_SOURCE", "-w", "-fPIC"]
HOT = {
    "_dsp": ["apply_gain", "mix_scaled"],
}
KERNELS = [
    "alaw_encode",
    "alaw_decode",
    "ulaw_encode",
    "ulaw_decode",
    "energy",
    "dot",
    "under",
    "resample",
    "add",
    "sub",
    "echo_part",
    "echo_follow",
    "peak",
    "level",
]
INCLUDE = f"-I{sysconfig.get_paths()['include']}"


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


def reported(source: Path, out: Path) -> list[tuple[int, int]]:
    """(line, bytes of a vector) of each loop that the compiler says it has vectorised."""
    command = ["gcc", *FLAGS, "-fopt-info-vec-optimized", INCLUDE, f"-I{AUDIO}", "-c", str(source), "-o", str(out)]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stderr
    return [(int(m[1]), int(m[2])) for m in re.finditer(r":(\d+):\d+: optimized: loop vectorized using (\d+) byte", told)]


def test_every_loop_of_the_kernels_is_vectorised_for_every_processor_they_are_compiled_for(tmp_path: Path) -> None:
    """On x86 for SSE2 and for AVX2."""
    header = AUDIO / "kernels.h"
    source = tmp_path / "kernels.c"
    uses = ", ".join(f"seat_{name}" for name in KERNELS if name not in ("dot", "under"))
    source.write_text(f'#include <Python.h>\n#include "kernels.h"\nvoid *uses[] = {{{uses}, seat_dots, seat_windowed}};\n')
    vectorised = reported(source, tmp_path / "x.o")
    lines = header.read_text().splitlines()
    widths = {16, 32} if platform.machine() == "x86_64" else {16}
    for name in KERNELS:
        first = next(i for i, line in enumerate(lines, 1) if f" seat_{name}(" in line and line.startswith(("SEAT_WIDE", "static")))
        last = next(i for i in range(first, len(lines) + 1) if lines[i - 1] == "}")
        assert widths <= {width for line, width in vectorised if first <= line <= last}, name


def test_the_kernels_of_a_processor_without_avx2_give_the_same(tmp_path: Path) -> None:
    """Compiled for it, beside those that were loaded here: every code and sample of G.711, and a sum of squares."""
    names = [f"{law}_{way}" for law in ("alaw", "ulaw") for way in ("encode", "decode")]
    source, library = tmp_path / "narrow.c", tmp_path / "narrow.so"
    source.write_text(
        '#include <Python.h>\n#define SEAT_NARROW\n#include "kernels.h"\n'
        + "".join(f"void {name}(const void *x, Py_ssize_t n, void *out) {{ seat_{name}(x, n, out); }}\n" for name in names)
        + "int64_t energy(const void *x, Py_ssize_t n) { return seat_energy(x, n); }\n"
    )
    subprocess.run(["gcc", *FLAGS, INCLUDE, f"-I{AUDIO}", "-shared", str(source), "-o", str(library)], check=True, timeout=120)
    narrow = ctypes.CDLL(str(library))
    every = np.arange(-32768, 32768, dtype=np.int16)
    codes = np.arange(256, dtype=np.uint8)
    for law in ("alaw", "ulaw"):
        coded, heard = np.empty(65536, np.uint8), np.empty(256, np.int16)
        narrow[f"{law}_encode"](ctypes.c_void_p(every.ctypes.data), ctypes.c_ssize_t(65536), ctypes.c_void_p(coded.ctypes.data))
        narrow[f"{law}_decode"](ctypes.c_void_p(codes.ctypes.data), ctypes.c_ssize_t(256), ctypes.c_void_p(heard.ctypes.data))
        assert coded.tobytes() == _dsp.encode_bytes(law, every)
        assert np.array_equal(heard, _dsp.decode_bytes(law, codes))
    narrow.energy.restype = ctypes.c_int64
    squares = int(np.sum(every.astype(np.int64) ** 2))
    assert narrow.energy(ctypes.c_void_p(every.ctypes.data), ctypes.c_ssize_t(65536)) == squares == _dsp.frame_energy(every)


@pytest.mark.soak
@pytest.mark.parametrize("module", sorted(HOT))
def test_the_hot_loops_are_vectorised(module: str, tmp_path: Path) -> None:
    source = AUDIO / f"{module}.c"
    vectorised = {line for line, _ in reported(source, tmp_path / "x.o")}
    where = functions(source.read_text())
    for name in HOT[module]:
        first, last = where[name]
        assert any(first <= line <= last for line in vectorised), f"{module}.{name} is not vectorised"


@pytest.mark.parametrize("module", ["_answer", "_dsp", "_elastic", "_echo", "_detect", "_dle", "_port", "_bridge", "_ring", "_level"])
def test_nothing_in_the_tick_touches_python(module: str) -> None:
    source = AUDIO / f"{module}.c"
    text = source.read_text().splitlines()
    pyx = (AUDIO / f"{module}.pyx").read_text()
    ours = set(re.findall(r"^cdef (?!class)[^(\n]*?(\w+)\([^)]*\) noexcept nogil:", pyx, re.MULTILINE))
    found = {name: lines for name, lines in functions("\n".join(text)).items() if name in ours}
    assert found.keys() >= ours - {"saturate"}, "the compiler inlines some; all others must be looked at"
    for name, (first, last) in found.items():
        body = "\n".join(text[first - 1 : last])
        assert not re.search(r"PyGILState|__Pyx_WriteUnraisable|PyErr_|__Pyx_RaiseBuffer|PyObject_", body), f"{module}.{name}"
