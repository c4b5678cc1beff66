"""Which stored quotations are the same statement, updated as articles come and go.

Quotations with the same normalized text share a wording. A new wording is compared with those that
share a fingerprint with it; which one is a part of which is stored, and the statements of all that
are connected follow from it (`link.statements_of`). A fingerprint that too many wordings share is
ignored: when a wording crosses that limit, those that only it connects are parted, so that the
order of articles makes no difference.

Wordings of common words have no statement. Their quotations are one statement if they have the same
speaker, or if they are in one article that does not name the speaker (`assign_common`).
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import combinations

from quotedex.link import (
    comparable_wording,
    compare,
    fingerprints,
    is_distinctive,
    max_postings,
    statements_of,
)
from quotedex.store import fingerprints as stored_fingerprints
from quotedex.store.ids import most_quoted, next_id
from quotedex.store.values import id_list
from quotedex.text.keys import key_of
from quotedex.text.wording import word_count


def add_wordings(conn: sqlite3.Connection, texts: Sequence[str]) -> tuple[list[int], set[int]]:
    """Store the wordings of quotations that are new.

    Returns the wording id of each text, and the ids of wordings whose statement has changed.
    """
    moved: set[int] = set()
    ids: dict[str, int] = {}
    wordings = [comparable_wording(text) for text in texts]
    for wording in wordings:
        if wording not in ids:
            known = conn.execute("SELECT id FROM _wordings WHERE key = ?", (wording_key(wording),))
            row = known.fetchone()
            ids[wording] = row[0] if row else _add(conn, wording, moved)
    return [ids[wording] for wording in wordings], moved


def wording_key(wording: str) -> str:
    """The key of a statement that was first printed in this wording, if it is distinctive."""
    return key_of("statement", wording)


def assign_common(conn: sqlite3.Connection, quotes: str, *values: str) -> None:
    """Add the statements of common words that the rows of a query need. Its columns are
    `wording_id`, `speaker_id` and `article_id`."""
    missing = conn.execute(_MISSING_COMMON.format(quotes), values).fetchall()
    for wording_id, said_by in missing:
        row = (wording_id, said_by, _new_statement(conn))
        conn.execute("INSERT INTO _common_statements VALUES (?, ?, ?)", row)


def delete_unused(conn: sqlite3.Connection, wordings: Iterable[int]) -> set[int]:
    """Delete those of the wordings that no quotation has any more.

    Returns the ids of other wordings whose statement has changed.
    """
    unused = conn.execute(_UNUSED, (id_list(wordings),)).fetchall()
    deleted = {wording_id for wording_id, *_ in unused}
    neighbours: set[int] = set()
    for wording_id, wording, statement in unused:
        conn.execute("DELETE FROM _common_statements WHERE wording_id = ?", (wording_id,))
        if statement is None:
            continue
        neighbours |= _neighbours(conn, wording_id)
        conn.execute("DELETE FROM _wording_parts WHERE ? IN (part_id, whole_id)", (wording_id,))
        for fingerprint in fingerprints(wording):
            stored_fingerprints.remove(conn, wording_id, fingerprint)
            postings = _postings(conn, fingerprint)
            if len(postings) == max_postings(fingerprint):
                neighbours |= _connect(conn, postings)
    conn.execute(_DELETE_WORDINGS, (id_list(deleted),))
    moved: set[int] = set()
    _renew(conn, neighbours - deleted, moved)
    return moved


def pairs(left: tuple[int, str], right: tuple[int, str]) -> Iterator[tuple[int, int]]:
    """The rows of `_wording_parts` for two wordings, given as ids and normalized texts."""
    relation = compare(left[1], right[1])
    if relation in ("same", "part"):
        yield left[0], right[0]
    if relation in ("same", "whole"):
        yield right[0], left[0]


def _add(conn: sqlite3.Connection, wording: str, moved: set[int]) -> int:
    """Add a wording to the statement that it is a copy of, or to a new one.

    Common words get no statement here.
    """
    row = (wording, word_count(wording), wording_key(wording))
    (wording_id,) = conn.execute(_INSERT, row).fetchone()
    if not is_distinctive(wording):
        return int(wording_id)
    candidates: set[int] = set()
    parted: set[int] = set()
    all_postings = {each: _postings(conn, each) for each in sorted(fingerprints(wording))}
    stored_fingerprints.add(conn, wording_id, all_postings)
    for fingerprint, postings in all_postings.items():
        if len(postings) < max_postings(fingerprint):
            candidates.update(postings)
        elif len(postings) == max_postings(fingerprint):
            parted |= _part(conn, postings)
    around: set[int] = set()
    touched: set[int] = set()
    for other_id, statement, other in _wordings(conn, candidates):
        for part, whole in pairs((wording_id, wording), (other_id, other)):
            conn.execute("INSERT INTO _wording_parts VALUES (?, ?)", (part, whole))
            touched.add(statement)
            if part == wording_id:
                around.add(statement)
    if len(touched) == 1 and around:  # the usual case, in which nothing else changes
        conn.execute(_SET_STATEMENT, (*around, wording_id))
    elif touched:
        parted.add(wording_id)
    else:
        conn.execute(_SET_STATEMENT, (_new_statement(conn), wording_id))
    _renew(conn, parted, moved)
    moved.discard(wording_id)
    return int(wording_id)


def _connect(conn: sqlite3.Connection, postings: Sequence[int]) -> set[int]:
    """Compare the wordings of a fingerprint that is no longer ignored. Returns those that match."""
    matching: set[int] = set()
    known = set(conn.execute(_PARTS_AMONG, (id_list(postings), id_list(postings))))
    rows = [(wording_id, wording) for wording_id, _, wording in _wordings(conn, postings)]
    for left, right in combinations(rows, 2):
        if known.isdisjoint([(left[0], right[0]), (right[0], left[0])]):
            for row in pairs(left, right):
                conn.execute("INSERT INTO _wording_parts VALUES (?, ?)", row)
                matching.update(row)
    return matching


def _part(conn: sqlite3.Connection, postings: Sequence[int]) -> set[int]:
    """Disconnect wordings that share only fingerprints that are ignored. Returns their ids."""
    parted: set[int] = set()
    of_wording = {
        wording_id: fingerprints(wording) for wording_id, _, wording in _wordings(conn, postings)
    }
    for row in conn.execute(_PARTS_AMONG, (id_list(postings), id_list(postings))).fetchall():
        shared = of_wording[row[0]] & of_wording[row[1]]
        if all(len(_postings(conn, each)) > max_postings(each) for each in shared):
            conn.execute("DELETE FROM _wording_parts WHERE part_id = ? AND whole_id = ?", row)
            parted.update(row)
    return parted


def _renew(conn: sqlite3.Connection, wordings: Collection[int], moved: set[int]) -> None:
    """Derive the statements of wordings, and of all that are connected with them, again.

    A statement keeps its id with most of its wordings; of several ids, that of most quotations
    stays.
    """
    if not wordings:
        return
    held = dict(conn.execute(_CONNECTED, (id_list(wordings),)).fetchall())
    wholes: dict[int, list[int]] = {wording_id: [] for wording_id in held}
    for part, whole in conn.execute(_WHOLES, (id_list(held),)):
        wholes[part].append(whole)
    groups = statements_of(wholes)
    claims: dict[int, Counter[int]] = defaultdict(Counter)
    for index, group in enumerate(groups):
        for statement in filter(None, map(held.get, group)):
            claims[statement][index] += 1
    won: dict[int, list[int]] = defaultdict(list)
    for statement, by_group in claims.items():
        won[max(by_group, key=lambda index: (by_group[index], -index))].append(statement)
    for index, group in enumerate(groups):
        ids = won[index]
        kept = most_quoted(conn, "statements", ids) if ids else _new_statement(conn)
        changed = [wording_id for wording_id in group if held[wording_id] != kept]
        conn.executemany(_SET_STATEMENT, [(kept, wording_id) for wording_id in changed])
        moved.update(changed)


def _neighbours(conn: sqlite3.Connection, wording_id: int) -> set[int]:
    """The wordings that are a part or the whole of one."""
    return {row for (row,) in conn.execute(_NEIGHBOURS, (wording_id, wording_id))}


def _new_statement(conn: sqlite3.Connection) -> int:
    """Add a row without quotations."""
    statement = next_id(conn, "statements")
    conn.execute(
        "INSERT INTO statements (id, key, text) VALUES (?, ?, '')", (statement, f"new {statement}")
    )
    return statement


def _postings(conn: sqlite3.Connection, fingerprint: int) -> list[int]:
    """The ids of wordings with a fingerprint, at most one more than its `max_postings`."""
    return stored_fingerprints.wordings_with(conn, fingerprint, max_postings(fingerprint) + 1)


def _wordings(conn: sqlite3.Connection, wording_ids: Collection[int]) -> list[tuple[int, int, str]]:
    """Id, statement and normalized text, in the order of ids."""
    return conn.execute(_SELECT, (id_list(wording_ids),)).fetchall() if wording_ids else []


_SELECT = """
SELECT id, statement_id, normalized_text FROM _wordings
WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"""

_INSERT = """
INSERT INTO _wordings (normalized_text, word_count, key) VALUES (?, ?, ?) RETURNING id"""

SAID_BY = "coalesce('speaker ' || {quote}.speaker_id, 'article ' || {quote}.article_id)"
"""`_common_statements.said_by` of a row with the name `quote`."""

# Not a join: SQLite would read all common words of the file, or all wordings for a Bloom filter.
_MISSING_COMMON = f"""
SELECT DISTINCT quote.wording_id, {SAID_BY.format(quote="quote")} AS said_by
FROM ({{}}) AS quote
WHERE (SELECT statement_id IS NULL FROM _wordings WHERE id = quote.wording_id)
    AND NOT EXISTS (
        SELECT 1 FROM _common_statements AS common
        WHERE common.wording_id = quote.wording_id
            AND common.said_by = {SAID_BY.format(quote="quote")})
