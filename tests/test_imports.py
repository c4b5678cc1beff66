"""Which module may import which, and what importing costs."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers import ROOT

SRC = ROOT / "src"
# A module imports only what stands before it; on one line are those that share a rank. Data runs
# the same way: what a stage makes is read by those behind it.
RANKS = [
    {"errors", "models", "options", "_version"},
    {"optional"},
    {"text", "read"},
    {"extract", "link"},
    {"store", "component", "notebook"},
    {"index", "check", "site"},
    {"api", "cli"},
    {"__main__"},
]
RANK = {name: rank for rank, names in enumerate(RANKS) for name in names}
LIGHT = (
    "quotedex",
    "quotedex.cli",
    "quotedex.text.lexicon",
    "quotedex.read",
    "quotedex.extract.find",
)
HEAVY = "spacy", "textacy", "datasette", "rich", "onnxruntime", "numpy", "sqlite_utils"
PLUGIN_WITHOUT = "quotedex", "spacy", "textacy", "onnxruntime"
HELP_IN = 0.3
TRIES = 3


def modules() -> list[str]:
    paths = sorted((SRC / "quotedex").iterdir())
    names = [path.stem for path in paths if path.suffix == ".py" or (path / "__init__.py").exists()]
    return [name for name in names if name != "__init__"]


def files_of(module: str) -> list[Path]:
    path = SRC / "quotedex" / module
    return sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]


def imported(path: Path) -> Iterator[str]:
    """Full names of what a file imports, anywhere in it."""
    package = ".".join(path.relative_to(SRC).parent.parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1]
            start = ".".join(parents) if node.level else ""
            yield ".".join(part for part in (start, node.module) if part)


@pytest.mark.parametrize("module", modules())
def test_imports_point_one_way(module: str) -> None:
    assert module in RANK, f"give {module} its place in the order"
    for path in files_of(module):
        for name in imported(path):
            top, _, rest = name.partition(".")
            other = rest.partition(".")[0]
            if top == "quotedex" and other and other != module:
                assert RANK[other] < RANK[module], f"{path.name} of {module} imports {name}"


def test_only_the_command_line_knows_click_prints_or_exits() -> None:
    for path in sorted((SRC / "quotedex").rglob("*.py")):
        if path.parent.name == "cli" or path.name == "__main__.py":
            continue
        assert "click" not in imported(path), path
        calls = [
            node.func.id
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        ]
        assert not {"print", "exit", "quit"} & set(calls), path


def test_the_plugin_imports_nothing_of_quotedex() -> None:
    for path in sorted((SRC / "datasette_quotedex").rglob("*.py")):
        tops = {name.partition(".")[0] for name in imported(path)}
        assert not tops & set(PLUGIN_WITHOUT), path


@pytest.mark.parametrize("module", LIGHT)
def test_importing_loads_nothing_heavy(module: str) -> None:
    assert not loaded_by(module) & set(HEAVY)


def test_importing_the_plugin_loads_nothing_of_quotedex() -> None:
    assert not loaded_by("datasette_quotedex") & set(PLUGIN_WITHOUT)


def loaded_by(module: str) -> set[str]:
    """The packages in memory when a fresh Python has imported `module`."""
    code = f"import sys, {module}; print(*(name.partition('.')[0] for name in sys.modules))"
    return set(run("-c", code).split())


def test_help_answers_at_once() -> None:
    """In processor time: the clock of a busy machine tells nothing."""
    spent = []
    for _ in range(TRIES):
        before = os.times()
        assert run("-m", "quotedex", "--help").startswith("Usage: quotedex [OPTIONS]")
        after = os.times()
        spent.append(sum(after[2:4]) - sum(before[2:4]))
    assert min(spent) < HELP_IN


def run(*arguments: str) -> str:
    environment = {"PYTHONPATH": str(SRC), "PATH": ""}
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, env=environment, check=True
    )
    return done.stdout
