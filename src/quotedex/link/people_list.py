"""A user's list of people and organizations, as CSV: who is who, whatever the articles make of it.

    name,aliases,wikidata,description
    Ada Okafor,Ada N. Okafor|A. Okafor @ /news/pier.txt,Q42,mayor of Lund

Whom a line lists under several names is one, and two lines are two. A name with a location behind
"@" is that of the speaker in one article. Nothing is said of nameless sources.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from quotedex.errors import InputError
from quotedex.link.speakers import IN_ARTICLE, plain_name

_COLUMNS = ("name", "aliases", "wikidata", "description")
_SEPARATOR = "|"
_WIKIDATA = re.compile(r"Q[1-9]\d*")


@dataclass(frozen=True, slots=True)
class Authority:
    """A line of the list: who has one of these names is this one."""

    name: str
    aliases: tuple[str, ...] = ()
    wikidata: str | None = None
    description: str | None = None


def read_people(path: str | Path) -> list[Authority]:
    """The lines of a CSV file with a column `name` and perhaps `aliases` (with | between them),
    `wikidata` and `description`, in any order; other columns are passed over.

    Raises `InputError` that names the file and the line: what is no list is not half used.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(str(path), "a list of people must be CSV in UTF-8") from error
    except OSError as error:
        raise InputError(str(path), error.strerror or str(error)) from error
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        columns = [title.strip().lower() for title in next(rows, [])]
        if columns.count("name") != 1:
            raise InputError(
                str(path), "the first line of a list of people must name a column name"
            )
        authorities = [
            _authority(columns, row, path, rows.line_num)
            for row in rows
            if any(map(str.strip, row))
        ]
    except csv.Error as error:
        raise InputError(str(path), f"line {rows.line_num}: {error}") from error
    _refuse_doubles(authorities, path)
    return authorities


def write_people(authorities: Iterable[Authority]) -> str:
    """The same form, as `read_people` reads it."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(_COLUMNS)
    for each in authorities:
        aliases = _SEPARATOR.join(each.aliases)
        rows.writerow([each.name, aliases, each.wikidata or "", each.description or ""])
    return text.getvalue()


def in_article(name: str, location: str) -> str:
    """The alias that names a speaker of one article only."""
    return f"{name}{IN_ARTICLE}{location}"


def whose(authorities: Iterable[Authority]) -> dict[str, Authority]:
    """Name as `block` looks it up -> the line that has it; a name on two lines is nobody's."""
    found: dict[str, Authority | None] = {}
    for authority in authorities:
        for name in {_looked_up(name) for name in (authority.name, *authority.aliases)}:
            found[name] = None if name in found else authority
    return {name: authority for name, authority in found.items() if authority is not None}


def line_of(authority: Authority) -> str:
    """What tells a line of the list from the others, wherever it stands."""
    names = (authority.name, *authority.aliases)
    return authority.wikidata or " | ".join(sorted({_looked_up(name) for name in names}))


def _looked_up(name: str) -> str:
    name, mark, location = name.partition(IN_ARTICLE)
    return in_article(plain_name(name), location) if mark else plain_name(name)


def _authority(columns: Sequence[str], row: Sequence[str], path: Path, line: int) -> Authority:
    if len(row) > len(columns):
        raise InputError(
            str(path),
            f"line {line} has {len(row)} fields, the first line {len(columns)}:"
            " a comma within a field needs the field in quotation marks",
        )
    fields = {title: " ".join(value.split()) for title, value in zip(columns, row, strict=False)}
    name, wikidata = fields.get("name", ""), fields.get("wikidata", "")
    if not name:
        raise InputError(str(path), f"line {line} has no name")
    if wikidata and not _WIKIDATA.fullmatch(wikidata):
        raise InputError(str(path), f"line {line}: {wikidata!r} is no Wikidata item, such as Q42")
    aliases = [alias.strip() for alias in fields.get("aliases", "").split(_SEPARATOR)]
    if any(";" in alias and IN_ARTICLE not in alias for alias in aliases):
        raise InputError(str(path), f"line {line}: aliases have | between them, not a semicolon")
    return Authority(
        name,
        tuple(dict.fromkeys(alias for alias in aliases if alias and alias != name)),
        wikidata or None,
        fields.get("description") or None,
    )


def _refuse_doubles(authorities: Iterable[Authority], path: Path) -> None:
    """Two lines of one item could not be told apart."""
    seen: set[str] = set()
    for authority in authorities:
        if authority.wikidata in seen:
            raise InputError(str(path), f"two lines have the Wikidata item {authority.wikidata}")
        if authority.wikidata:
            seen.add(authority.wikidata)
