"""The speakers of single articles: rows that come and go with the article.

`people.link` then says who of them are one.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from itertools import groupby
from typing import Any

from quotedex.link import Sighting, block, company, is_of_people, is_whole, plain_name, ties
from quotedex.models import Speaker
from quotedex.store.storable import one_line, storable
from quotedex.text.names import parse_name

Key = tuple[str, str]
"""Kind and name: in one article they are one speaker's."""


@dataclass(slots=True)
class Sightings:
    """What one transaction changes of them.

    `listed` is the user's list (see `quotedex.link.whose`), `fresh` the sightings to be joined to
    others, by block, `stale` the blocks that must be linked anew: one that joined others has gone.
    """

    conn: sqlite3.Connection
    listed: Mapping[str, str]
    fresh: dict[str, dict[int, Sighting]] = field(default_factory=lambda: defaultdict(dict))
    stale: set[str] = field(default_factory=set)
    _before: dict[int, dict[Key, tuple[int, Sighting]]] = field(default_factory=dict)

    def note(self, article_id: int) -> None:
        """Call it before the article's text is replaced: ties are made of that."""
        self._before[article_id] = {
            (sighting.kind, sighting.name): (number, sighting)
            for number, sighting in sightings(self.conn, "s.article_id = ?", article_id)
        }

    def put(
        self, article_id: int, location: str, text: str, speakers: Sequence[Speaker | None]
    ) -> list[int | None]:
        """Make the article's sightings those of `speakers`; the id for each of them."""
        found = _wanted(location, text, speakers)
        before = self._before.pop(article_id, {})
        for key in before.keys() - found.keys():
            self._drop(*before[key])
        ids = {
            key: self._change(*before[key], sighting)
            if key in before
            else self._add(article_id, sighting)
            for key, sighting in found.items()
        }
        return [None if each is None else ids[_key(each)] for each in speakers]

    def move(self, article_id: int, location: str) -> set[int]:
        """Let the article's be those of another location; the speakers whom that concerns."""
        for number, old in list(sightings(self.conn, "s.article_id = ?", article_id)):
            self._change(number, old, replace(old, article=location))
        here = "SELECT speaker_id FROM _article_speakers WHERE article_id = ?"
        return {speaker for (speaker,) in self.conn.execute(here, (article_id,))}

    def remove(self, article_id: int) -> None:
        """All of the article's, whose text is still there."""
        self.note(article_id)
        for number, sighting in self._before.pop(article_id).values():
            self._drop(number, sighting)

    def _add(self, article_id: int, sighting: Sighting) -> int:
        row = (
            article_id,
            sighting.kind,
            sighting.name,
            sighting.description,
            *self._place(sighting),
        )
        (number,) = self.conn.execute(_INSERT, row).fetchone()
        self.fresh[block(sighting, self.listed)][number] = sighting
        return int(number)

    def _change(self, number: int, old: Sighting, new: Sighting) -> int:
        """Ties may be added to without looking at the block again, not lost."""
        place, before = self._place(new), block(old, self.listed)
        if old != new:
            values = (new.description, *place, number)
            self.conn.execute(_UPDATE, values)
        if block(new, self.listed) != before:
            self._untie(number, old)
            self.stale |= {before, block(new, self.listed)}
        elif is_of_people(before) and not ties(old) <= ties(new):
            self._untie(number, old)
            self.stale.add(before)
        elif old != new:
            self.fresh[before][number] = new
        return number

    def _drop(self, number: int, sighting: Sighting) -> None:
        where = block(sighting, self.listed)
        self._untie(number, sighting)
        self.conn.execute("DELETE FROM _article_speakers WHERE id = ?", (number,))
        self.fresh[where].pop(number, None)
        if is_of_people(where):
            self.stale.add(where)

    def _untie(self, number: int, sighting: Sighting) -> None:
        if is_of_people(block(sighting, self.listed)):
            untie(self.conn, number, sighting)

    def _place(self, sighting: Sighting) -> tuple[str, str, str]:
        where = block(sighting, self.listed)
        return plain_name(sighting.name), where, sighting_digest(sighting)


def sightings(conn: sqlite3.Connection, where: str, *values: Any) -> Iterator[tuple[int, Sighting]]:
    """The stored ones, with their ids, by a condition on s(ightings) and a(rticles)."""
    rows = conn.execute(f"{_SELECT} WHERE {where} ORDER BY s.article_id, s.id", values)
    for _, of_article in groupby(rows, key=lambda row: int(row[0])):
        others: frozenset[str] | None = None
        for _, number, location, kind, name, description, text in of_article:
            if others is None and text is not None:
                others = company(text)
            beside = others if others is not None and kind == "person" else frozenset[str]()
            yield number, Sighting(location, name, kind, description, beside)


def untie(conn: sqlite3.Connection, number: int, sighting: Sighting) -> None:
    """Take its ties out of the file."""
    whole = is_whole(parse_name(sighting.name))
    table = "_link_evidence" if whole else "_surname_evidence"
    conn.executemany(
        f"DELETE FROM {table} WHERE evidence = ? AND article_speaker_id = ?",
        [(tie, number) for tie in ties(sighting)],
    )


def sighting_digest(sighting: Sighting) -> str:
    return digest(f"{sighting.article}\n{sighting.kind}\n{sighting.name}")


def digest(words: str) -> str:
    return blake2b(words.encode(), digest_size=12).hexdigest()


def _wanted(location: str, text: str, speakers: Iterable[Speaker | None]) -> dict[Key, Sighting]:
    """One for each kind and name; of several descriptions the longest is kept."""
    found: dict[Key, Sighting] = {}
    others: frozenset[str] | None = None
    for speaker in speakers:
        if speaker is None:
            continue
        description = speaker.description and storable(one_line(speaker.description))
        kind, name = key = _key(speaker)
        if kind == "person" and others is None:
            others = company(text)
        beside = others if others is not None and kind == "person" else frozenset[str]()
        sighting = Sighting(location, name, speaker.kind, description or None, beside)
        if key in found:
            told = filter(None, (found[key].description, description))
            longest = min(told, key=lambda words: (-len(words), words), default=None)
            sighting = replace(sighting, description=longest)
        found[key] = sighting
    return found


def _key(speaker: Speaker) -> Key:
    return speaker.kind, storable(one_line(speaker.name))


_SELECT = """
SELECT s.article_id, s.id, a.location, s.kind, s.name, s.description,
    iif(s.kind = 'person', a.text, NULL)
FROM _article_speakers AS s JOIN articles AS a ON a.id = s.article_id"""

_INSERT = """
INSERT INTO _article_speakers
    (article_id, kind, name, description, normalized_name, blocking_key, digest)
VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id"""

_UPDATE = """
UPDATE _article_speakers
SET description = ?, normalized_name = ?, blocking_key = ?, digest = ? WHERE id = ?"""
