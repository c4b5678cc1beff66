"""Corrections by hand, as CSV and as changes to the list of people.

    what,key,new_value,who,why
    speaker,3k9d7t5xz0w2b,Ana Okafor,N. Reyes,the mayor speaks here
    nobody,8w2c6m1rj4y5e,,N. Reyes,a film title
    merge,mara-ilves,m-ilves,N. Reyes,

Three kinds concern a quotation: `speaker` (who said it), `nobody` (nobody did) and `text` (the
right words). Three concern speakers: `merge` (two are one), `split` (one is two) and `name`. These
become entries of the list of people, so that linking knows only one kind of exception.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast, get_args

from quotedex.errors import InputError
from quotedex.link.people_list import ListedSpeaker, lookup_name
from quotedex.models import Correction, CorrectionKind, SpeakerKind

OF_QUOTATIONS: tuple[CorrectionKind, ...] = ("speaker", "nobody", "text")
OF_SPEAKERS: tuple[CorrectionKind, ...] = ("merge", "split", "name")
_SEPARATOR = "|"
_WITHOUT_VALUE = "nobody"


COLUMNS = tuple(Correction("nobody", "").to_dict())
_READ = frozenset(COLUMNS) - {"id", "state", "leads_to"}


def read_corrections(path: str | Path) -> list[Correction]:
    """Read a CSV file with the columns `what` and `key` and any of the others, in any order.

    Raises InputError that names each bad line; a file with an error is not used at all.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(str(path), "corrections must be a CSV file in UTF-8") from error
    except OSError as error:
        raise InputError(str(path), error.strerror or str(error)) from error
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    found: list[Correction] = []
    problems: list[str] = []
    try:
        columns = [title.strip().lower() for title in next(rows, [])]
        if columns.count("what") != 1 or columns.count("key") != 1:
            reason = "the first line of a file of corrections needs the columns what and key"
            raise InputError(str(path), reason)
        for row in rows:
            if any(map(str.strip, row)):
                try:
                    found.append(replace(_correction(columns, row), line=rows.line_num))
                except ValueError as error:
                    problems.append(f"line {rows.line_num}: {error}")
    except csv.Error as error:
        problems.append(f"line {rows.line_num}: {error}")
    if problems:
        raise InputError(str(path), "\n".join(problems))
    return found


def write_corrections(corrections: Iterable[Correction]) -> str:
    """The corrections as CSV that `read_corrections` reads."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for each in corrections:
        values = {**each.to_dict(), "names": _SEPARATOR.join(each.names)}
        rows.writerow(["" if values[name] is None else values[name] for name in COLUMNS])
    return text.getvalue()


def problem(correction: Correction) -> str | None:
    """CorrectionKind is wrong with a correction, whatever the file holds."""
    if correction.what not in get_args(CorrectionKind):
        return f"{correction.what!r} is not one of {', '.join(get_args(CorrectionKind))}"
    if not correction.key:
        return "there is no key"
    if correction.what == _WITHOUT_VALUE and correction.new_value:
        return "nobody said it, so there can be no new value"
    if correction.what != _WITHOUT_VALUE and not correction.new_value:
        return f"a correction of the kind {correction.what} needs a new value"
    if correction.kind is not None and correction.kind not in get_args(SpeakerKind):
        return f"{correction.kind!r} is not one of {', '.join(get_args(SpeakerKind))}"
    return None


def corrected_list(
    keys: Mapping[str, str],
    entries: Mapping[str, ListedSpeaker],
    corrections: Iterable[Correction],
) -> tuple[dict[str, str], dict[str, ListedSpeaker]]:
    """A list of people after corrections in their order, the later one outranking the earlier.

    `keys` are the keys of entries by each of their names, as are those that are returned.
    """
    keys, entries = dict(keys), dict(entries)
    for correction in corrections:
        name, *others = correction.names or ("",)
        found = [lookup_name(other) for other in others]
        if correction.undone_at is not None or not found:
            continue
        listed = list(dict.fromkeys(keys[other] for other in found if other in keys))
        if correction.what == "split" or not listed:
            entry = " | ".join(sorted(found))
            entries[entry] = ListedSpeaker(name, tuple(others))
            keys |= dict.fromkeys(found, entry)
        else:
            _join(keys, entries, listed, correction)
    return keys, entries


def _join(
    keys: dict[str, str],
    entries: dict[str, ListedSpeaker],
    listed: Sequence[str],
    correction: Correction,
) -> None:
    """Make one entry of those that a correction names; the first of them keeps its key."""
    name, *others = correction.names
    kept, *merged = listed
    for other in [other for other, entry in keys.items() if entry in merged]:
        keys[other] = kept
    keys |= {lookup_name(other): kept for other in others}
    parts = [entries.pop(each) for each in listed]
    aliases = [*(alias for part in parts for alias in (part.name, *part.aliases)), *others]
    entries[kept] = replace(
        parts[0],
        name=name,
        aliases=tuple(dict.fromkeys(alias for alias in aliases if alias != name)),
        wikidata=next(filter(None, (part.wikidata for part in parts)), None),
        description=next(filter(None, (part.description for part in parts)), None),
    )


def _correction(columns: Sequence[str], row: Sequence[str]) -> Correction:
    """Raises ValueError with what is wrong with a row."""
    if len(row) > len(columns):
        raise ValueError(
            f"{len(row)} fields, but the first line has {len(columns)}:"
            " put a field with a comma in quotation marks"
        )
    given = zip(columns, row, strict=False)
    values = {title: value.strip() or None for title, value in given if title in _READ}
    names = [name.strip() for name in (values.pop("names", None) or "").split(_SEPARATOR)]
    correction = Correction(
        what=cast(CorrectionKind, values.pop("what", None) or ""),
        key=values.pop("key", None) or "",
        names=tuple(filter(None, names)),
        **cast(Any, values),
    )
    if (reason := problem(correction)) is not None:
        raise ValueError(reason)
    return correction


def active(corrections: Iterable[Correction]) -> Iterator[Correction]:
    """Those that have not been undone."""
    return (each for each in corrections if each.undone_at is None)
