"""The map is true: packages, kept rows, imports that import-linter cannot see (it reads no .pyx .pxd .pxi), locks without addresses."""

import ast
import functools
import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
LAYERS = [[name.strip(" ()") for name in layer.split("|")] for layer in CONTRACTS[0]["layers"]]  # top first
PROTECTED = [
    (set(contract["protected_modules"]), contract["allowed_importers"]) for contract in CONTRACTS if contract["type"] == "protected"
]
IMPORT = re.compile(r"^\s*(?:from|cimport|import)\s+((?:appliance|firmware_cfg)[\w.]*)", re.MULTILINE)
MAP = (ROOT / "docs" / "map.md").read_text()
ROWS = re.findall(r"^\| ([A-E]\d{1,2}) \|", MAP, re.MULTILINE)
MISSION = {f"{part}{n}" for part, last in (("A", 12), ("B", 7), ("C", 10), ("D", 6), ("E", 5)) for n in range(1, last + 1)}


def tracked(*patterns: str) -> list[Path]:
    """What git knows or would add: a file that is ignored is nobody's promise."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns], cwd=ROOT, capture_output=True, check=True
    )
    paths = [ROOT / name.decode() for name in listed.stdout.split(b"\0") if name]
    return sorted({path for path in paths if path.is_file()})


CYTHON = tracked("appliance/*.pyx", "appliance/*.pxd", "appliance/*.pxi", "firmware_cfg/*.pyx", "firmware_cfg/*.pxd")
PYTHON = tracked("appliance/*.py", "firmware_cfg/*.py")


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def layer_of(module: str) -> tuple[int, str]:
    """Index from the top, and the name of the package that the contract lists."""
    for index, names in enumerate(LAYERS):
        for name in names:
            if module == name or module.startswith(name + "."):
                return index, name
    return 0, module


def inside(module: str, packages: "list[str] | set[str]") -> bool:
    return any(module == package or module.startswith(package + ".") for package in packages)


@functools.cache
def imports_of(path: Path) -> list[str]:
    """Modules of ours that a Python file imports, compiled ones too, wherever in the file."""
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return [name for name in found if name.startswith(("appliance.", "firmware_cfg"))]


@pytest.mark.parametrize("path", CYTHON, ids=lambda path: str(path.relative_to(ROOT)))
def test_cython_imports_point_down(path: Path) -> None:
    own_index, own = layer_of(name_of(path))
    for target in IMPORT.findall(path.read_text()):
        index, name = layer_of(target)
        assert name == own or index > own_index, f"{path.name} may not import {target}"


@pytest.mark.parametrize("path", [path for path in CYTHON if path.suffix == ".pyx"], ids=lambda path: str(path.relative_to(ROOT)))
def test_a_compiled_module_says_why_it_is_compiled_and_tells_its_types_where_python_uses_it(path: Path) -> None:
    assert "Why Cython" in path.read_text()[:2000]
    module = name_of(path)
    used = any(target == module or target.startswith(module + ".") for other in PYTHON for target in imports_of(other))
    assert path.with_suffix(".pyi").exists() or not used


def test_python_files_import_compiled_modules_downwards_and_only_where_they_are_open_to_them() -> None:
    """import-linter does not see compiled modules, so they are held to the contracts here."""
    wrong = []
    compiled = {name_of(path) for path in CYTHON}
    for path in PYTHON:
        own_index, own = layer_of(name_of(path))
        for target in imports_of(path):
            module = next((name for name in compiled if target == name or target.startswith(name + ".")), None)
            if module is None:
                continue
            index, layer = layer_of(module)
            if layer != own and index <= own_index:
                wrong.append(f"{path.name} imports {module}, which is not below it")
            for protected, allowed in PROTECTED:
                guarded = {name.rsplit(".", 1)[0] if name.startswith("appliance.core.") else name for name in protected}
                if inside(module, guarded) and not inside(name_of(path), [*allowed, *guarded]):
                    wrong.append(f"{path.name} imports {module}, which only {allowed} may")
    assert not wrong


def test_every_package_is_on_the_map_and_everything_on_the_map_is_there() -> None:
    named = {match.rstrip("/") for match in re.findall(r"^\| `((?:appliance|firmware_cfg)[\w/]*/)` \|", MAP, re.MULTILINE)}
    there = {str(path.parent.relative_to(ROOT)) for path in tracked("appliance/*__init__.py", "firmware_cfg/*__init__.py")}
    there |= {str(path.parent.relative_to(ROOT)) for path in tracked("firmware_cfg/*/*.toml")}
    assert named == there


def test_every_top_package_of_the_map_has_its_place_in_the_import_contract() -> None:
    listed = {name for layer in LAYERS for name in layer}
    packages = {name_of(path) for path in tracked("appliance/*/__init__.py") if len(path.relative_to(ROOT).parts) == 3}
    assert packages <= listed


@pytest.mark.parametrize("row", ROWS)
def test_a_row_that_is_kept_is_named_in_a_module_and_in_a_test(row: str) -> None:
    word = re.compile(rf"\b{row}\b")
    assert [path for path in tracked("appliance/*.py", "appliance/*.pyx", "firmware_cfg/*.py") if word.search(path.read_text())]
    assert [path for path in tracked("tests/*.py") if path != Path(__file__) and word.search(path.read_text())]


def test_rows_that_modules_name_are_the_missions() -> None:
    assert set(ROWS) <= MISSION
    named = {
        row
        for path in PYTHON
        for row in re.findall(r"\b([A-E]\d{1,2})\b(?=[ .,;:)\"])", ast.get_docstring(ast.parse(path.read_text())) or "")
    }
    assert named <= MISSION


@pytest.mark.parametrize("path", tracked("*.md"), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_in_the_documents_lead_somewhere(path: Path) -> None:
    for link in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", path.read_text()):
        assert (path.parent / link).exists(), f"{path.name} links to {link}"


def test_both_readmes_say_the_same_commands_and_show_the_same_pictures() -> None:
    def facts(name: str) -> tuple[list[str], int]:
        text = (ROOT / name).read_text()
        return sorted(re.findall(r"`(?:make [a-z]+|[a-z_]+/)`|\]\(docs/[\w./]+\)|^make \w+", text, re.MULTILINE)), text.count("\n#")

    assert facts("README.md") == facts("README.zh-CN.md")


def test_the_makefile_has_the_targets_that_others_rely_on() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"run", "test", "bench", "lint", "soak", "install"} <= targets


def test_what_is_installed_is_pinned_with_hashes_and_without_addresses() -> None:
    for path in tracked("requirements/*.txt"):
        text = path.read_text()
        assert "://" not in text
        for block in re.split(r"\n(?=\S)", text.strip()):
            if not block.startswith("#"):
                assert re.match(r"[\w.-]+(\[[\w,-]+\])?==\S+", block), block
                assert "--hash=sha256:" in block, block
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    for name, package in packages.items():
        assert "resolved" not in package
        assert not name or package["integrity"].startswith("sha512-")


def test_what_the_project_imports_is_what_it_declares() -> None:
    """Nothing is installed that is not used."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {"argon2-cffi": "argon2", "pyserial": "serial", "sqlite-utils": "sqlite_utils", "python-multipart": "python_multipart"}
    imported = {
        (node.module or "" if isinstance(node, ast.ImportFrom) else node.names[0].name).split(".")[0]
        for path in PYTHON
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    imported.add("python_multipart")  # Starlette reads forms with it
    assert {names.get(name, name) for name in project["dependencies"]} <= imported