ORDER BY 1, 2"""

_SET_STATEMENT = "UPDATE _wordings SET statement_id = ? WHERE id = ?"

_CONNECTED = """
WITH RECURSIVE connected(id) AS (
    SELECT value FROM json_each(?)
    UNION SELECT whole_id FROM connected JOIN _wording_parts ON part_id = connected.id
    UNION SELECT part_id FROM connected JOIN _wording_parts ON whole_id = connected.id
)
SELECT id, statement_id FROM _wordings WHERE id IN connected ORDER BY id"""

_WHOLES = """
SELECT part_id, whole_id FROM _wording_parts
WHERE part_id IN (SELECT value FROM json_each(?)) ORDER BY part_id, whole_id"""

_NEIGHBOURS = """
SELECT whole_id FROM _wording_parts WHERE part_id = ?
UNION SELECT part_id FROM _wording_parts WHERE whole_id = ?"""

_PARTS_AMONG = """
SELECT part_id, whole_id FROM _wording_parts
WHERE part_id IN (SELECT value FROM json_each(?))
    AND whole_id IN (SELECT value FROM json_each(?))"""

_DELETE_WORDINGS = "DELETE FROM _wordings WHERE id IN (SELECT value FROM json_each(?))"

_UNUSED = """
SELECT id, normalized_text, statement_id FROM _wordings
WHERE id IN (SELECT value FROM json_each(?))
    AND NOT EXISTS (SELECT 1 FROM _quote_links WHERE wording_id = _wordings.id)
ORDER BY id"""
