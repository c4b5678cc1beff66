"""The keys and labels of speakers: names, and what tells speakers of one name apart.

Both depend on all speakers of a name. So when one comes, changes or goes, those of the same name
are done again.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from quotedex.link import is_unnamed_key
from quotedex.text.keys import folded_words, key_of, slug

MARK = "_"
"""Stands between a name and what tells it apart, `john-osei_7g2k9x4m`. No slug contains it."""

_SUFFIX_LENGTH = 8
_EMPTY_SLUG = "speaker"
_MAX_DESCRIPTION = 60
_OUTLET_SAMPLE = 200


class KeyAndLabel(NamedTuple):
    key: str
    label: str


def update_keys(conn: sqlite3.Connection, speakers: Iterable[int], lost: Iterable[str]) -> None:
    """Set the keys and labels of speakers and of all others of the same names.

    `lost` are keys of speakers that are gone. Call this when everything else is up to date.
    """
    by_slug: dict[str, set[int]] = {key.partition(MARK)[0]: set() for key in lost}
    wanted: dict[int, KeyAndLabel] = {}
    for speaker in sorted(speakers):
        found = conn.execute(_SPEAKER, (speaker,)).fetchone()
        if found is None:
            continue
        old_key, name, blocking_key, label = found
        if is_unnamed_key(blocking_key):
            wanted[speaker] = unnamed_key(conn, speaker)
        elif (old_key, label) != (name_slug(name), name):  # else it has the name for itself
            by_slug.setdefault(old_key.partition(MARK)[0], set())
            by_slug.setdefault(name_slug(name), set()).add(speaker)
    for each in sorted(by_slug):
        wanted |= namesake_keys(conn, namesakes(conn, each, by_slug[each]))
    # Rows may exchange their unique keys, so the old keys go first.
    changed = [(*row, speaker) for speaker, row in wanted.items()]
    conn.executemany(_RELEASE, [(speaker, key) for key, _, speaker in changed])
    conn.executemany(_SET, changed)


def namesakes(conn: sqlite3.Connection, name: str, more: Iterable[int] = ()) -> list[int]:
    """The speakers with this slug; those in `more` may not have their keys yet."""
    low = f"{name}{MARK}"
    # Letters or digits follow the mark, while a second mark begins the keys of unnamed speakers.
    ranges = (name, f"{low}0", f"{low}:", f"{low}a", f"{low}{{")
    found = {speaker for (speaker,) in conn.execute(_WITH_KEY, ranges)}
    found.update(more)
    rows = ((row, conn.execute(_SPEAKER, (row,)).fetchone()) for row in sorted(found))
    return [
        speaker
        for speaker, row in rows
        if row and not is_unnamed_key(row[2]) and name_slug(row[1]) == name
    ]


def namesake_keys(conn: sqlite3.Connection, speakers: list[int]) -> dict[int, KeyAndLabel]:
    """The keys and labels of all speakers of one slug."""
    names = [conn.execute(_SPEAKER, (speaker,)).fetchone()[1] for speaker in speakers]
    if len(speakers) < 2:
        pairs = zip(speakers, names, strict=True)
        return {speaker: KeyAndLabel(name_slug(name), name) for speaker, name in pairs}
    keys = {}
    for speaker, name in zip(speakers, names, strict=True):
        (first,) = conn.execute(_FIRST_QUOTE, {"speaker": speaker}).fetchone()
        keys[speaker] = f"{name_slug(name)}{MARK}{first[:_SUFFIX_LENGTH]}"
    labels = _labels(conn, keys)
    return {speaker: KeyAndLabel(keys[speaker], labels[speaker]) for speaker in speakers}


def unnamed_key(conn: sqlite3.Connection, speaker: int) -> KeyAndLabel:
    """The key and label of an anonymous source or an unnamed group, of which each article has its
    own."""
    article, kind, name, outlet, published = conn.execute(_ARTICLE, (speaker,)).fetchone()
    key = f"{name_slug(name)}{MARK}{MARK}{key_of(article, kind, name)}"
    details = ", ".join(filter(None, (outlet, (published or "")[:4])))
    return KeyAndLabel(key, f"{name} ({details})" if details else name)


def name_slug(name: str) -> str:
    """The slug; for a name in another script, "Γιώργος", one made from its letters."""
    return slug(name) or f"{_EMPTY_SLUG}-{key_of(folded_words(name))[:_SUFFIX_LENGTH]}"


@dataclass(frozen=True, slots=True)
class _Details:
    """What can tell a speaker from others of the same name."""

    name: str
    description: str | None
    outlet: str | None
    first: str | None
    last: str | None

    def label(self, dates: bool = False) -> str:
        """ "John Osei (a plumber, Ashby Herald, 2019–2021)"."""
        size = 10 if dates else 4
        years = dict.fromkeys((day or "")[:size] for day in (self.first, self.last))
        description = self.description or ""
        if len(description) > _MAX_DESCRIPTION:
            description = f"{description[:_MAX_DESCRIPTION].rpartition(' ')[0]}…"
        details = (description, self.outlet, "–".join(filter(None, years)))
        told = ", ".join(filter(None, details))
        return f"{self.name} ({told})" if told else self.name


def _labels(conn: sqlite3.Connection, keys: Mapping[int, str]) -> dict[int, str]:
    """A label for each speaker of one name, no two of them the same."""
    details = {
        speaker: _Details(*conn.execute(_DETAILS, {"speaker": speaker}).fetchone())
        for speaker in keys
    }
    labels = {speaker: each.label() for speaker, each in details.items()}
    for dates in (True, False):
        alike: dict[str, list[int]] = defaultdict(list)
        for speaker, label in labels.items():
            alike[label].append(speaker)
        for speaker in (one for some in alike.values() if len(some) > 1 for one in some):
            label = details[speaker].label(dates=True)
            labels[speaker] = label if dates else f"{label} {keys[speaker].partition(MARK)[2]}"
    return labels


_SPEAKER = """
SELECT key, name,
    (SELECT blocking_key FROM _article_speakers WHERE speaker_id = speakers.id LIMIT 1),
    label
