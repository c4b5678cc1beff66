"""Which stored quotations are the same statement, updated as articles come and go.

Quotations with the same normalized text share a wording. Wordings are one statement if one is a
copy of the other, directly or through others. A new wording is compared with those that share a
fingerprint with it. A fingerprint that too many wordings share is ignored: when a wording crosses
that limit, the statements that the fingerprint may have joined are examined again, so that the
order of articles makes no difference.

Wordings of common words have no statement. Their quotations are one statement if they have the same
speaker, or if they are in one article that does not name the speaker (`assign_common`).
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations

from quotedex.link import (
    comparable_wording,
    fingerprints,
    is_distinctive,
    max_postings,
    same_statement,
)
from quotedex.link.union_find import DisjointSets
from quotedex.store.ids import keep_ids, most_quoted, next_id
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
    moved: set[int] = set()
    unused = conn.execute(_UNUSED, (id_list(wordings),)).fetchall()
    for wording_id, wording, statement in unused:
        conn.execute("DELETE FROM _common_statements WHERE wording_id = ?", (wording_id,))
        conn.execute("DELETE FROM _wordings WHERE id = ?", (wording_id,))
        if statement is None:
            continue
        for fingerprint in fingerprints(wording):
            conn.execute(_DELETE_FINGERPRINT, (fingerprint, wording_id))
            postings = _postings(conn, fingerprint)
            if len(postings) == max_postings(fingerprint):
                _merge_matching(conn, postings, moved)
        _split(conn, statement, moved)
    return moved - {wording_id for wording_id, *_ in unused}


def _add(conn: sqlite3.Connection, wording: str, moved: set[int]) -> int:
    """Add a wording to the statement that it is a copy of, or to a new one.

    Common words get no statement here.
    """
    row = (wording, word_count(wording), wording_key(wording))
    (wording_id,) = conn.execute(_INSERT, row).fetchone()
    if not is_distinctive(wording):
        return int(wording_id)
    candidates: set[int] = set()
    crowded: list[list[int]] = []
    for fingerprint in sorted(fingerprints(wording)):
        postings = _postings(conn, fingerprint)
        if len(postings) < max_postings(fingerprint):
            candidates.update(postings)
        elif len(postings) == max_postings(fingerprint):
            crowded.append(postings)
        conn.execute("INSERT INTO _wording_fingerprints VALUES (?, ?)", (fingerprint, wording_id))
    matching: set[int] = set()
    for _, statement, other in _wordings(conn, candidates):
        if statement not in matching and same_statement(wording, other):
            matching.add(statement)
    kept = most_quoted(conn, "statements", matching) if matching else _new_statement(conn)
    conn.execute(_SET_STATEMENT, (kept, wording_id))
    _merge(conn, matching, kept, moved)
    for postings in crowded:
        shares = Counter(statement for _, statement, _ in _wordings(conn, postings))
        for statement, share in sorted(shares.items()):
            if share > 1:
                _split(conn, statement, moved)
    return int(wording_id)


def _merge_matching(conn: sqlite3.Connection, postings: Sequence[int], moved: set[int]) -> None:
    """Compare the wordings of a fingerprint that is no longer ignored."""
    rows = _wordings(conn, postings)
    statements = DisjointSets(statement for _, statement, _ in rows)
    for (_, one, wording), (_, two, other) in combinations(rows, 2):
        if statements.find(one) != statements.find(two) and same_statement(wording, other):
            statements.union(one, two)
    for matching in statements.sets(int):
        _merge(conn, matching, most_quoted(conn, "statements", matching), moved)


def _merge(
    conn: sqlite3.Connection, statements: Collection[int], kept: int, moved: set[int]
) -> None:
    """Give the wordings of all these statements to one of them."""
    for merged in sorted(set(statements) - {kept}):
        moved.update(_members(conn, merged))
        conn.execute(_SET_STATEMENT_OF_ALL, (kept, merged))


def _split(conn: sqlite3.Connection, statement: int, moved: set[int]) -> None:
    """Split a statement whose wordings nothing connects any more."""
    members = _members(conn, statement)
    if len(members) < 2:
        return
    parts = connected_wordings(conn, members).sets(int)
    (largest,) = keep_ids(parts, dict.fromkeys(members, statement))
    for index, part in enumerate(parts):
        if index != largest:
            other = _new_statement(conn)
            conn.executemany(_SET_STATEMENT, [(other, wording_id) for wording_id in part])
            moved.update(part)


def connected_wordings(conn: sqlite3.Connection, wordings: Mapping[int, str]) -> DisjointSets[int]:
    """The ids of wordings, in one set if they are copies that share a fingerprint."""
    connected = DisjointSets(wordings)
    shared: dict[int, list[int]] = defaultdict(list)
    for wording_id, wording in wordings.items():
        for fingerprint in fingerprints(wording):
            shared[fingerprint].append(wording_id)
    for fingerprint, ids in shared.items():
        if len(ids) > 1 and len(_postings(conn, fingerprint)) <= max_postings(fingerprint):
            for left, right in combinations(ids, 2):
                if connected.find(left) != connected.find(right) and same_statement(
                    wordings[left], wordings[right]
                ):
                    connected.union(left, right)
    return connected


def _new_statement(conn: sqlite3.Connection) -> int:
    """Add a row without quotations."""
    statement = next_id(conn, "statements")
    conn.execute(
        "INSERT INTO statements (id, key, text) VALUES (?, ?, '')", (statement, f"new {statement}")
    )
    return statement


def _postings(conn: sqlite3.Connection, fingerprint: int) -> list[int]:
    """The ids of wordings with a fingerprint, at most one more than its `max_postings`."""
    rows = conn.execute(_POSTINGS, (fingerprint, max_postings(fingerprint) + 1))
    return [wording_id for (wording_id,) in rows]


def _wordings(conn: sqlite3.Connection, wording_ids: Collection[int]) -> list[tuple[int, int, str]]:
    """Id, statement and normalized text, in the order of ids."""
    return conn.execute(_SELECT, (id_list(wording_ids),)).fetchall() if wording_ids else []


def _members(conn: sqlite3.Connection, statement: int) -> dict[int, str]:
    """The wordings of a statement by id, in the order of ids."""
    return dict(conn.execute(_SELECT_MEMBERS, (statement,)).fetchall())


_SELECT = """
SELECT id, statement_id, normalized_text FROM _wordings
WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"""

_SELECT_MEMBERS = "SELECT id, normalized_text FROM _wordings WHERE statement_id = ? ORDER BY id"

_INSERT = """
INSERT INTO _wordings (normalized_text, word_count, key) VALUES (?, ?, ?) RETURNING id"""

SAID_BY = "coalesce('speaker ' || {quote}.speaker_id, 'article ' || {quote}.article_id)"
"""`_common_statements.said_by` of a row with the name `quote`."""

_MISSING_COMMON = f"""
SELECT DISTINCT quote.wording_id, {SAID_BY.format(quote="quote")} AS said_by
FROM ({{}}) AS quote
JOIN _wordings AS wordings ON wordings.id = quote.wording_id AND wordings.statement_id IS NULL
WHERE NOT EXISTS (
    SELECT 1 FROM _common_statements AS common
    WHERE common.wording_id = quote.wording_id
        AND common.said_by = {SAID_BY.format(quote="quote")})
ORDER BY 1, 2"""

_SET_STATEMENT = "UPDATE _wordings SET statement_id = ? WHERE id = ?"

_SET_STATEMENT_OF_ALL = "UPDATE _wordings SET statement_id = ? WHERE statement_id = ?"

_POSTINGS = "SELECT wording_id FROM _wording_fingerprints WHERE fingerprint = ? LIMIT ?"

_DELETE_FINGERPRINT = """
DELETE FROM _wording_fingerprints WHERE fingerprint = ? AND wording_id = ?"""

_UNUSED = """
SELECT id, normalized_text, statement_id FROM _wordings
WHERE id IN (SELECT value FROM json_each(?))
    AND NOT EXISTS (SELECT 1 FROM _quote_links WHERE wording_id = _wordings.id)
ORDER BY id"""
