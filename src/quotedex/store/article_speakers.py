"""The speakers of single articles: rows of `_article_speakers` that come and go with an article.

`speakers.link` then decides which of them are the same speaker.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from quotedex.link import (
    ArticleSpeaker,
    bearer,
    blocking_key,
    choice_evidence,
    co_mentioned_names,
    is_person_key,
    link_evidence,
    normalized_name,
)
from quotedex.models import Speaker
from quotedex.store.values import one_line, storable

Key = tuple[str, str]
"""Kind and name, which identify a speaker within one article."""


@dataclass(slots=True)
class ArticleSpeakerChanges:
    """The changes that one transaction makes to article speakers.

    `listed` maps names to entries of the user's list. `added` are speakers to be linked, by
    blocking key. `stale_keys` are keys whose speakers must all be linked again, because one that
    may have connected others has gone.
    """

    conn: sqlite3.Connection
    listed: Mapping[str, str]
    added: dict[str, dict[int, ArticleSpeaker]] = field(default_factory=lambda: defaultdict(dict))
    stale_keys: set[str] = field(default_factory=set)
    _before: dict[int, dict[Key, tuple[int, ArticleSpeaker]]] = field(default_factory=dict)

    def remember(self, article_id: int) -> None:
        """Call this before the text of an article is replaced, which its evidence depends on."""
        self._before[article_id] = {
            (speaker.kind, speaker.name): (row_id, speaker)
            for row_id, speaker in read_article_speakers(self.conn, "s.article_id = ?", article_id)
        }

    def put(
        self,
        article_id: int,
        article: Mapping[str, Any],
        speakers: Sequence[Speaker | None],
    ) -> list[int | None]:
        """Make these the speakers of an article; returns the row id of each.

        `article` has its columns identity, text and outlet.
        """
        wanted = _article_speakers(article, speakers)
        before = self._before.pop(article_id, {})
        for key in before.keys() - wanted.keys():
            self._delete(*before[key])
        ids = {
            key: self._update(*before[key], speaker)
            if key in before
            else self._insert(article_id, speaker)
            for key, speaker in wanted.items()
        }
        return [None if each is None else ids[_key(each)] for each in speakers]

    def rename_article(self, article_id: int, identity: str) -> set[int]:
        """Give the speakers of an article the identity that it is about to get; returns the linked
        speakers."""
        for row_id, old in list(read_article_speakers(self.conn, "s.article_id = ?", article_id)):
            self._update(row_id, old, replace(old, article=identity))
        return {speaker for (speaker,) in self.conn.execute(_LINKED, (article_id,))}

    def delete(self, article_id: int) -> None:
        """Delete all speakers of an article whose text is still there."""
        self.remember(article_id)
        for row_id, speaker in self._before.pop(article_id).values():
            self._delete(row_id, speaker)

    def _insert(self, article_id: int, speaker: ArticleSpeaker) -> int:
        row = (
            article_id,
            speaker.kind,
            speaker.name,
            speaker.description,
            *self._derived(speaker),
        )
        (row_id,) = self.conn.execute(_INSERT, row).fetchone()
        self.added[blocking_key(speaker, self.listed)][row_id] = speaker
        return int(row_id)

    def _update(self, row_id: int, old: ArticleSpeaker, new: ArticleSpeaker) -> int:
        """More evidence does not concern the rest of the block, lost evidence does."""
        old_key, new_key = (blocking_key(speaker, self.listed) for speaker in (old, new))
        if old != new:
            self.conn.execute(_UPDATE, (new.description, *self._derived(new), row_id))
        if new_key != old_key:
            self._delete_evidence(row_id, old)
            self.stale_keys |= {old_key, new_key}
        elif is_person_key(old_key) and _loses_evidence(old, new):
            self._delete_evidence(row_id, old)
            self.stale_keys.add(old_key)
        elif old != new:
            self.added[old_key][row_id] = new
        return row_id

    def _delete(self, row_id: int, speaker: ArticleSpeaker) -> None:
        key = blocking_key(speaker, self.listed)
        self._delete_evidence(row_id, speaker)
        self.conn.execute("DELETE FROM _article_speakers WHERE id = ?", (row_id,))
        self.added[key].pop(row_id, None)
        if is_person_key(key):
            self.stale_keys.add(key)

    def _delete_evidence(self, row_id: int, speaker: ArticleSpeaker) -> None:
        if is_person_key(blocking_key(speaker, self.listed)):
            delete_evidence(self.conn, row_id, speaker)

    def _derived(self, speaker: ArticleSpeaker) -> tuple[str, str, str]:
        """The columns that are made of the others."""
        key = blocking_key(speaker, self.listed)
        return normalized_name(speaker.name), key, stored_claims(speaker)


def read_article_speakers(
    conn: sqlite3.Connection, where: str, *values: Any
) -> Iterator[tuple[int, ArticleSpeaker]]:
    """Stored article speakers with their row ids, by a condition on s (`_article_speakers`)."""
    rows = conn.execute(f"{_SELECT} WHERE {where} ORDER BY s.article_id, s.id", values)
    for _, of_article in groupby(rows, key=lambda row: int(row[0])):
        names: frozenset[str] | None = None
        for _, row_id, identity, outlet, kind, name, description, text in of_article:
            if names is None and text is not None:
                names = co_mentioned_names(text)
            others = names if names is not None and kind == "person" else frozenset[str]()
            yield row_id, ArticleSpeaker(identity, name, kind, description, others, outlet)


def delete_evidence(conn: sqlite3.Connection, row_id: int, speaker: ArticleSpeaker) -> None:
    """Delete the stored evidence of an article speaker."""
    for table, evidence in (
        ("_link_evidence", link_evidence(speaker)),
        ("_choice_evidence", choice_evidence(speaker)),
    ):
        conn.executemany(
            f"DELETE FROM {table} WHERE evidence = ? AND article_speaker_id = ?",
            [(each, row_id) for each in evidence],
        )


def stored_claims(speaker: ArticleSpeaker) -> str:
    """What the description claims, as the column `claims` has it: "mayor of ashby|politics"."""
    return "|".join(sorted(bearer(speaker).claims)) if speaker.kind == "person" else ""


def _loses_evidence(old: ArticleSpeaker, new: ArticleSpeaker) -> bool:
    """Whether others may have to part because of this change, or it may be of another class."""
    return bearer(old) != bearer(new) or not (
        link_evidence(old) <= link_evidence(new) and choice_evidence(old) <= choice_evidence(new)
    )


def _article_speakers(
    article: Mapping[str, Any], speakers: Iterable[Speaker | None]
) -> dict[Key, ArticleSpeaker]:
    """One for each kind and name, with the longest of its descriptions."""
    found: dict[Key, ArticleSpeaker] = {}
    names: frozenset[str] | None = None
    for speaker in speakers:
        if speaker is None:
            continue
        description = speaker.description and storable(one_line(speaker.description))
        kind, name = key = _key(speaker)
        if kind == "person" and names is None:
            names = co_mentioned_names(article["text"])
        others = names if names is not None and kind == "person" else frozenset[str]()
        local = ArticleSpeaker(
            article["identity"],
            name,
            speaker.kind,
            description or None,
            others,
            article["outlet"],
        )
        if key in found:
            descriptions = filter(None, (found[key].description, description))
            longest = min(descriptions, key=lambda words: (-len(words), words), default=None)
            local = replace(local, description=longest)
        found[key] = local
    return found


def _key(speaker: Speaker) -> Key:
    return speaker.kind, storable(one_line(speaker.name))


_SELECT = """
SELECT s.article_id, s.id, a.identity, a.outlet, s.kind, s.name, s.description,
    iif(s.kind = 'person', a.text, NULL)
FROM _article_speakers AS s JOIN articles AS a ON a.id = s.article_id"""

_INSERT = """
INSERT INTO _article_speakers
    (article_id, kind, name, description, normalized_name, blocking_key, claims)
VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id"""

_LINKED = """
SELECT speaker_id FROM _article_speakers WHERE article_id = ? AND speaker_id IS NOT NULL"""

_UPDATE = """
UPDATE _article_speakers
SET description = ?, normalized_name = ?, blocking_key = ?, claims = ? WHERE id = ?"""
