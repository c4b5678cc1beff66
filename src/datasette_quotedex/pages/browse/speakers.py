"""`/-/speakers`: all speakers, A to Z or the most quoted first, of one kind or with a name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import ascii_lowercase
from typing import Any
from unicodedata import combining, normalize

from datasette_quotedex.context import Reader, SelectQuery, SiteContext
from datasette_quotedex.pages.browse.listing import Listing, Shown
from datasette_quotedex.search.letters import replace_letters

NAMED = ("person", "organization", "group")
"""The kinds that the list has unless one is chosen: an anonymous source of one article is never
the same as that of another, so there are many."""

MAX_WORDS = 8
"""Words of a name to search for."""


def _query(shown: Shown, limit: int) -> SelectQuery:
    """Each kind is read from an index in the order of the list."""
    chosen = shown.filters.get("kind")
    kinds = (chosen,) if chosen else NAMED
    parameters: dict[str, Any] = {f"kind{n}": kind for n, kind in enumerate(kinds)}
    parameters["limit"] = limit
    if shown.start:
        parameters |= {"key": shown.start.key, "value": shown.start.value}
    if words := name_words(shown.filters.get("q", "")):
        source, conditions = "matching CROSS JOIN speakers s ON s.id = matching.id", [""]
        parameters |= {f"word{n}": f"-{word}" for n, (word, _) in enumerate(words)}
        parameters |= {f"given{n}": given for n, (_, given) in enumerate(words)}
    else:
        source, conditions = "speakers s", list(_letter(shown, parameters))
    # SQLite reads each part in the order of an index and merges them, so it sorts nothing.
    order = "quote_count DESC, key" if shown.sort == "number" else "key"
    lists = [
        f"{' UNION ALL '.join(parts)} ORDER BY {order} LIMIT :limit"
        for parts in (
            [
                f"SELECT {_COLUMNS} FROM {source} WHERE s.kind = :kind{n}{letter}{one}"
                for n in range(len(kinds))
                for letter in conditions
                for one in after
            ]
            for after in _after(shown)
        )
    ]
    matching = _matching(words, chosen)
    if len(lists) == 1:
        return f"{matching} {lists[0]}", parameters
    pages = " UNION ALL ".join(f"SELECT {n} AS script, * FROM ({q})" for n, q in enumerate(lists))
    page = f"SELECT {', '.join(_NAMES)} FROM ({pages}) ORDER BY script, key LIMIT :limit"
    return f"{matching} {page}", parameters


def _letter(shown: Shown, parameters: dict[str, Any]) -> Iterator[str]:
    """The condition for names with the initial that is chosen. In lists by number, there is none:
    no index would have it."""
    letter = shown.filters.get("letter")
    if not letter or shown.sort == "number":
        yield ""
    elif letter == DIGITS:
        yield " AND s.key < 'a'"
    elif letter == OTHER_SCRIPTS:
        yield f" AND {_OTHER_SCRIPT}"
    else:
        parameters |= {"low": letter, "high": chr(ord(letter) + 1)}
        yield " AND s.key >= :low AND s.key < :high"


def _after(shown: Shown) -> Iterator[tuple[str, ...]]:
    """Conditions for the rows after the start, each of which an index answers in order: for all, or
    by name, for those in Latin letters and then for the others."""
    if shown.sort == "number":
        after = (
            " AND s.quote_count = CAST(:value AS INTEGER) AND s.key > :key",
            " AND s.quote_count < CAST(:value AS INTEGER)",
        )
        yield after if shown.start else ("",)
        return
    latin, other = f" AND NOT ({_OTHER_SCRIPT})", f" AND {_OTHER_SCRIPT}"
    if shown.start:
        condition = _OTHER_SCRIPT.replace("s.", "first.")
        is_other = f"EXISTS (SELECT 1 FROM speakers first WHERE first.key = :key AND {condition})"
        latin += f" AND s.key > :key AND NOT {is_other}"
        other += f" AND (s.key > :key OR NOT {is_other})"
    yield (latin,)
    if shown.filters.get("q") or shown.filters.get("letter", OTHER_SCRIPTS) == OTHER_SCRIPTS:
        yield (other,)


def _matching(words: list[tuple[str, str]], kind: str | None) -> str:
    """The ids of speakers with words that begin like these in one form of their name. Anonymous
    sources have no other form than the one in their key."""
    if not words:
        return ""
    if kind == "anonymous":
        found = "id FROM speakers WHERE kind = 'anonymous'", "key", "key"
    else:
        found = "speaker_id AS id FROM aliases WHERE 1", "slug", "name"
    select, key, name = found
    conditions = [
        f"instr('-' || {key}, :word{n})" if given.isascii() else
        f"(instr('-' || {key}, :word{n}) OR instr({name}, :given{n}))"
        for n, (_, given) in enumerate(words)
    ]  # fmt: skip
    return (
        f"WITH matching AS MATERIALIZED (SELECT DISTINCT {select} AND {' AND '.join(conditions)})"
    )


def name_words(typed: str) -> list[tuple[str, str]]:
    """The words of a name as in addresses, and as they are for other alphabets:
    "Müller" -> [("muller", "Müller")]. Words without any letter or digit are left out."""
    words = []
    for word in typed.split():
        plain = normalize("NFKD", replace_letters(_IN_WORD.sub("", word.casefold())))
        folded = "".join(c for c in plain if not combining(c))
        parts = _PLAIN_WORD.findall(folded)
        words += [(part, word) for part in parts] or ([(_NONE, word)] if word.isalpha() else [])
    return words[:MAX_WORDS]


def _finish(site: SiteContext, row: dict[str, Any]) -> dict[str, Any]:
    return {**site.with_path("speakers", row), "letter": _letter_of(row["key"], row["name"])}


def _letter_of(key: str, name: str) -> str:
    """The letter under which the list has a speaker."""
    if key.startswith("speaker-") and not _LATIN.search(name):
        return OTHER_SCRIPTS
    return key[0] if key[:1] in LETTERS else DIGITS


def _more(db: Reader, shown: Shown) -> dict[str, Any]:
    """The letters under which there are speakers, each with the address of its list."""
    chosen = shown.filters.get("kind")
    letters = []
    for letter in (DIGITS, *LETTERS, OTHER_SCRIPTS):
        low, high = _RANGES.get(letter) or (letter, chr(ord(letter) + 1))
        sign = "" if letter == OTHER_SCRIPTS else "NOT"
        there = any(
            db.rows(_SOME_WITH_LETTER.format(sign), kind=kind, low=low, high=high)
            for kind in ((chosen,) if chosen else NAMED)
        )
        url = shown.changed(letter=letter, q=None, sort=None) if there else None
        if there or letter in LETTERS:
            letters.append((letter, url))
    return {"letters": letters, "kinds": KINDS}


KINDS = (*NAMED, "anonymous")
LETTERS = tuple(ascii_lowercase)
DIGITS = "0-9"
"""In place of a letter: names that begin with a digit."""

OTHER_SCRIPTS = "other"
"""In place of a letter: names in a script that has no form in Latin letters."""

# Their keys are made from a hash, `speaker-7g2k9x4m`, while "Speaker Adeyemi" has Latin letters.
_RANGES = {DIGITS: ("", "a"), OTHER_SCRIPTS: ("speaker-", "speaker.")}
_OTHER_SCRIPT = """s.key >= 'speaker-' AND s.key < 'speaker.' AND s.name NOT GLOB '*[A-Za-z]*'"""
_LATIN = re.compile("[A-Za-z]")

_NONE = "\0"
"""What no name has."""

_IN_WORD = re.compile("['.`´‘’ʼ′]")
_PLAIN_WORD = re.compile("[a-z0-9]+")
_NAMES = (
    *("key", "name", "label", "kind", "description", "wikidata", "quote_count"),
    *("article_count", "first_quoted", "last_quoted"),
)
_COLUMNS = ", ".join(f"s.{name}" for name in _NAMES)
_SOME_WITH_LETTER = f"""SELECT 1 FROM speakers s
    WHERE s.kind = :kind AND s.key >= :low AND s.key < :high AND {{}} ({_OTHER_SCRIPT}) LIMIT 1"""

SPEAKERS = Listing(
    name="speakers",
    columns=(*_NAMES, "path", "letter"),
    sorts={"name": None, "number": "quote_count"},
    query=_query,
    finish=_finish,
    more=_more,
    filters=("q", "kind", "letter"),
    has_free_keys=True,
    choices={"kind": KINDS, "letter": (DIGITS, *LETTERS, OTHER_SCRIPTS)},
)