FROM speakers WHERE id = ?"""

_WITH_KEY = """
SELECT id FROM speakers WHERE key = ?
UNION ALL SELECT id FROM speakers WHERE key >= ? AND key < ?
UNION ALL SELECT id FROM speakers WHERE key >= ? AND key < ?"""

_FIRST_QUOTE = """
SELECT quotes.key FROM quotes JOIN articles ON articles.id = quotes.article_id
WHERE quotes.speaker_id = :speaker AND quotes.published IS (
    SELECT min(published) FROM quotes WHERE speaker_id = :speaker)
ORDER BY articles.key, quotes.start_char, quotes.end_char DESC, quotes.key LIMIT 1"""

_ARTICLE = """
SELECT articles.identity, local.kind, local.name, articles.outlet, articles.published
FROM _article_speakers AS local JOIN articles ON articles.id = local.article_id
WHERE local.speaker_id = ? ORDER BY articles.identity, local.name LIMIT 1"""

# The outlet that printed most of the latest quotations.
_DETAILS = f"""
SELECT name, description, (
    SELECT outlet FROM (
        SELECT outlet FROM quotes JOIN articles ON articles.id = quotes.article_id
        WHERE quotes.speaker_id = :speaker ORDER BY quotes.published DESC, quotes.key
        LIMIT {_OUTLET_SAMPLE}
    ) WHERE outlet IS NOT NULL GROUP BY outlet ORDER BY count(*) DESC, outlet LIMIT 1
), first_quoted, last_quoted
FROM speakers WHERE id = :speaker"""

_RELEASE = "UPDATE speakers SET key = 'changed ' || id WHERE id = ? AND key <> ?"

_SET = """
UPDATE speakers SET key = ?1, label = ?2 WHERE id = ?3 AND (key, label) IS NOT (?1, ?2)"""
