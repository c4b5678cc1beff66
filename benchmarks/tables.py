"""Markdown tables, and the places for them in the pages of docs/."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

Table = list[tuple[str, ...]]  # the first row is the head

DOCS = Path(__file__).parents[1] / "docs"


def markdown(table: Sequence[Sequence[str]], align: str = "---:") -> str:
    """A table whose columns but the first are aligned alike, by default to the right."""
    head, *rows = table
    lines = [head, ["---", *[align] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def fill(page: str, blocks: Mapping[str, str]) -> str:
    """The page with each <!-- begin NAME --> ... <!-- end NAME --> replaced by that block; blocks
    that are not given stay as they are."""

    def block(match: re.Match[str]) -> str:
        begin, name, end = match.groups()
        return f"{begin}\n{blocks[name]}\n{end}" if name in blocks else match.group()

    return re.sub(r"(<!-- begin (\w+) -->).*?(<!-- end \2 -->)", block, page, flags=re.DOTALL)


def write(path: Path, blocks: Mapping[str, str]) -> None:
    """Fill the blocks of a page in place."""
    path.write_text(fill(path.read_text(encoding="utf-8"), blocks), encoding="utf-8")
