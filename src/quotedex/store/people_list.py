"""The user's list of people in the file, and the file's speakers as such a list."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from quotedex.link import (
    IN_ARTICLE,
    LISTED,
    Authority,
    block,
    in_article,
    is_of_people,
    line_of,
    plain_name,
    whose,
)
from quotedex.store.file import open_index, said_plainly
from quotedex.store.sightings import Sightings, sightings, untie


@dataclass(frozen=True, slots=True)
class Authorities:
    """`names` gives the line that has a name, `lines` what stands there."""

    names: Mapping[str, str]
    lines: Mapping[str, Authority]


def authorities(listed: Iterable[Authority]) -> Authorities:
    listed = list(listed)
    names = {name: line_of(authority) for name, authority in whose(listed).items()}
    return Authorities(names, {line_of(authority): authority for authority in listed})


def load(conn: sqlite3.Connection) -> Authorities:
    """The list that the file was given last."""
    rows = conn.execute("SELECT name, aliases, wikidata, description FROM people_list")
    return authorities(
        Authority(name, tuple(json.loads(aliases)), *others) for name, aliases, *others in rows
    )


def save(conn: sqlite3.Connection, listed: Authorities) -> None:
    conn.execute("DELETE FROM people_list")
    conn.executemany(
        "INSERT INTO people_list (key, name, aliases, wikidata, description)"
        " VALUES (?, ?, ?, ?, ?)",
        [
            (line, each.name, json.dumps(each.aliases), each.wikidata, each.description)
            for line, each in sorted(listed.lines.items())
        ],
    )


def replace(conn: sqlite3.Connection, old: Authorities, changed: Sightings) -> set[int]:
    """Put sightings where the new list, that of `changed`, wants them; whom the lists speak of."""
    names = {name.partition(IN_ARTICLE)[0] for name in old.names.keys() | changed.listed.keys()}
    speakers: set[int] = set()
    for name in sorted(names):
        for number, sighting in list(sightings(conn, "s.normalized_name = ?", name)):
            before, now = block(sighting, old.names), block(sighting, changed.listed)
            if before != now:
                if is_of_people(before):
                    untie(conn, number, sighting)
                conn.execute(_MOVE, (now, number))
                changed.stale |= {before, now}
        speakers.update(speaker for (speaker,) in conn.execute(_NAMED, (name,)))
    return speakers


def people(path: str | Path) -> list[Authority]:
    """The speakers of a file as a list of people, the most quoted first, nameless ones left out.

    Whoever feeds it back unchanged changes nobody: a name that several speakers have stands there
    once more for each article in which it is this one's. Lines of the list that the file was given
    stay as they are, quoted or not. Raises `DatabaseError` as `check` does.
    """
    with closing(open_index(path)) as conn, said_plainly(Path(path)):
        listed = load(conn)
        shared = {plain for (plain,) in conn.execute(_SHARED)}
        found = [
            listed.lines.get(block.removeprefix(LISTED)) or _line(conn, speaker, shared)
            for speaker, block in conn.execute(_SPEAKERS).fetchall()
        ]
    return list(dict.fromkeys([*found, *listed.lines.values()]))


def _line(conn: sqlite3.Connection, speaker: int, shared: Collection[str]) -> Authority:
    name, wikidata, description = conn.execute(_SPEAKER, (speaker,)).fetchone()
    aliases: dict[str, str] = {}
    here = []
    for alias, plain, location in conn.execute(_NAMES, (speaker,)):
        aliases.setdefault(plain, alias)
        if plain in shared:
            here.append(in_article(alias, location))
    others = [alias for plain, alias in sorted(aliases.items()) if plain != plain_name(name)]
    return Authority(name, (*others, *here), wikidata, description)


_MOVE = "UPDATE _article_speakers SET blocking_key = ?, name_class = NULL WHERE id = ?"

_NAMED = "SELECT speaker_id FROM _article_speakers WHERE normalized_name = ?"

_SPEAKERS = """
SELECT speakers.id, min(local.blocking_key)
FROM speakers JOIN _article_speakers AS local ON local.speaker_id = speakers.id
WHERE speakers.kind <> 'anonymous' AND local.blocking_key NOT LIKE local.kind || ' in %'
GROUP BY speakers.id ORDER BY quote_count DESC, speakers.name, speakers.key"""

_SPEAKER = "SELECT name, wikidata, description FROM speakers WHERE id = ?"

_NAMES = """
SELECT local.name, normalized_name, location
FROM _article_speakers AS local JOIN articles ON articles.id = local.article_id
WHERE speaker_id = ? ORDER BY location, local.kind, local.name"""

_SHARED = """
SELECT normalized_name FROM _article_speakers WHERE kind <> 'anonymous'
GROUP BY normalized_name HAVING min(speaker_id) < max(speaker_id)"""
