"""The entries of a list of hits: a quotation, or a statement with its printings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from datasette_quotedex.confidence import level
from datasette_quotedex.context import Reader, SiteContext
from datasette_quotedex.render.text import headline
from datasette_quotedex.search import Hit, Matched

MAX_PRINTINGS = 12
"""Printings listed below an entry; the page of the statement has the rest."""

MAX_OUTLETS_COUNTED = 200
"""Printings whose outlets are counted."""


@dataclass(frozen=True, slots=True)
class ResultEntry:
    """A hit and, if it stands for a statement of several printings, the first of these.

    `group` is the part of the list that it is in, `matched` where the words of the search are.
    `number` and `outlets` count the printings and their outlets, which is None for too many.
    """

    hit: Hit
    group: Matched
    matched: str | None
    number: int = 1
    printings: tuple[dict[str, Any], ...] = ()
    outlets: int | None = None

    @property
    def first(self) -> dict[str, Any] | None:
        """The printing with the earliest date, if any has a date."""
        return next((one for one in self.printings if one["published"]), None)

    def to_dict(self, site: SiteContext) -> dict[str, Any]:
        """The entry as JSON values, with the paths of its pages."""
        data = {**self.hit.to_dict(), "matched": self.matched}
        if data["speaker"]:
            data["speaker"] = site.with_path("speakers", data["speaker"])
        data["article"] = site.with_path("articles", data["article"])
        data["statement"] = site.with_path("statements", data["statement"])
        return site.with_path("quotes", data)


def entries_of(
    db: Reader, hits: Sequence[tuple[Matched, Hit]], every_printing: bool
) -> tuple[ResultEntry, ...]:
    """The entries of some hits, each given with the group that it is in."""
    printed = {} if every_printing else _printings(db, [hit for _, hit in hits])
    entries = []
    for group, hit in hits:
        matched = "headline" if group == "headline" else hit.matched
        printings = printed.get(hit.statement_key, [])
        if len(printings) < 2:
            entries.append(ResultEntry(hit, group, matched))
            continue
        number, outlets = hit.quote_count, None
        if len(printings) < MAX_OUTLETS_COUNTED:
            number, outlets = len(printings), len({one["outlet"] for one in printings} - {None})
        listed = tuple(printings[:MAX_PRINTINGS])
        entries.append(ResultEntry(hit, group, matched, number, listed, outlets))
    return tuple(entries)


def _printings(db: Reader, hits: list[Hit]) -> dict[str, list[dict[str, Any]]]:
    """By the keys of statements with more than one printing: these, the earliest first."""
    repeated = [hit.statement_key for hit in hits if hit.quote_count > 1]
    printings: dict[str, list[dict[str, Any]]] = {}
    for key in repeated:
        rows = db.rows(_PRINTINGS, key=key, limit=MAX_OUTLETS_COUNTED)
        for row in rows[:MAX_PRINTINGS]:
            row["headline"] = headline(row["title"], row["opening"])
            row["confidence_level"] = level(row["confidence"])
        printings[key] = rows
    return printings


# A pull-quote is not another printing of the statement. Those without a date come last.
_PRINTINGS = """
    WITH here AS MATERIALIZED (
        SELECT id FROM quotes
        WHERE statement_id = (SELECT id FROM statements WHERE key = :key)
            AND (repeats_id IS NULL OR NOT EXISTS (
                SELECT 1 FROM quotes AS first WHERE first.id = quotes.repeats_id
                    AND first.statement_id = quotes.statement_id))
        ORDER BY published IS NULL, published, key LIMIT :limit
    )
    SELECT q.key, q.text, q.published, q.confidence, a.key AS article_key, a.title,
        (SELECT key FROM quotes WHERE id = q.repeats_id) AS repeats_key,
        substr(a.text, 1, 100) AS opening, a.outlet
    FROM here JOIN quotes q ON q.id = here.id JOIN articles a ON a.id = q.article_id
    ORDER BY q.published IS NULL, q.published, q.key"""
