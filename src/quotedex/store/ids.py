"""Ids of speakers and statements: new ones, and those that survive when rows merge or split."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from quotedex.store.values import id_list

Table = Literal["speakers", "statements"]


def next_id(conn: sqlite3.Connection, table: str) -> int:
    """One more than the highest id of a table."""
    (highest,) = conn.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()
    return int(highest) + 1


def most_quoted(conn: sqlite3.Connection, table: Table, ids: Iterable[int]) -> int:
    """The id that survives when rows merge: that of most quotations, the lowest of equals."""
    (kept,) = conn.execute(
        f"SELECT id FROM {table} WHERE id IN (SELECT value FROM json_each(?))"
        " ORDER BY quote_count DESC, id LIMIT 1",
        (id_list(ids),),
    ).fetchone()
    return int(kept)


def keep_ids(groups: Sequence[Sequence[int]], held: Mapping[int, int]) -> dict[int, int]:
    """The id that each group keeps, by the group's index, when rows are regrouped.

    `held` maps members of groups to the id that they had. An id goes to the group with most of its
    members; a group that several ids would go to keeps the one with most members there, the lowest
    of equals. Groups that keep no id are left out.
    """
    claims: dict[int, Counter[int]] = defaultdict(Counter)
    for index, group in enumerate(groups):
        for member in group:
            if member in held:
                claims[held[member]][index] += 1
    won: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row_id, by_group in claims.items():
        index = max(by_group, key=lambda each: (by_group[each], -each))
        won[index].append((-by_group[index], row_id))
    return {index: min(ids)[1] for index, ids in won.items()}
