"""A user's list of people and organizations, as CSV; it overrides the rules of linking.

    name,aliases,wikidata,description
    Ada Okafor,Ada N. Okafor|A. Okafor @ 2024/pier.txt,Q42,mayor of Lund

All names on one line belong to the same speaker, and two lines are two speakers. A name followed by
" @ " and the identity of an article is meant in that article only. Anonymous sources cannot be
listed.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from quotedex.errors import InputError
from quotedex.link.speakers import IN_ARTICLE, normalized_name

_COLUMNS = ("name", "aliases", "wikidata", "description")
_SEPARATOR = "|"
# What a spreadsheet, in which people edit the list, would run as a formula.
_FORMULA = re.compile(r"'*[=+@\t\r-]")
_QUOTED_FORMULA = re.compile(r"'+[=+@\t\r-]")
_WIKIDATA = re.compile(r"Q[1-9]\d*")


@dataclass(frozen=True, slots=True)
class ListedSpeaker:
    """One line of the list. `aliases` are other names, `wikidata` is an item such as "Q42"."""

    name: str
    aliases: tuple[str, ...] = ()
    wikidata: str | None = None
    description: str | None = None


def read_people(path: str | Path) -> list[ListedSpeaker]:
    """Read a CSV file with a column `name` and optionally `aliases` (separated by |), `wikidata`
    and `description`, in any order. Other columns are ignored.

    Raises InputError with the file and the line; a list with an error is not used at all.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(str(path), "a list of people must be a CSV file in UTF-8") from error
    except OSError as error:
        raise InputError(str(path), error.strerror or str(error)) from error
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        columns = [title.strip().lower() for title in next(rows, [])]
        if columns.count("name") != 1:
            raise InputError(str(path), "the first line of a list of people needs a column name")
        people = [
            _listed_speaker(columns, row, path, rows.line_num)
            for row in rows
            if any(map(str.strip, row))
        ]
    except csv.Error as error:
        raise InputError(str(path), f"line {rows.line_num}: {error}") from error
    _check_unique_items(people, path)
    return people


def write_people(people: Iterable[ListedSpeaker]) -> str:
    """The list as CSV that `read_people` reads. Text like a formula gets an apostrophe."""
    lines = io.StringIO()
    rows = csv.writer(lines, lineterminator="\n")
    rows.writerow(_COLUMNS)
    for each in people:
        aliases = _SEPARATOR.join(each.aliases)
        fields = (each.name, aliases, each.wikidata or "", each.description or "")
        rows.writerow([f"'{text}" if _FORMULA.match(text) else text for text in fields])
    return lines.getvalue()


def alias_in_article(name: str, article: str) -> str:
    """An alias that is meant in one article only."""
    return f"{name}{IN_ARTICLE}{article}"


def entries_by_name(people: Iterable[ListedSpeaker]) -> dict[str, ListedSpeaker]:
    """Lines by each of their names, normalized as `blocking_key` looks them up.

    A name on two lines is left out, because it does not identify a speaker.
    """
    found: dict[str, ListedSpeaker | None] = {}
    for each in people:
        for name in {lookup_name(name) for name in (each.name, *each.aliases)}:
            found[name] = None if name in found else each
    return {name: each for name, each in found.items() if each is not None}


def entry_key(person: ListedSpeaker) -> str:
    """Identifies a line wherever it stands in the list: its Wikidata item, or all its names."""
    names = (person.name, *person.aliases)
    return person.wikidata or " | ".join(sorted({lookup_name(name) for name in names}))


def lookup_name(name: str) -> str:
    name, separator, article = name.partition(IN_ARTICLE)
    plain = normalized_name(name)
    return alias_in_article(plain, article) if separator else plain


def _listed_speaker(
    columns: Sequence[str], row: Sequence[str], path: Path, line: int
) -> ListedSpeaker:
    if len(row) > len(columns):
        raise InputError(
            str(path),
            f"line {line} has {len(row)} fields, but the first line has {len(columns)}:"
            " put a field with a comma in quotation marks",
        )
    fields = {
        title: " ".join((value[1:] if _QUOTED_FORMULA.match(value) else value).split())
        for title, value in zip(columns, row, strict=False)
    }
    name, wikidata = fields.get("name", ""), fields.get("wikidata", "")
    if not name:
        raise InputError(str(path), f"line {line} has no name")
    if wikidata and not _WIKIDATA.fullmatch(wikidata):
        raise InputError(
            str(path), f"line {line}: {wikidata!r} is not a Wikidata item, such as Q42"
        )
    aliases = [alias.strip() for alias in fields.get("aliases", "").split(_SEPARATOR)]
    if any(";" in alias and IN_ARTICLE not in alias for alias in aliases):
        raise InputError(str(path), f"line {line}: separate aliases with |, not with a semicolon")
    return ListedSpeaker(
        name,
        tuple(dict.fromkeys(alias for alias in aliases if alias and alias != name)),
        wikidata or None,
        fields.get("description") or None,
    )


def _check_unique_items(people: Iterable[ListedSpeaker], path: Path) -> None:
    """A Wikidata item identifies a line, so two lines cannot have the same one."""
    seen: set[str] = set()
    for each in people:
        if each.wikidata in seen:
            raise InputError(str(path), f"two lines have the Wikidata item {each.wikidata}")
        if each.wikidata:
            seen.add(each.wikidata)
