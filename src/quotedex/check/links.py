"""The promises about linking: whoever linked all articles at once would get what the file has."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations, groupby, islice

from quotedex.link import (
    Sighting,
    block,
    is_of_people,
    is_whole,
    link_speakers,
    most_holders,
    name_classes,
    normalized_wording,
    plain_name,
    same_statement,
    statement_keys,
    ties,
    word_count,
)
from quotedex.link.union_find import Groups
from quotedex.store.people_list import load
from quotedex.store.sightings import sighting_digest, sightings
from quotedex.text.names import parse_name


def sightings_as_stored(conn: sqlite3.Connection) -> Iterator[str]:
    """Each has a quotation, and the columns that linking reads are made of the others."""
    listed = load(conn).names
    stored = {
        number: tuple(row)
        for number, *row in conn.execute(
            "SELECT id, normalized_name, blocking_key, digest FROM _article_speakers"
        )
    }
    for number, each in sightings(conn, "TRUE"):
        made = plain_name(each.name), block(each, listed), sighting_digest(each)
        if stored[number] != made:
            yield f"sighting {number} is not filed as it should be"
    for (number,) in conn.execute(_UNSEEN):
        yield f"sighting {number} has no quotation"


def speakers_over_articles(conn: sqlite3.Connection) -> Iterator[str]:
    """In each block the speakers are those that its sightings give."""
    listed = load(conn).names
    speakers = dict(conn.execute("SELECT id, speaker_id FROM _article_speakers"))
    shared: dict[int, set[str]] = defaultdict(set)
    for name, members in _blocks(conn):
        numbers = {each: number for number, each in members.items()}
        wanted = {
            frozenset(numbers[each] for each in group) for group in link_speakers(numbers, listed)
        }
        found: dict[int, set[int]] = defaultdict(set)
        for number in members:
            found[speakers[number]].add(number)
            shared[speakers[number]].add(name)
        for group in {frozenset(group) for group in found.values()} - wanted:
            yield f"speaker {speakers[min(group)]} is not who its sightings say"
    for speaker, names in shared.items():
        if len(names) > 1:
            yield f"speaker {speaker} has sightings that have nothing in common"


def ties_as_stored(conn: sqlite3.Connection) -> Iterator[str]:
    """For each class of names one bearer of each tie, and all surnames alone with theirs."""
    count = Counter[str]()
    for name, members in _blocks(conn):
        if is_of_people(name):
            yield from _wrong_ties(conn, name, members, count)
    for table in ("_link_evidence", "_surname_evidence"):
        (stored,) = conn.execute(f"SELECT count(*) FROM {table}").fetchone()
        if stored != count[table]:
            yield f"{table} has {stored} rows and not {count[table]}"


def wordings_as_stored(conn: sqlite3.Connection) -> Iterator[str]:
    """Every quotation has the wording of its text, every wording its keys."""
    for number, text, words in conn.execute(_WORDINGS):
        if normalized_wording(text) != words:
            yield f"quotation {number} has the wording of another"
    total = 0
    for number, words, counted in conn.execute(_FILED):
        keys = statement_keys(words)
        total += len(keys)
        held = sum(bool(conn.execute(_HAS_KEY, (key, number)).fetchone()) for key in keys)
        if held != len(keys) or counted != word_count(words):
            yield f"wording {number} is not filed as it should be"
    (stored,) = conn.execute("SELECT count(*) FROM _wording_fingerprints").fetchone()
    if stored != total:
        yield f"_wording_fingerprints has {stored} rows and not {total}"


def statements_over_articles(conn: sqlite3.Connection) -> Iterator[str]:
    """Quotations are of one statement if their wordings are, and these if something joins them."""
    for (number,) in conn.execute(_ELSEWHERE):
        yield f"quotation {number} is not of its wording's statement"
    for key, rows in groupby(conn.execute(_BY_KEY), key=lambda row: row[0]):
        holders = [row[1:] for row in islice(rows, most_holders(key) + 1)]
        if len(holders) <= most_holders(key):
            for (left, one, words), (right, two, other) in combinations(holders, 2):
                if one != two and same_statement(words, other):
                    yield f"wordings {left} and {right} are not of one statement"
    for statement, rows in groupby(conn.execute(_BY_STATEMENT), key=lambda row: row[0]):
        forms = {number: words for _, number, words in rows}
        if len(forms) > 1 and _parts(conn, forms) > 1:
            yield f"nothing joins all wordings of statement {statement}"


def _blocks(conn: sqlite3.Connection) -> Iterator[tuple[str, dict[int, Sighting]]]:
    for (name,) in conn.execute(_BLOCKS).fetchall():
        yield name, dict(sightings(conn, "s.blocking_key = ?", name))


def _wrong_ties(
    conn: sqlite3.Connection, block: str, members: dict[int, Sighting], count: Counter[str]
) -> Iterator[str]:
    names = {number: parse_name(each.name) for number, each in members.items()}
    classes = name_classes({name for name in names.values() if is_whole(name)})
    labels = dict(conn.execute(_LABELS, (block,)))
    # Which name a class is labelled by depends on which came first.
    pairs = {(classes.get(names[number]), labels[number]) for number in members}
    if any(len({pair[side] for pair in pairs}) < len(pairs) for side in (0, 1)):
        yield f"the names of {block!r} are not classed as they should be"
    for tie, bearer in {(t, labels[n] or n) for n, each in members.items() for t in ties(each)}:
        table, having = (
            ("_surname_evidence", _LOOSE) if isinstance(bearer, int) else ("_link_evidence", _TIES)
        )
        count[table] += 1
        if conn.execute(having, (tie, bearer)).fetchone() != (1,):
            yield f"a tie of the names of {block!r} is not as it should be"


def _parts(conn: sqlite3.Connection, forms: dict[int, str]) -> int:
    """Into how many the wordings of a statement fall by the keys that tell something."""
    shared: dict[int, list[int]] = defaultdict(list)
    for number, words in forms.items():
        for key in statement_keys(words):
            shared[key].append(number)
    groups = Groups(forms)
    for key, numbers in shared.items():
        limit = most_holders(key)
        if len(numbers) > 1 and conn.execute(_CROWDED, (key, limit)).fetchone() is None:
            for left, right in combinations(numbers, 2):
                if same_statement(forms[left], forms[right]):
                    groups.join(left, right)
    return len(groups.all(int))


_UNSEEN = """
SELECT id FROM _article_speakers AS local
WHERE NOT EXISTS (SELECT 1 FROM _quote_links WHERE article_speaker_id = local.id)"""

_BLOCKS = "SELECT DISTINCT blocking_key FROM _article_speakers ORDER BY blocking_key"

_LABELS = "SELECT id, name_class FROM _article_speakers WHERE blocking_key = ?"

_TIES = """
SELECT count(*)
FROM _link_evidence JOIN _article_speakers AS local ON local.id = article_speaker_id
WHERE evidence = ? AND name_class = ?"""

_LOOSE = "SELECT count(*) FROM _surname_evidence WHERE evidence = ? AND article_speaker_id = ?"

_WORDINGS = """
SELECT quotes.id, quotes.text, normalized_text
FROM quotes
LEFT JOIN _quote_links AS links ON links.quote_id = quotes.id
LEFT JOIN _wordings AS wordings ON wordings.id = links.wording_id"""

_FILED = "SELECT id, normalized_text, word_count FROM _wordings"

_HAS_KEY = "SELECT 1 FROM _wording_fingerprints WHERE fingerprint = ? AND wording_id = ?"

_ELSEWHERE = """
SELECT quotes.id FROM quotes
JOIN _quote_links AS links ON links.quote_id = quotes.id
JOIN _wordings AS wordings ON wordings.id = links.wording_id
WHERE quotes.statement_id <> wordings.statement_id"""

_BY_KEY = """
SELECT fingerprint, id, statement_id, normalized_text
FROM _wording_fingerprints JOIN _wordings AS wordings ON wordings.id = wording_id
ORDER BY fingerprint, wording_id"""

_BY_STATEMENT = """
SELECT statement_id, id, normalized_text FROM _wordings ORDER BY statement_id, id"""

_CROWDED = "SELECT 1 FROM _wording_fingerprints WHERE fingerprint = ? LIMIT 1 OFFSET ?"
