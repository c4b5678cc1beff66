"""The house rules as tests: who may import whom, who prints, who writes, and what importing costs.

A *room* is a module or package right under `quotedex`, or one of the other top-level packages. A
room stands one floor above the highest room that it imports.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.helpers import ROOT

SRC = ROOT / "src"
TOPS = ("quotedex", "datasette_quotedex", "evaluation", "training", "benchmarks")
# A room imports only from the lines above its own. Data runs the same way: what a stage makes is
# read by those below. "quotedex" is the package's own `__init__`.
FLOORS = [
    {"errors", "limits", "locations", "models", "options", "_version", "datasette_quotedex"},
    {"optional"},
    {"text"},
    {"read", "extract", "link"},
    {"store", "component", "notebook", "evaluation"},
    {"index", "check", "site", "training"},
    {"api", "cli", "benchmarks"},
    {"quotedex", "__main__"},
]
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
MAX_FLOORS = 8
LIGHT = (
    "quotedex",
    "quotedex.cli",
    "quotedex.text.lexicon",
    "quotedex.read",
    "quotedex.extract.find",
    "datasette_quotedex.confidence",
    "datasette_quotedex.search.letters",
)
HEAVY = "spacy", "textacy", "datasette", "rich", "onnxruntime", "numpy", "sqlite_utils"
PLUGIN_WITHOUT = "quotedex", "spacy", "textacy", "onnxruntime"
VAGUE_NAMES = {"utils", "util", "helpers", "common", "misc"}
EXITS = {"print", "exit", "quit"}
# The start of an SQL statement that writes to the tables of a file.
WRITES = re.compile(
    r"\s*(?:INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP|ALTER)\s(?!.*\b(?:temp|TEMP)\b)"
)
# Outside of store/: a database in memory, and hostile ones to read.
OTHER_WRITERS = {"src/datasette_quotedex/search/stems.py", "benchmarks/hostile/documents.py"}
HELP_IN = 0.3
TRIES = 3


def files_of(top: str) -> list[Path]:
    folder = SRC / top if (SRC / top).is_dir() else ROOT / top
    return sorted(folder.rglob("*.py"))


@cache
def modules() -> dict[str, Path]:
    """Every module of the project: its full name, and its file."""
    return {full_name(path): path for top in TOPS for path in files_of(top)}


def full_name(path: Path) -> str:
    parts = path.relative_to(SRC if path.is_relative_to(SRC) else ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    top, _, rest = module.partition(".")
    return rest.partition(".")[0] or top if top == "quotedex" else top


def imported(path: Path) -> Iterator[str]:
    """Full names of what a file imports, anywhere in it: also in functions, and for types alone."""
    package = full_name(path) if path.stem == "__init__" else full_name(path).rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1]
            start = ".".join(part for part in (*parents * bool(node.level), node.module) if part)
            yield from (
                name if (name := f"{start}.{alias.name}") in modules() else start
                for alias in node.names
            )


@cache
def arrows() -> dict[str, set[str]]:
    """For each module those of the project that it imports."""
    return {
        name: {other for other in imported(path) if other in modules()} - {name}
        for name, path in modules().items()
    }


@cache
def rooms() -> dict[str, set[str]]:
    """For each room those that it imports."""
    found: dict[str, set[str]] = {}
    for name, others in arrows().items():
        found.setdefault(room_of(name), set()).update(map(room_of, others))
    return {room: others - {room} for room, others in found.items()}


@pytest.mark.parametrize("room", sorted(rooms()))
def test_imports_point_one_way(room: str) -> None:
    assert room in FLOOR, f"give {room} its floor"
    upwards = [other for other in rooms()[room] if FLOOR[other] >= FLOOR[room]]
    assert upwards == []


def test_no_circle_of_modules() -> None:
    TopologicalSorter(arrows()).prepare()  # raises CycleError, which names the modules


def test_the_house_has_few_floors() -> None:
    height: dict[str, int] = {}
    for room in TopologicalSorter(rooms()).static_order():
        height[room] = 1 + max((height[other] for other in rooms()[room]), default=0)
    assert max(height.values()) <= MAX_FLOORS
    assert set(FLOOR) == set(rooms()), "a room of FLOORS is gone"


def test_the_floors_are_those_that_the_docs_show() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    lines = re.findall(r"^\d\. (`.*)$", page, flags=re.MULTILINE)
    assert [set(re.findall(r"`(\w+)`", line)) for line in lines] == FLOORS


def test_only_the_command_line_knows_click_prints_or_exits() -> None:
    for path in [*files_of("quotedex"), *files_of("datasette_quotedex")]:
        if path.parent.name == "cli" or path.name == "__main__.py":
            continue
        assert "click" not in imported(path), path
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        names = {node.id for node in nodes if isinstance(node, ast.Name)}
        assert not names & {"SystemExit", *EXITS}, path
        attributes = {ast.unparse(node) for node in nodes if isinstance(node, ast.Attribute)}
        assert "sys.exit" not in attributes, path


def public_functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """The functions and methods of a module whose names have no underscore in front."""
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    for node in (*tree.body, *(node for each in classes for node in each.body)):
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node


def test_no_spacy_object_crosses_the_stages_of_extraction() -> None:
    """Whoever needs a parse makes it inside; only the spaCy component's entry takes one."""
    stages = [
        path
        for name, path in modules().items()
        if name.startswith("quotedex.extract")
        and not name.startswith(("quotedex.extract.parse", "quotedex.extract.resolve."))
    ]
    assert stages
    take_or_give = []
    for path in stages:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        of_spacy = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("spacy")
            for alias in node.names
        }
        for function in public_functions(tree):
            hints = [*function.args.args, *function.args.kwonlyargs]
            annotations = [arg.annotation for arg in hints if arg.annotation]
            annotations += [function.returns] if function.returns else []
            words = {
                node.id
                for annotation in annotations
                for node in ast.walk(annotation)
                if isinstance(node, ast.Name)
            }
            if words & of_spacy:
                take_or_give.append(function.name)
    assert take_or_give == ["resolve_doc"]


