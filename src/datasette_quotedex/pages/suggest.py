"""`/-/suggest.json?q=ana+ok`: speakers and outlets whose names begin like what a reader types."""

from __future__ import annotations

from typing import Any

from datasette_quotedex.context import Reader, site_for
from datasette_quotedex.lanes import SUGGESTIONS
from datasette_quotedex.pages.browse.outlets import outlet_url
from datasette_quotedex.pages.browse.speakers import name_words
from datasette_quotedex.stats import kept

MAX_SPEAKERS = 7
MAX_OUTLETS = 3

MAX_CHARS = 100
"""No name that somebody types is longer."""

MOST_QUOTED = 100
"""Speakers of each kind that are tried first: a common beginning has enough of them."""

MAX_KNOWN_OUTLETS = 10_000


async def suggest_names(datasette: Any, request: Any) -> Any:
    """The speakers and outlets with words that begin like all those of `q`, in any order: the most
    quoted speakers first, and the outlets with most articles. `only=speakers` or `only=outlets`
    leaves out the others."""
    site = await site_for(datasette, request)
    q, only = request.args.get("q") or "", request.args.get("only")
    words = name_words(q) if len(q) <= MAX_CHARS else []
    found: dict[str, list[dict[str, Any]]] = {"speakers": [], "outlets": []}
    if words:
        found = await site.read(lambda db: _read(db, words, only), SUGGESTIONS)
    return site.json({"q": q[:MAX_CHARS], **found})


def _read(db: Reader, words: list[tuple[str, str]], only: str | None) -> dict[str, Any]:
    return {
        "speakers": _speakers(db, words) if only != "outlets" else [],
        "outlets": _outlets(db, words) if only != "speakers" else [],
    }


def _speakers(db: Reader, words: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Those most quoted. A speaker found by another form of the name has it as `alias`."""
    parameters = {f"word{n}": f"-{plain}" for n, (plain, _) in enumerate(words)}
    parameters |= {f"given{n}": given for n, (_, given) in enumerate(words)}
    begins = _begins(words)
    for sql in (_AMONG_MOST_QUOTED, _AMONG_ALL):
        rows = db.optional_rows(
            sql.format(begins=begins, columns=_COLUMNS.format(begins=begins)),
            **parameters,
            most=MOST_QUOTED,
            limit=MAX_SPEAKERS,
        )
        if rows and len(rows) == MAX_SPEAKERS:
            break
    for row in rows or []:
        if _has_words(row["name"], words):
            row["alias"] = None
    return [db.site.with_path("speakers", row) for row in rows or []]


def _begins(words: list[tuple[str, str]]) -> str:
    """The condition that a form of a name has all the words. Those in other alphabets than that of
    addresses may also stand in the name itself."""
    return " AND ".join(
        f"instr('-' || a.slug, :word{n})" if given.isascii() else
        f"(instr('-' || a.slug, :word{n}) OR instr(a.name, :given{n}))"
        for n, (_, given) in enumerate(words)
    )  # fmt: skip


def _has_words(name: str, words: list[tuple[str, str]]) -> bool:
    slug = "-" + "-".join(plain for plain, _ in name_words(name))
    return all(f"-{plain}" in slug or given in name for plain, given in words)


def _outlets(db: Reader, words: list[tuple[str, str]]) -> list[dict[str, Any]]:
    found = (outlet for outlet in _known_outlets(db) if _has_words(outlet[0], words))
    return [
        {"name": name, "article_count": number, "path": outlet_url(db.site, name)}
        for name, number in list(found)[:MAX_OUTLETS]
    ]


def _known_outlets(db: Reader) -> list[tuple[str, int]]:
    """The outlets and their numbers of articles, highest first. They are kept until the file
    changes; a reading that took too long is tried again."""
    outlets: list[tuple[str, int]] = kept(db, "names of outlets", list)
    if not outlets:
        rows = db.optional_rows(_OUTLETS, most=MAX_KNOWN_OUTLETS) or []
        outlets.extend((row["name"], row["number"]) for row in rows)
    return outlets


_OUTLETS = """SELECT outlet AS name, count(*) AS number FROM articles
    WHERE outlet > '' GROUP BY outlet ORDER BY number DESC, name LIMIT :most"""
_COLUMNS = """s.key, s.name, s.label, s.kind, s.description, s.quote_count, (
        SELECT a.name FROM aliases a WHERE a.speaker_id = s.id AND {begins}
        ORDER BY a.article_count DESC, a.name LIMIT 1
    ) AS alias"""

# Most readers type a name of those quoted most.
_AMONG_MOST_QUOTED = """SELECT {columns} FROM (
        SELECT * FROM (SELECT * FROM speakers WHERE kind = 'person'
            ORDER BY quote_count DESC, key LIMIT :most)
        UNION ALL SELECT * FROM (SELECT * FROM speakers WHERE kind = 'organization'
            ORDER BY quote_count DESC, key LIMIT :most)
        UNION ALL SELECT * FROM (SELECT * FROM speakers WHERE kind = 'group'
            ORDER BY quote_count DESC, key LIMIT :most)
    ) AS s
    WHERE EXISTS (SELECT 1 FROM aliases a WHERE a.speaker_id = s.id AND {begins})
    ORDER BY s.quote_count DESC, s.key LIMIT :limit"""
# The index of slugs has all columns of the table, so this reads nothing else of it.
_AMONG_ALL = """WITH matching AS MATERIALIZED (
        SELECT DISTINCT a.speaker_id AS id FROM aliases a INDEXED BY aliases_by_slug WHERE {begins}
    )
    SELECT {columns} FROM matching CROSS JOIN speakers s ON s.id = matching.id
    WHERE s.kind <> 'anonymous' ORDER BY s.quote_count DESC, s.key LIMIT :limit"""
