"""Who of the stored sightings are one speaker, kept up as they come and go.

A new sighting costs a look at who has its ties already. Only where one has gone that may have
joined others, or a name comes that makes others doubtful, is a whole block linked anew; the outcome
is the same (`quotedex.link.link_speakers` of all sightings).
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from quotedex.link import (
    LISTED,
    Sighting,
    is_of_people,
    is_whole,
    link_speakers,
    name_classes,
    ties,
    whom_most,
)
from quotedex.store.people_list import Authorities
from quotedex.store.sightings import Sightings, sightings, untie
from quotedex.text.names import Name, parse_name

Members = Mapping[int, Sighting]
"""Sightings by their ids."""


def link(changed: Sightings) -> set[int]:
    """Give every fresh sighting its speaker. The ids of those whose speaker is another now."""
    conn, stale = changed.conn, changed.stale
    fresh = {block: members for block, members in changed.fresh.items() if members}
    for block, members in fresh.items():
        if is_of_people(block) and block not in stale and not _classify(conn, block, members):
            stale.add(block)
    moved = _link_anew(conn, stale, changed.listed)
    for block, members in fresh.items():
        if block not in stale:
            extend = _extend if is_of_people(block) else _join_all
            moved |= extend(conn, block, members)
    changed.fresh.clear()
    stale.clear()
    return moved


def speakers(conn: sqlite3.Connection, numbers: Iterable[int]) -> set[int]:
    """Of whom the sightings are."""
    return set(_speakers(conn, numbers).values())


def _join_all(conn: sqlite3.Connection, block: str, fresh: Members) -> set[int]:
    """One speaker has the block to itself."""
    known = conn.execute(
        "SELECT speaker_id FROM _article_speakers"
        " WHERE blocking_key = ? AND speaker_id IS NOT NULL LIMIT 1",
        (block,),
    ).fetchone()
    speaker = known[0] if known else new_speaker(conn, next(iter(fresh.values())))
    return _assign(conn, dict.fromkeys(fresh, speaker))


def _extend(conn: sqlite3.Connection, block: str, fresh: Members) -> set[int]:
    """Add sightings to a block of people in which nothing else has changed."""
    moved: set[int] = set()
    opened: set[int] = set()
    short: dict[int, Sighting] = {}
    for number, sighting in fresh.items():
        tied = ties(sighting)
        if is_whole(parse_name(sighting.name)):
            _join_tied(conn, number, sighting, tied, moved, opened)
        else:
            short[number] = sighting
            rows = [(tie, number) for tie in sorted(tied)]
            conn.executemany("INSERT OR IGNORE INTO _surname_evidence VALUES (?, ?)", rows)
    doubtful = conn.execute(_LOOSE, (_json(opened),)).fetchall()
    short |= _sightings(conn, [number for (number,) in doubtful])
    for number, sighting in sorted(short.items()):
        moved |= _assign(conn, {number: _meant(conn, number, sighting)})
    return moved


def _join_tied(
    conn: sqlite3.Connection,
    number: int,
    sighting: Sighting,
    tied: Collection[int],
    moved: set[int],
    opened: set[int],
) -> None:
    """Join a sighting of a whole name to all of its class with a tie of its own.

    `opened` gains the ties for which surnames alone must be looked at again.
    """
    (own, own_class) = conn.execute(
        "SELECT speaker_id, name_class FROM _article_speakers WHERE id = ?", (number,)
    ).fetchone()
    found = {
        tie: speaker
        for tie, speaker, its_class in conn.execute(_TIED, (_json(tied),))
        if its_class == own_class
    }
    rows = [(tie, number) for tie in sorted(tied) if tie not in found]
    conn.executemany("INSERT INTO _link_evidence VALUES (?, ?)", rows)
    opened.update(tie for tie, _ in rows)
    speakers = {*found.values(), own} - {None}
    if not speakers:
        moved |= _assign(conn, {number: new_speaker(conn, sighting)})
        return
    kept = _most_quoted(conn, speakers)
    for gone in sorted(speakers - {kept}):
        members = _members(conn, gone)
        opened.update(tie for each in members.values() for tie in ties(each))
        moved |= _assign(conn, dict.fromkeys(members, kept))
    moved |= _assign(conn, {number: kept})


def _meant(conn: sqlite3.Connection, number: int, sighting: Sighting) -> int:
    """The speaker of a surname alone: a whole name's, or one of its own."""
    votes = conn.execute(_VOTES, (_json(ties(sighting)),)).fetchall()
    meant = whom_most(dict(votes))
    if meant is not None:
        return int(meant)
    (own,) = conn.execute(
        "SELECT speaker_id FROM _article_speakers WHERE id = ?", (number,)
    ).fetchone()
    if own is None or conn.execute(_OTHERS, (own, number)).fetchone():
        return new_speaker(conn, sighting)
    return int(own)


