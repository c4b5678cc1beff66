"""What contributors are told is true: paths exist, and forges run the checks of .ci/run."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.helpers import ROOT

PAGES = [
    *(ROOT / name for name in ("CONTRIBUTING.md", "SECURITY.md", "src/quotedex/model/README.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
SUFFIXES = "py|md|json|toml|sql|html|css|onnx|txt|yml"
# A page may name a file from any of these folders.
BASES = [ROOT, ROOT / "src", ROOT / "src" / "quotedex", ROOT / "src" / "datasette_quotedex"]
WORKFLOW: dict[str, Any] = yaml.safe_load(
    (ROOT / ".github" / "workflows" / "checks.yml").read_text(encoding="utf-8")
)
STEPS = [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SCRIPT = (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def named_paths(page: Path) -> set[str]:
    """The files and folders of this project that a page names in `code`."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    files = re.findall(rf"`([\w.-]+(?:/[\w.-]+)+\.(?:{SUFFIXES}))`", text)
    modules = re.findall(r"`((?:src|training|benchmarks|evaluation|tests|seeds)/[\w./-]*)`", text)
    return {*files, *modules}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_that_is_named_exists(page: Path) -> None:
    missing = {
        name for name in named_paths(page) if not any((base / name).exists() for base in BASES)
    }
    assert missing == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_program_that_is_named_takes_these_options(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for module, arguments in re.findall(
        r"python -m ((?:benchmarks|training)\.\w+)([^`#\n]*)", text
    ):
        program = ROOT / module.replace(".", "/")
        file = program / "__main__.py" if program.is_dir() else program.with_suffix(".py")
        source = file.read_text(encoding="utf-8")
        for option in re.findall(r"--[a-z][a-z-]*", arguments):
            assert f'"{option}"' in source, f"{module} {option}"


def test_the_tree_that_is_shown_is_the_one_that_is_there() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    (tree,) = re.findall(r"^```text\n(.*?)^```", text, flags=re.M | re.S)
    folders = [ROOT]  # the folder at each level of indentation
    shown = set()
    for line in tree.splitlines():
        name, level = line.split()[0], (len(line) - len(line.lstrip())) // 2
        folders[level + 1 :] = [folders[level] / name]
        shown.add(folders[-1])
    assert [str(path) for path in shown if not path.exists()] == []
    rooms = {path for path in (ROOT / "src" / "quotedex").iterdir() if path.name[0] != "_"}
    assert {room.name for room in rooms - shown} == {"py.typed"}


def test_every_folder_of_test_cases_is_explained() -> None:
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    invented_news = {"press", "site", "xss", "seeds_known_failures"}
    cases = {path.stem for path in (ROOT / "tests" / "cases").glob("*.json")} - invented_news
    assert cases == set(re.findall(r"`tests/cases/(\w+)\.json`", contributing))


def test_the_workflow_runs_what_the_checks_run() -> None:
    commands = [step["run"] for step in STEPS if "run" in step]
    for command in commands:
        if not command.startswith(("pip install '.[test]'", "apt-get", "python -m pytest")):
            assert f".venv/bin/{command}" in SCRIPT.replace(" --quiet", ""), command
    checks = re.findall(r"^step .*? \.venv/bin/(.+)$", SCRIPT, flags=re.M)
    assert len(checks) > 6
    for check in checks:
        assert check.replace(" --quiet", "").replace(" -q", "") in commands, check


def test_the_workflow_uses_well_known_actions_alone() -> None:
    actions = {step["uses"].partition("@")[0] for step in STEPS if "uses" in step}
    assert actions == {"actions/checkout", "actions/setup-python"}


def test_supported_pythons_are_the_tested_ones() -> None:
    tested = WORKFLOW["jobs"]["tests"]["strategy"]["matrix"]["python"]
    prefix = "Programming Language :: Python :: 3."
    classifiers = PROJECT["project"]["classifiers"]
    assert [f"3.{c.removeprefix(prefix)}" for c in classifiers if c.startswith(prefix)] == tested
    assert PROJECT["project"]["requires-python"] == f">={tested[0]}"


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.stem)
def test_issue_forms_are_forms(form: Path) -> None:
    content = yaml.safe_load(form.read_text(encoding="utf-8"))
    if form.stem == "config":
        assert set(content) == {"blank_issues_enabled"}
        return
    assert {"name", "description", "body"} <= set(content)
    fields = [field for field in content["body"] if field["type"] != "markdown"]
    ids = [field["id"] for field in fields]
    assert len(set(ids)) == len(ids) > 0
    for field in fields:
        assert field["type"] in {"input", "textarea", "dropdown", "checkboxes"}
        assert field["attributes"]["label"]
        assert field["type"] != "dropdown" or len(field["attributes"]["options"]) > 1