def test_only_the_store_writes_to_a_file() -> None:
    """As far as SQL in string constants shows."""
    writers = set()
    for path in modules().values():
        texts = [
            node.value
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        if any(map(WRITES.match, texts)):
            writers.add(path)
    store = SRC / "quotedex" / "store"
    assert any(path.is_relative_to(store) for path in writers)
    others = {path for path in writers if not path.is_relative_to(store)}
    assert {str(path.relative_to(ROOT)) for path in others} == OTHER_WRITERS


def test_names_say_something() -> None:
    parts = {
        part
        for top in ("quotedex", "datasette_quotedex")
        for path in files_of(top)
        for part in path.relative_to(SRC).with_suffix("").parts
    }
    assert not parts & VAGUE_NAMES


def test_no_two_classes_have_one_name() -> None:
    names = Counter(
        node.name
        for top in ("quotedex", "datasette_quotedex")
        for path in files_of(top)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_the_plugin_imports_nothing_of_quotedex() -> None:
    for path in sorted((SRC / "datasette_quotedex").rglob("*.py")):
        tops = {name.partition(".")[0] for name in imported(path)}
        assert not tops & set(PLUGIN_WITHOUT), path


@pytest.mark.parametrize("module", LIGHT)
def test_importing_loads_nothing_heavy(module: str) -> None:
    assert not loaded_by(module) & set(HEAVY)


def test_importing_the_plugin_loads_nothing_of_quotedex() -> None:
    modules = "datasette_quotedex.pages, datasette_quotedex.sql, datasette_quotedex.frame"
    assert not loaded_by(modules) & set(PLUGIN_WITHOUT)


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


@pytest.mark.parametrize("package", [path.parent for path in sorted(SRC.rglob("__init__.py"))])
def test_no_module_has_the_name_of_a_function_of_its_package(package: Path) -> None:
    """Importing the module would replace the function: the plugin would lose a hook."""
    tree = ast.parse((package / "__init__.py").read_text(encoding="utf-8"))
    functions = {
        node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    modules = {path.stem for path in package.iterdir() if path.is_dir() or path.suffix == ".py"}
    assert not functions & modules
