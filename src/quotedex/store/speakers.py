"""Which of the stored article speakers are the same speaker, updated as articles come and go.

A new article speaker is compared only with those that share evidence with it. A whole block is
linked again only if one that may have connected others has gone, or if a new name makes older ones
ambiguous. The result is that of `quotedex.link.link_speakers` over all of them.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping

from quotedex.link import (
    LISTED,
    ArticleSpeaker,
    Bearer,
    bearer,
    can_be,
    choice_evidence,
    is_full_name,
    is_person_key,
    link_evidence,
    link_speakers,
    majority_speaker,
    name_classes,
)
from quotedex.store.article_speakers import (
    ArticleSpeakerChanges,
    delete_evidence,
    read_article_speakers,
    stored_claims,
)
from quotedex.store.ids import keep_ids, most_quoted, next_id
from quotedex.store.people_list import PeopleList
from quotedex.store.values import id_list
from quotedex.text.names import parse_name

Members = Mapping[int, ArticleSpeaker]
"""Article speakers by their row ids."""


def link(changes: ArticleSpeakerChanges) -> set[int]:
    """Give every added article speaker its speaker.

    Returns the row ids of article speakers whose speaker is new or has changed.
    """
    conn, stale = changes.conn, changes.stale_keys
    added = {key: members for key, members in changes.added.items() if members}
    for key, members in added.items():
        if is_person_key(key) and key not in stale and not _classify(conn, key, members):
            stale.add(key)
    moved = _relink_blocks(conn, stale, changes.listed)
    for key, members in added.items():
        if key not in stale:
            extend = _extend_people if is_person_key(key) else _extend_single
            moved |= extend(conn, key, members)
    changes.added.clear()
    stale.clear()
    return moved


def speakers_of(conn: sqlite3.Connection, row_ids: Iterable[int]) -> set[int]:
    """The ids of the speakers of these article speakers."""
    return set(_speaker_ids(conn, row_ids).values())


def update_details(
    conn: sqlite3.Connection, speakers: Iterable[int], people_list: PeopleList
) -> None:
    """Set name, kind, description and wikidata of speakers by their article speakers.

    The fullest name counts, and the longest description that says what somebody does ("claims");
    the user's list overrides both. Each is
    read from the end of an index, however many article speakers there are.
    """
    for speaker in sorted(speakers):
        found = conn.execute(_DETAILS, {"speaker": speaker}).fetchone()
        if found is None:
            continue
        name, kind, description, blocking_key = found
        entry = people_list.entries.get(blocking_key.removeprefix(LISTED))
        if entry is not None:
            name, description = entry.name, entry.description or description
        row = (name, kind, description, entry and entry.wikidata)
        conn.execute(_SET_DETAILS, (*row, speaker, *row))


def _extend_single(conn: sqlite3.Connection, key: str, added: Members) -> set[int]:
    """Add article speakers to a block that is a single speaker."""
    known = conn.execute(
        "SELECT speaker_id FROM _article_speakers"
        " WHERE blocking_key = ? AND speaker_id IS NOT NULL LIMIT 1",
        (key,),
    ).fetchone()
    speaker = known[0] if known else _new_speaker(conn, next(iter(added.values())))
    return _assign(conn, dict.fromkeys(added, speaker))


def _extend_people(conn: sqlite3.Connection, key: str, added: Members) -> set[int]:
    """Add article speakers to a block of people in which nothing else has changed."""
    moved: set[int] = set()
    new_evidence: set[int] = set()
    choosing: dict[int, ArticleSpeaker] = {}
    for row_id, speaker in added.items():
        (own, own_class) = conn.execute(_OWN, (row_id,)).fetchone()
        if own_class is not None:
            _link_full_name(conn, row_id, speaker, (own, own_class), moved, new_evidence)
        else:
            choosing[row_id] = speaker
            rows = [(each, row_id) for each in sorted(choice_evidence(speaker))]
            conn.executemany("INSERT OR IGNORE INTO _choice_evidence VALUES (?, ?)", rows)
    concerned = conn.execute(_CHOOSING_WITH, (id_list(new_evidence),)).fetchall()
    choosing |= _article_speakers(conn, [row_id for (row_id,) in concerned])
    for row_id, speaker in sorted(choosing.items()):
        moved |= _assign(conn, {row_id: _choose(conn, row_id, speaker)})
    return moved


def _link_full_name(
    conn: sqlite3.Connection,
    row_id: int,
    speaker: ArticleSpeaker,
    known: tuple[int | None, str],
    moved: set[int],
    new_evidence: set[int],
) -> None:
    """Link an article speaker to all of its name class that share evidence with it.

    `known` are the speaker and the class it has. `new_evidence` gains the evidence for which those
    without a class must choose again.
    """
    own, own_class = known
    evidence = link_evidence(speaker)
    found = {
        each: other
        for each, other, its_class in conn.execute(_WITH_EVIDENCE, (id_list(evidence),))
        if its_class == own_class
    }
    rows = [(each, row_id) for each in sorted(evidence) if each not in found]
    conn.executemany("INSERT INTO _link_evidence VALUES (?, ?)", rows)
    new_evidence.update(each for each, _ in rows)
    same = {*found.values(), own} - {None}
    if not same:
        moved |= _assign(conn, {row_id: _new_speaker(conn, speaker)})
        return
    kept = most_quoted(conn, "speakers", same)
    for merged in sorted(same - {kept}):
        members = dict(read_article_speakers(conn, "s.speaker_id = ?", merged))
        new_evidence.update(each for member in members.values() for each in link_evidence(member))
        moved |= _assign(conn, dict.fromkeys(members, kept))
    moved |= _assign(conn, {row_id: kept})


def _choose(conn: sqlite3.Connection, row_id: int, speaker: ArticleSpeaker) -> int:
    """The speaker of an article speaker without a class: one that it can be, or one of its own."""
    rows = conn.execute(_CANDIDATES, (id_list(choice_evidence(speaker)),)).fetchall()
    name = parse_name(speaker.name)
    shared = Counter(int(other) for other, named in rows if can_be(name, parse_name(named)))
    majority = majority_speaker(shared)
    if majority is not None:
        return majority
    (own, _) = conn.execute(_OWN, (row_id,)).fetchone()
    if own is None or conn.execute(_OTHERS, (own, row_id)).fetchone():
        return _new_speaker(conn, speaker)
    return int(own)


def _classify(conn: sqlite3.Connection, key: str, added: Members) -> bool:
    """Set the name classes of added article speakers; False if those of old ones would change."""
    classes: dict[Bearer, str | None] = {}
    for row_id, speaker in added.items():
        own = bearer(speaker)
        if not is_full_name(own.name):
            continue
        if own not in classes:
            known = conn.execute(_CLASS, (key, speaker.name, stored_claims(speaker))).fetchone()
            if known:
                classes[own] = known[0]
            else:
                found = _extended_classes(conn, key, added.values())
                if found is None:
                    return False
                classes = found
        conn.execute(
            "UPDATE _article_speakers SET name_class = ? WHERE id = ?", (classes[own], row_id)
        )
    return True


def _extended_classes(
    conn: sqlite3.Connection, key: str, added: Iterable[ArticleSpeaker]
) -> dict[Bearer, str | None] | None:
    """The classes of old and new bearers, by their old labels; None if old ones would change."""
    old = {
        Bearer(parse_name(name), frozenset(filter(None, claims.split("|")))): label
        for name, claims, label in conn.execute(_CLASSES, {"key": key})
        if is_full_name(parse_name(name))
    }
    new = name_classes({*old, *_full_names(added)})
    labels: dict[str | None, str | None] = {}
    for each, label in old.items():
        if labels.setdefault(new[each], label) != label or (new[each] is None) != (label is None):
            return None
    if len(set(labels.values())) < len(labels):
        return None
    return {each: labels.get(label, label) for each, label in new.items()}


def _relink_blocks(
    conn: sqlite3.Connection, keys: Iterable[str], listed: Mapping[str, str]
) -> set[int]:
    """Link whole blocks again; as many speakers as possible keep their ids."""
    row_ids: dict[ArticleSpeaker, int] = {}
    for key in sorted(keys):
        block = {
            speaker: row_id
            for row_id, speaker in read_article_speakers(conn, "s.blocking_key = ?", key)
        }
        row_ids |= block
        if is_person_key(key):
            _rewrite_evidence(conn, block)
    groups = [[row_ids[each] for each in group] for group in link_speakers(row_ids, listed)]
    kept = keep_ids(groups, _speaker_ids(conn, row_ids.values()))
    by_row_id = {row_id: speaker for speaker, row_id in row_ids.items()}
    wanted: dict[int, int] = {}
    for index, group in enumerate(groups):
        speaker = kept.get(index) or _new_speaker(conn, by_row_id[group[0]])
        wanted |= dict.fromkeys(group, speaker)
    return _assign(conn, wanted)


def _rewrite_evidence(conn: sqlite3.Connection, block: Mapping[ArticleSpeaker, int]) -> None:
    """Replace the name classes and the evidence of a block."""
    classes = name_classes(_full_names(block))
    first_with: dict[tuple[int, str], int] = {}
    choices: list[tuple[int, int]] = []
    for speaker, row_id in block.items():
        delete_evidence(conn, row_id, speaker)
        label = classes.get(bearer(speaker))
        conn.execute("UPDATE _article_speakers SET name_class = ? WHERE id = ?", (label, row_id))
        if label is None:
            choices += [(evidence, row_id) for evidence in choice_evidence(speaker)]
        else:
            for evidence in link_evidence(speaker):
                first_with.setdefault((evidence, label), row_id)
    rows = sorted((evidence, row_id) for (evidence, _), row_id in first_with.items())
    conn.executemany("INSERT INTO _link_evidence VALUES (?, ?)", rows)
    conn.executemany("INSERT INTO _choice_evidence VALUES (?, ?)", sorted(choices))


def _new_speaker(conn: sqlite3.Connection, speaker: ArticleSpeaker) -> int:
    """Add a row without quotations; its other columns and its key are set later."""
    speaker_id = next_id(conn, "speakers")
    conn.execute(
        "INSERT INTO speakers (id, key, name, label, kind) VALUES (?, ?, ?, ?, ?)",
        (speaker_id, f"new {speaker_id}", speaker.name, speaker.name, speaker.kind),
    )
    return speaker_id


def _assign(conn: sqlite3.Connection, speakers: Mapping[int, int]) -> set[int]:
    """Set the speakers of article speakers, by row id; the row ids for which this is a change."""
    before = _speaker_ids(conn, speakers)
    changed = {
        row_id: speaker for row_id, speaker in speakers.items() if before.get(row_id) != speaker
    }
    conn.executemany(
        "UPDATE _article_speakers SET speaker_id = ? WHERE id = ?",
        [(speaker, row_id) for row_id, speaker in changed.items()],
    )
    return set(changed)


def _full_names(speakers: Iterable[ArticleSpeaker]) -> set[Bearer]:
    return {each for each in map(bearer, speakers) if is_full_name(each.name)}


def _speaker_ids(conn: sqlite3.Connection, row_ids: Iterable[int]) -> dict[int, int]:
    """The speakers of article speakers that have one, by row id."""
    return dict(conn.execute(_SPEAKER_IDS, (id_list(row_ids),)).fetchall())


def _article_speakers(
    conn: sqlite3.Connection, row_ids: Iterable[int]
) -> dict[int, ArticleSpeaker]:
    where = "s.id IN (SELECT value FROM json_each(?))"
    return dict(read_article_speakers(conn, where, id_list(row_ids)))


_SPEAKER_IDS = """
SELECT id, speaker_id FROM _article_speakers
WHERE id IN (SELECT value FROM json_each(?)) AND speaker_id IS NOT NULL"""

_OWN = "SELECT speaker_id, name_class FROM _article_speakers WHERE id = ?"

_CHOOSING_WITH = """
SELECT DISTINCT article_speaker_id FROM _choice_evidence
WHERE evidence IN (SELECT value FROM json_each(?))"""

_WITH_EVIDENCE = """
SELECT shared.evidence, local.speaker_id, local.name_class
FROM _link_evidence AS shared JOIN _article_speakers AS local ON local.id = article_speaker_id
WHERE shared.evidence IN (SELECT value FROM json_each(?))"""

_CANDIDATES = """
SELECT local.speaker_id, local.name
FROM _link_evidence AS shared JOIN _article_speakers AS local ON local.id = article_speaker_id
WHERE shared.evidence IN (SELECT value FROM json_each(?))"""

_OTHERS = "SELECT 1 FROM _article_speakers WHERE speaker_id = ? AND id <> ? LIMIT 1"

_CLASS = """
SELECT name_class FROM _article_speakers
WHERE blocking_key = ? AND name = ? AND claims = ? AND speaker_id IS NOT NULL LIMIT 1"""

# One step through the index for each name and its claims, however many article speakers have them.
_CLASSES = """
WITH RECURSIVE bearers (name, claims) AS (
    SELECT * FROM (
        SELECT name, claims FROM _article_speakers
        WHERE blocking_key = :key ORDER BY name, claims LIMIT 1
    )
    UNION ALL
    SELECT next.name, next.claims
    FROM bearers JOIN _article_speakers AS next ON next.id = coalesce(
        (SELECT id FROM _article_speakers
        WHERE blocking_key = :key AND name = bearers.name AND claims > bearers.claims
        ORDER BY claims LIMIT 1),
        (SELECT id FROM _article_speakers
        WHERE blocking_key = :key AND name > bearers.name ORDER BY name, claims LIMIT 1)
    )
)
SELECT bearers.name, bearers.claims, local.name_class
FROM bearers JOIN _article_speakers AS local ON local.id = (
    SELECT id FROM _article_speakers
    WHERE blocking_key = :key AND name = bearers.name AND claims = bearers.claims
        AND speaker_id IS NOT NULL LIMIT 1
)"""

# The kind that comes last in the alphabet, person before organization before group: the user's list
# may merge what articles take for several kinds.
_DETAILS = """
SELECT
    (SELECT name FROM _article_speakers WHERE speaker_id = :speaker AND kind = highest
     ORDER BY length(name) - length(replace(name, ' ', '')) DESC, name DESC LIMIT 1),
    highest,
    (SELECT description FROM _article_speakers
     WHERE speaker_id = :speaker AND description IS NOT NULL
     ORDER BY claims <> '' DESC, length(description) DESC, description LIMIT 1),
    (SELECT blocking_key FROM _article_speakers WHERE speaker_id = :speaker LIMIT 1)
FROM (SELECT max(kind) AS highest FROM _article_speakers WHERE speaker_id = :speaker)
WHERE highest IS NOT NULL"""

_SET_DETAILS = """
UPDATE speakers SET name = ?, kind = ?, description = ?, wikidata = ?
WHERE id = ? AND (name, kind, description, wikidata) IS NOT (?, ?, ?, ?)"""
