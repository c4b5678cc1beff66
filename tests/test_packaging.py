"""The distribution holds all that it needs, says what it depends on, and its entry points load."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from importlib import import_module
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

import quotedex
from tests.helpers import ROOT

SOURCE = ROOT / "src"
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGE_DATA: dict[str, list[str]] = PROJECT["tool"]["setuptools"]["package-data"]
SCRIPTS: dict[str, str] = PROJECT["project"]["scripts"]
PLUGINS: dict[str, dict[str, str]] = PROJECT["project"]["entry-points"]
TARGETS = [*SCRIPTS.values(), *(target for group in PLUGINS.values() for target in group.values())]
PACKAGES = sorted(path.name for path in SOURCE.iterdir() if (path / "__init__.py").exists())


@pytest.mark.parametrize("package", PACKAGES)
def test_every_data_file_is_packaged(package: str) -> None:
    folder = SOURCE / package
    there = {
        path for path in folder.rglob("*") if path.is_file() and path.suffix not in {".py", ".pyc"}
    }
    packaged = {path for pattern in PACKAGE_DATA[package] for path in folder.glob(pattern)}
    assert there - packaged == set()


@pytest.mark.parametrize(
    ("package", "pattern"),
    [(package, pattern) for package, patterns in PACKAGE_DATA.items() for pattern in patterns],
)
def test_every_pattern_finds_something(package: str, pattern: str) -> None:
    assert any(path.is_file() for path in (SOURCE / package).glob(pattern))


def test_every_folder_of_code_is_a_package() -> None:
    """setuptools leaves out a folder without __init__.py, and Datasette finds no templates of a
    plugin that is no package."""
    folders = {path.parent for path in SOURCE.rglob("*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []


@pytest.mark.parametrize("target", TARGETS)
def test_entry_point_loads(target: str) -> None:
    module, _, name = target.partition(":")
    loaded = import_module(module)
    assert not name or callable(getattr(loaded, name))


def test_datasette_starts_with_the_plugin_installed(tmp_path: Path) -> None:
    """Datasette loads plugins while its own modules are half imported: what the plugin takes from
    them at its top may not be there yet. Only a new process, with the entry point, shows it."""
    installed = tmp_path / "quotedex-0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Name: quotedex\nVersion: 0\n", encoding="utf-8")
    points = "".join(f"{name} = {target}\n" for name, target in PLUGINS["datasette"].items())
    (installed / "entry_points.txt").write_text(f"[datasette]\n{points}", encoding="utf-8")
    started = subprocess.run(
        [sys.executable, "-c", "import datasette.app as app; print(app.pm.get_plugins())"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), str(SOURCE)))},
        capture_output=True,
        text=True,
    )
    assert started.returncode == 0, started.stderr
    assert "datasette_quotedex" in started.stdout


@pytest.mark.parametrize("package", PACKAGES)
def test_what_is_imported_is_declared(package: str) -> None:
    declared = {_plain(re.split(r"[<>=!~\[; ]", d)[0]) for d in PROJECT["project"]["dependencies"]}
    owners = packages_distributions()
    imported = {name for path in (SOURCE / package).rglob("*.py") for name in _imports(path)}
    foreign = imported - set(PACKAGES) - sys.stdlib_module_names
    undeclared = {
        name for name in foreign if not {_plain(owner) for owner in owners[name]} & declared
    }
    assert undeclared == set()


def test_version_is_said_once() -> None:
    assert PROJECT["project"]["version"] == quotedex.__version__


def test_licence_is_the_one_declared() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert PROJECT["project"]["license"] == "Apache-2.0"
    assert text.split()[:4] == ["Apache", "License", "Version", "2.0,"]
    assert "END OF TERMS AND CONDITIONS" in text


def _imports(path: Path) -> set[str]:
    """The top-level names of the modules that a file imports."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_plugin_that_is_imported_before_datasette_has_its_hooks() -> None:
    """As where one program indexes and then serves."""
    program = (
        "import datasette_quotedex, datasette.app as app;"
        " app.pm.is_registered(datasette_quotedex) or app.pm.register(datasette_quotedex);"
        " hooks = app.pm.hook.register_routes.get_hookimpls();"
        " assert datasette_quotedex in [hook.plugin for hook in hooks];"
        " assert len(app.pm.hook.handle_exception.get_hookimpls()) == 2"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
