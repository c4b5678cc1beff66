"""The user's list of people in the file, and the speakers of a file as such a list."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from quotedex.link import (
    IN_ARTICLE,
    LISTED,
    ListedSpeaker,
    alias_in_article,
    blocking_key,
    corrected_list,
    entries_by_name,
    entry_key,
    is_person_key,
    normalized_name,
)
from quotedex.models import Correction
from quotedex.store.article_speakers import (
    ArticleSpeakerChanges,
    delete_evidence,
    read_article_speakers,
)
from quotedex.store.correction_rows import load_corrections
from quotedex.store.file import friendly_errors, open_index


@dataclass(frozen=True, slots=True)
class PeopleList:
    """A list of people, with the corrections of speakers.

    `keys` has the key of an entry by each of its names, `entries` has the entries by key.
    """

    keys: Mapping[str, str]
    entries: Mapping[str, ListedSpeaker]

    @classmethod
    def of(cls, people: Iterable[ListedSpeaker], corrections: Iterable[Correction] = ()) -> Self:
        people = list(people)
        keys = {name: entry_key(person) for name, person in entries_by_name(people).items()}
        entries = {entry_key(person): person for person in people}
        return cls(*corrected_list(keys, entries, corrections))


def load(conn: sqlite3.Connection) -> PeopleList:
    """The list that the file was given last, with its corrections of speakers."""
    return PeopleList.of(load_given(conn), load_corrections(conn, "names <> '[]'"))


def load_given(conn: sqlite3.Connection) -> list[ListedSpeaker]:
    """The list that the file was given last."""
    rows = conn.execute("SELECT name, aliases, wikidata, description FROM people_list")
    return [
        ListedSpeaker(name, tuple(json.loads(aliases)), *others) for name, aliases, *others in rows
    ]


def save(conn: sqlite3.Connection, people_list: PeopleList) -> None:
    """Replace the stored list, by one without corrections."""
    conn.execute("DELETE FROM people_list")
    conn.executemany(
        "INSERT INTO people_list (key, name, aliases, wikidata, description)"
        " VALUES (?, ?, ?, ?, ?)",
        [
            (key, each.name, json.dumps(each.aliases), each.wikidata, each.description)
            for key, each in sorted(people_list.entries.items())
        ],
    )


def apply(conn: sqlite3.Connection, old: PeopleList, changes: ArticleSpeakerChanges) -> set[int]:
    """Move article speakers to the blocks that a new list, that of `changes`, puts them in.

    Returns the ids of all speakers that either list names.
    """
    names = {name.partition(IN_ARTICLE)[0] for name in old.keys.keys() | changes.listed.keys()}
    speakers: set[int] = set()
    for name in sorted(names):
        for row_id, speaker in list(read_article_speakers(conn, "s.normalized_name = ?", name)):
            old_key, new_key = (blocking_key(speaker, keys) for keys in (old.keys, changes.listed))
            if old_key != new_key:
                if is_person_key(old_key):
                    delete_evidence(conn, row_id, speaker)
                conn.execute(_SET_BLOCKING_KEY, (new_key, row_id))
                changes.stale_keys |= {old_key, new_key}
        speakers.update(speaker for (speaker,) in conn.execute(_SPEAKERS_NAMED, (name,)))
    return speakers


def list_people(path: str | Path) -> list[ListedSpeaker]:
    """The speakers of a file as a list of people, most quoted first, without anonymous sources.

    Importing it unchanged has no effect: a name that several speakers have is repeated for each
    article in which it belongs to this one. Entries of the list that the file was given stay as
    they are, quoted or not. Raises DatabaseError.
    """
    with closing(open_index(path)) as conn, friendly_errors(Path(path)):
        given = load(conn)
        shared = {name for (name,) in conn.execute(_SHARED_NAMES)}
        found = [
            given.entries.get(key.removeprefix(LISTED)) or _entry(conn, speaker, shared)
            for speaker, key in conn.execute(_SPEAKERS).fetchall()
        ]
    return list(dict.fromkeys([*found, *given.entries.values()]))


def _entry(conn: sqlite3.Connection, speaker: int, shared: Collection[str]) -> ListedSpeaker:
    name, wikidata, description = conn.execute(_SPEAKER, (speaker,)).fetchone()
    aliases: dict[str, str] = {}
    in_articles = []
    for alias, normalized, identity in conn.execute(_NAMES, (speaker,)):
        aliases.setdefault(normalized, alias)
        if normalized in shared:
            in_articles.append(alias_in_article(alias, identity))
    others = [alias for key, alias in sorted(aliases.items()) if key != normalized_name(name)]
    return ListedSpeaker(name, (*others, *in_articles), wikidata, description)


_SET_BLOCKING_KEY = """
UPDATE _article_speakers SET blocking_key = ?, name_class = NULL WHERE id = ?"""

_SPEAKERS_NAMED = "SELECT speaker_id FROM _article_speakers WHERE normalized_name = ?"

_SPEAKERS = """
SELECT speakers.id, min(local.blocking_key)
FROM speakers JOIN _article_speakers AS local ON local.speaker_id = speakers.id
WHERE speakers.kind <> 'anonymous' AND local.blocking_key NOT LIKE local.kind || ' in %'
GROUP BY speakers.id ORDER BY quote_count DESC, speakers.name, speakers.key"""

_SPEAKER = "SELECT name, wikidata, description FROM speakers WHERE id = ?"

_NAMES = """
SELECT local.name, normalized_name, identity
FROM _article_speakers AS local JOIN articles ON articles.id = local.article_id
WHERE speaker_id = ? ORDER BY identity, local.kind, local.name"""

_SHARED_NAMES = """
SELECT normalized_name FROM _article_speakers WHERE kind <> 'anonymous'
GROUP BY normalized_name HAVING min(speaker_id) < max(speaker_id)"""
