"""Which stored quotations are the same statement, kept up as they come and go.

Quotations of one form share a wording. Wordings of which one is a copy of the other, or that others
join so, are one statement. A new wording is compared with those that share a key with it. A key
that too many share tells nothing: with the one that makes them too many, the statements that it may
have joined are looked at again, so that no order of articles makes other statements.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from itertools import combinations

from quotedex.link import (
    most_holders,
    normalized_wording,
    same_statement,
    statement_keys,
    word_count,
)
from quotedex.link.union_find import Groups
from quotedex.store.sightings import digest
from quotedex.store.speakers import heirs


def put(conn: sqlite3.Connection, texts: Sequence[str]) -> tuple[list[int], set[int]]:
    """The wording of each text, and the wordings whose statement is another than before."""
    moved: set[int] = set()
    ids: dict[str, int] = {}
    for text in texts:
        words = normalized_wording(text)
        if words not in ids:
            known = conn.execute("SELECT id FROM _wordings WHERE digest = ?", (digest(words),))
            row = known.fetchone()
            ids[words] = row[0] if row else _add(conn, words, moved)
    return [ids[normalized_wording(text)] for text in texts], moved


def drop_unused(conn: sqlite3.Connection, wordings: Iterable[int]) -> set[int]:
    """Delete those of which no quotation is left; which others' statement is another now."""
    moved: set[int] = set()
    unused = conn.execute(_UNUSED, (_json(wordings),)).fetchall()
    for number, words, statement in unused:
        conn.execute("DELETE FROM _wordings WHERE id = ?", (number,))
        for key in statement_keys(words):
            conn.execute(_FORGET_FINGERPRINT, (key, number))
            holders = _holders(conn, key)
            if len(holders) == most_holders(key):
                _join_alike(conn, holders, moved)
        _divide(conn, statement, moved)
    return moved - {number for number, *_ in unused}


def _add(conn: sqlite3.Connection, words: str, moved: set[int]) -> int:
    """A new wording with its statement, which may be one that is known."""
    (number,) = conn.execute(_INSERT, (words, word_count(words), digest(words))).fetchone()
    near: set[int] = set()
    crowded: list[list[int]] = []
    for key in sorted(statement_keys(words)):
        holders = _holders(conn, key)
        if len(holders) < most_holders(key):
            near.update(holders)
        elif len(holders) == most_holders(key):
            crowded.append(holders)
        conn.execute("INSERT INTO _wording_fingerprints VALUES (?, ?)", (key, number))
    alike: set[int] = set()
    for _, statement, other in _forms(conn, near):
        if statement not in alike and same_statement(words, other):
            alike.add(statement)
    kept = _most_quoted(conn, alike) if alike else new_statement(conn)
    conn.execute(_MOVE, (kept, number))
    for gone in sorted(alike - {kept}):
        moved.update(member for member, *_ in _members(conn, gone))
        conn.execute(_MERGE, (kept, gone))
    for holders in crowded:
        beside = Counter(statement for _, statement, _ in _forms(conn, holders))
        for statement, share in sorted(beside.items()):
            if share > 1:
                _divide(conn, statement, moved)
    return int(number)


def _join_alike(conn: sqlite3.Connection, holders: Sequence[int], moved: set[int]) -> None:
    """Compare the holders of a key that tells something again."""
    statements = {number: statement for number, statement, _ in _forms(conn, holders)}
    groups = Groups(statements.values())
    for (left, _, words), (right, _, other) in combinations(_forms(conn, holders), 2):
        one, two = statements[left], statements[right]
        if groups.leader(one) != groups.leader(two) and same_statement(words, other):
            groups.join(one, two)
    for joined in groups.all(int):
        kept = _most_quoted(conn, joined)
        for gone in set(joined) - {kept}:
            moved.update(member for member, *_ in _members(conn, gone))
            conn.execute(_MERGE, (kept, gone))


def _divide(conn: sqlite3.Connection, statement: int, moved: set[int]) -> None:
    """Look again at what makes wordings one statement, and part those that nothing joins."""
    forms = {number: words for number, _, words in _members(conn, statement)}
    if len(forms) < 2:
        return
    groups = Groups(forms)
    shared: dict[int, list[int]] = defaultdict(list)
    for number, words in forms.items():
        for key in statement_keys(words):
            shared[key].append(number)
    for key, numbers in shared.items():
        if len(numbers) > 1 and len(_holders(conn, key)) <= most_holders(key):
            for left, right in combinations(numbers, 2):
                if groups.leader(left) != groups.leader(right) and same_statement(
                    forms[left], forms[right]
                ):
                    groups.join(left, right)
    parts = groups.all(int)
    (largest,) = heirs(parts, dict.fromkeys(forms, statement))
    for index, part in enumerate(parts):
        if index != largest:
            other = new_statement(conn)
            conn.executemany(_MOVE, [(other, number) for number in part])
            moved.update(part)


def new_statement(conn: sqlite3.Connection) -> int:
    """A row that awaits its quotations and their words."""
    (number,) = conn.execute(_NEW_STATEMENT).fetchone()
    return int(number)


def _most_quoted(conn: sqlite3.Connection, statements: Iterable[int]) -> int:
    """Whose id stays; the lowest of equals."""
    (number,) = conn.execute(_MOST_QUOTED, (_json(statements),)).fetchone()
    return int(number)


def _holders(conn: sqlite3.Connection, key: int) -> list[int]:
    """The wordings with a key; one more than tell something, if there are so many."""
    rows = conn.execute(_HOLDERS, (key, most_holders(key) + 1))
    return [number for (number,) in rows]


def _forms(conn: sqlite3.Connection, numbers: Collection[int]) -> list[tuple[int, int, str]]:
    """Id, statement and form, in the order of ids."""
    return (
        conn.execute(
            f"{_SELECT} WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id", (_json(numbers),)
        ).fetchall()
        if numbers
        else []
    )


def _members(conn: sqlite3.Connection, statement: int) -> list[tuple[int, int, str]]:
    return conn.execute(f"{_SELECT} WHERE statement_id = ? ORDER BY id", (statement,)).fetchall()


def _json(numbers: Iterable[int]) -> str:
    return json.dumps(sorted(numbers))


_SELECT = "SELECT id, statement_id, normalized_text FROM _wordings"

_INSERT = """
INSERT INTO _wordings (normalized_text, word_count, digest) VALUES (?, ?, ?) RETURNING id"""

_MOVE = "UPDATE _wordings SET statement_id = ? WHERE id = ?"

_MERGE = "UPDATE _wordings SET statement_id = ? WHERE statement_id = ?"

_HOLDERS = "SELECT wording_id FROM _wording_fingerprints WHERE fingerprint = ? LIMIT ?"

_FORGET_FINGERPRINT = """
DELETE FROM _wording_fingerprints WHERE fingerprint = ? AND wording_id = ?"""

_UNUSED = """
SELECT id, normalized_text, statement_id FROM _wordings
WHERE id IN (SELECT value FROM json_each(?))
    AND NOT EXISTS (SELECT 1 FROM _quote_links WHERE wording_id = _wordings.id)
ORDER BY id"""

_NEW_STATEMENT = """
INSERT INTO statements (id, key, text)
SELECT coalesce(max(id), 0) + 1, 'new ' || (coalesce(max(id), 0) + 1), '' FROM statements
RETURNING id"""

_MOST_QUOTED = """
SELECT id FROM statements WHERE id IN (SELECT value FROM json_each(?))
ORDER BY quote_count DESC, id LIMIT 1"""