def _classify(conn: sqlite3.Connection, block: str, fresh: Members) -> bool:
    """Give fresh sightings the class of their names. False if old names would change theirs."""
    classes: dict[Name, str] = {}
    for number, sighting in fresh.items():
        name = parse_name(sighting.name)
        if not is_whole(name):
            continue
        if name not in classes:
            known = conn.execute(_CLASS, (block, sighting.name)).fetchone()
            if known:
                classes[name] = known[0]
            else:
                found = _classes_with(conn, block, fresh.values())
                if found is None:
                    return False
                classes = found
        conn.execute(
            "UPDATE _article_speakers SET name_class = ? WHERE id = ?", (classes[name], number)
        )
    return True


def _classes_with(
    conn: sqlite3.Connection, block: str, fresh: Iterable[Sighting]
) -> dict[Name, str] | None:
    """The classes of old and new names, by their old labels. None if old ones would change."""
    old = {parse_name(name): label for name, label in conn.execute(_CLASSES, {"block": block})}
    new = name_classes({*old, *_whole_names(fresh)})
    labels: dict[str, str] = {}
    for name, label in old.items():
        if labels.setdefault(new[name], label) != label:
            return None
    if len(set(labels.values())) < len(labels):
        return None
    return {name: labels.get(label, label) for name, label in new.items()}


def _link_anew(
    conn: sqlite3.Connection, blocks: Iterable[str], listed: Mapping[str, str]
) -> set[int]:
    """Link whole blocks; as many speakers as can keep their ids."""
    members: dict[Sighting, int] = {}
    for block in sorted(blocks):
        here = {each: number for number, each in sightings(conn, "s.blocking_key = ?", block)}
        members |= here
        if is_of_people(block):
            _tie_anew(conn, here)
    groups = [[members[each] for each in group] for group in link_speakers(members, listed)]
    held = _speakers(conn, members.values())
    kept = heirs(groups, held)
    by_number = {number: each for each, number in members.items()}
    wanted: dict[int, int] = {}
    for index, group in enumerate(groups):
        speaker = kept.get(index) or new_speaker(conn, by_number[group[0]])
        wanted |= dict.fromkeys(group, speaker)
    return _assign(conn, wanted)


def _tie_anew(conn: sqlite3.Connection, members: Mapping[Sighting, int]) -> None:
    """Write the classes and ties of a block, in place of those it had."""
    classes = name_classes(_whole_names(members))
    bearers: dict[tuple[int, str], int] = {}
    loose: list[tuple[int, int]] = []
    for sighting, number in members.items():
        untie(conn, number, sighting)
        label = classes.get(parse_name(sighting.name))
        conn.execute("UPDATE _article_speakers SET name_class = ? WHERE id = ?", (label, number))
        for tie in ties(sighting):
            if label is None:
                loose.append((tie, number))
            else:
                bearers.setdefault((tie, label), number)
    rows = sorted((tie, number) for (tie, _), number in bearers.items())
    conn.executemany("INSERT INTO _link_evidence VALUES (?, ?)", rows)
    conn.executemany("INSERT INTO _surname_evidence VALUES (?, ?)", sorted(loose))


def heirs(groups: Sequence[Sequence[int]], held: Mapping[int, int]) -> dict[int, int]:
    """Group -> the speaker whose id it keeps: of those that it has most of, the lowest."""
    claims: dict[int, Counter[int]] = defaultdict(Counter)
    for index, group in enumerate(groups):
        for number in group:
            if number in held:
                claims[held[number]][index] += 1
    won: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for speaker, by_group in claims.items():
        index = max(by_group, key=lambda each: (by_group[each], -each))
        won[index].append((-by_group[index], speaker))
    return {index: min(speakers)[1] for index, speakers in won.items()}


def new_speaker(conn: sqlite3.Connection, sighting: Sighting) -> int:
    """A row that awaits its quotations; `describe` fills in the rest."""
    (number,) = conn.execute(
        "INSERT INTO speakers (id, key, name, kind)"
        " SELECT coalesce(max(id), 0) + 1, 'new ' || (coalesce(max(id), 0) + 1), ?, ?"
        " FROM speakers RETURNING id",
        (sighting.name, sighting.kind),
    ).fetchone()
    return int(number)


def _assign(conn: sqlite3.Connection, speakers: Mapping[int, int]) -> set[int]:
    """Sighting -> its speaker. Those for which that is new."""
    changed = [
        (speaker, number, speaker)
        for number, speaker in speakers.items()
        if _speakers(conn, [number]).get(number) != speaker
    ]
    conn.executemany(
        "UPDATE _article_speakers SET speaker_id = ? WHERE id = ? AND speaker_id IS NOT ?", changed
    )
    return {number for _, number, _ in changed}


def _whole_names(members: Iterable[Sighting]) -> set[Name]:
    names = {parse_name(sighting.name) for sighting in members}
    return {name for name in names if is_whole(name)}


