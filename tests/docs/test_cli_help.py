"""docs/cli.md describes every command and option, with the current help text, written by cog."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from quotedex.cli import main
from tests.helpers import ROOT

PAGE = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_has_its_section(command: str) -> None:
    assert f"\n## quotedex {command}\n" in PAGE
    assert f'show_help("{command}")' in PAGE


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_option_is_explained(command: str) -> None:
    section = PAGE.partition(f"\n## quotedex {command}\n")[2].partition("\n## ")[0]
    for parameter in main.commands[command].params:
        assert all(name in section for name in parameter.opts if name.startswith("--"))


def test_help_is_current() -> None:
    """If this fails, run `python -m cogapp -r docs/cli.md`."""
    done = subprocess.run(
        [sys.executable, "-m", "cogapp", "--check", "docs/cli.md"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT / "src"), "PYTHONUTF8": "1"},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_table_of_keys_is_that_of_the_example() -> None:
    example = re.search(r"```json\n(.+?)```", PAGE, re.DOTALL)
    assert example
    line = json.loads(example.group(1))
    (quote,) = line["quotes"]
    first_column = re.findall(r"^\| (`.+?) \|", PAGE, re.MULTILINE)
    table = set(re.findall(r"`([a-z_]+)`", " ".join(first_column)))
    assert table == {*line, *quote} - {"quotes"}