def _most_quoted(conn: sqlite3.Connection, speakers: Iterable[int]) -> int:
    """Whose id stays; the lowest of equals."""
    sql = "SELECT id FROM speakers WHERE id IN (SELECT value FROM json_each(?))"
    (number,) = conn.execute(
        f"{sql} ORDER BY quote_count DESC, id LIMIT 1", (_json(speakers),)
    ).fetchone()
    return int(number)


def _speakers(conn: sqlite3.Connection, numbers: Iterable[int]) -> dict[int, int]:
    sql = (
        "SELECT id, speaker_id FROM _article_speakers WHERE id IN (SELECT value FROM json_each(?))"
    )
    rows = conn.execute(f"{sql} AND speaker_id IS NOT NULL", (_json(numbers),))
    return dict(rows.fetchall())


def _members(conn: sqlite3.Connection, speaker: int) -> dict[int, Sighting]:
    return dict(sightings(conn, "s.speaker_id = ?", speaker))


def _sightings(conn: sqlite3.Connection, numbers: Iterable[int]) -> dict[int, Sighting]:
    where = "s.id IN (SELECT value FROM json_each(?))"
    return dict(sightings(conn, where, _json(numbers)))


def _json(numbers: Iterable[int]) -> str:
    return json.dumps(sorted(numbers))


_LOOSE = """
SELECT DISTINCT article_speaker_id FROM _surname_evidence
WHERE evidence IN (SELECT value FROM json_each(?))"""

_TIED = """
SELECT shared.evidence, local.speaker_id, local.name_class
FROM _link_evidence AS shared JOIN _article_speakers AS local ON local.id = article_speaker_id
WHERE shared.evidence IN (SELECT value FROM json_each(?))"""

_VOTES = """
SELECT local.speaker_id, count(*)
FROM _link_evidence AS shared JOIN _article_speakers AS local ON local.id = article_speaker_id
WHERE shared.evidence IN (SELECT value FROM json_each(?))
GROUP BY local.speaker_id"""

_OTHERS = "SELECT 1 FROM _article_speakers WHERE speaker_id = ? AND id <> ? LIMIT 1"

_CLASS = """
SELECT name_class FROM _article_speakers
WHERE blocking_key = ? AND name = ? AND name_class IS NOT NULL LIMIT 1"""

# One step through the index for each name, however many sightings it has.
_CLASSES = """
WITH RECURSIVE names (name) AS (
    SELECT min(name) FROM _article_speakers WHERE blocking_key = :block
    UNION ALL
    SELECT (
        SELECT min(name) FROM _article_speakers WHERE blocking_key = :block AND name > names.name
    ) FROM names WHERE names.name IS NOT NULL
)
SELECT name, label FROM (
    SELECT name, (
        SELECT name_class FROM _article_speakers AS local
        WHERE blocking_key = :block AND local.name = names.name AND name_class IS NOT NULL LIMIT 1
    ) AS label FROM names WHERE name IS NOT NULL
) WHERE label IS NOT NULL"""


def describe(conn: sqlite3.Connection, speakers: Iterable[int], listed: Authorities) -> None:
    """Set key, name, kind, description and wikidata by the sightings that the speakers have now.

    The fullest name counts, the longest description, and before these what the user's list says.
    Each is read from the end of an index, however many sightings there are.
    """
    numbers = [(number,) for number in sorted(speakers)]
    # Rows may exchange their keys, so they let go first.
    conn.executemany(_LET_GO, numbers)
    for (number,) in numbers:
        found = conn.execute(_FOUND, {"speaker": number}).fetchone()
        if found is None:
            continue
        key, name, kind, description, block = found
        line = listed.lines.get(block.removeprefix(LISTED))
        if line is not None:
            name, description = line.name, line.description or description
        row = (key, name, kind, description, line and line.wikidata)
        conn.execute(_SET, (*row, number, *row))


# A person before an organization before a group: a list may join what articles take for several.
_FOUND = """
SELECT
    (SELECT min(digest) FROM _article_speakers WHERE speaker_id = :speaker),
    (SELECT name FROM _article_speakers WHERE speaker_id = :speaker AND kind = highest
     ORDER BY length(name) - length(replace(name, ' ', '')) DESC, name DESC LIMIT 1),
    highest,
    (SELECT description FROM _article_speakers
     WHERE speaker_id = :speaker AND description IS NOT NULL
     ORDER BY length(description) DESC, description LIMIT 1),
    (SELECT blocking_key FROM _article_speakers WHERE speaker_id = :speaker LIMIT 1)
FROM (SELECT max(kind) AS highest FROM _article_speakers WHERE speaker_id = :speaker)
WHERE highest IS NOT NULL"""

_LET_GO = """
UPDATE speakers SET key = 'changed ' || id
WHERE id = ? AND key IS NOT (
    SELECT min(digest) FROM _article_speakers WHERE speaker_id = speakers.id)"""

_SET = """
UPDATE speakers SET key = ?, name = ?, kind = ?, description = ?, wikidata = ?
WHERE id = ? AND (key, name, kind, description, wikidata) IS NOT (?, ?, ?, ?, ?)"""
