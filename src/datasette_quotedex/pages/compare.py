"""Two speakers compared: how often, when and what they said about something."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from datasette_quotedex.context import Reader, SiteContext, site_for
from datasette_quotedex.pages.former import find_former
from datasette_quotedex.pages.search.page import ResultPage, find_page
from datasette_quotedex.pages.search.request import Search, lane_for
from datasette_quotedex.render.timeline import Timeline, month_range, timeline
from datasette_quotedex.search import total_query
from datasette_quotedex.search.syntax import SearchQuery, parse
from datasette_quotedex.stats import quotes_by_month

SHOWN_QUOTES = 6
"""Quotations of each speaker."""

RECENT_QUOTES = 2_000
"""The latest quotations of the one quoted less, whose articles may quote the other, too."""

MAX_NAMESAKES = 8
MAX_COUNTED = 100_000
SUGGESTED_NAMES = 40
"""Names that the form suggests, those of the speakers quoted most."""


async def compare_page(datasette: Any, request: Any) -> Any:
    """`/-/compare?speakers=KEY,KEY&q=rent`, and its data at `/-/compare.json`.

    The form sends names as `first` and `second`; of several speakers with such a name, the one
    quoted most is shown.
    """
    site = await site_for(datasette, request)
    q = request.args.get("q") or ""
    # Either KEY,KEY or, from the boxes of a form, one parameter for each.
    keys = ",".join(request.args.getlist("speakers")).split(",")[:2]
    names = [(request.args.get(name) or "").strip() for name in ("first", "second")]
    keys += [""] * (len(names) - len(keys))
    sides, together, suggested, problem = await site.read(
        lambda db: _read(db, q, list(zip(keys, names, strict=True))), lane_for(request)
    )
    if request.url_vars["format"]:
        speakers = [side.to_dict(site) for side in sides]
        return site.json({"q": q, "speakers": speakers, "articles_together": together})
    chosen = [side.speaker for side in sides if side.speaker]
    parameters = {"speakers": ",".join(one["key"] for one in chosen), "q": q}
    return await site.page(
        request,
        "compare.html",
        q=q,
        problem=problem,
        sides=sides,
        has_both=len(chosen) == 2,
        together=together,
        permalink=datasette.absolute_url(request, site.url("/-/compare", **parameters)),
        json_url=site.url("/-/compare.json", **parameters),
        suggested=suggested,
    )


@dataclass(frozen=True, slots=True)
class ComparedSpeaker:
    """One of the two speakers. `typed` is the given name; `namesakes` are others it could mean.

    `speaker` is None if there is none with this name, `total` if counting takes too long or goes
    beyond MAX_COUNTED.
    """

    typed: str
    speaker: dict[str, Any] | None = None
    namesakes: tuple[dict[str, Any], ...] = ()
    page: ResultPage | None = None
    total: int | None = None
    months: dict[str, int] | None = None
    timeline: Timeline | None = None

    def to_dict(self, site: SiteContext) -> dict[str, Any] | None:
        if not self.speaker or not self.page:
            return None
        names = ("key", "name", "label", "kind", "description")
        return {
            **site.with_path("speakers", {name: self.speaker[name] for name in names}),
            "problem": self.page.problem,
            "total": self.total,
            "timeline": self.timeline.data if self.timeline else [],
            "quotations": self.page.hits_to_dicts(),
            "search_path": self.page.search.url("json"),
        }


def _read(
    db: Reader, q: str, given: list[tuple[str, str]]
) -> tuple[list[ComparedSpeaker], int | None, list[str], str | None]:
    """The two speakers, each given by a key or a name; how many articles quote both; names that the
    form suggests; and what is wrong with the words."""
    query = parse(q)
    sides = [_compared_speaker(db, query, key, name) for key, name in given]
    suggested = db.rows(_SUGGESTED, limit=SUGGESTED_NAMES)
    names = [row["name"] for row in suggested]
    return _with_timelines(sides), _articles_together(db, sides), names, query.problem


def _articles_together(db: Reader, sides: list[ComparedSpeaker]) -> int | None:
    """How many articles quote both, on anything; None without two speakers, or if it takes long."""
    speakers = [side.speaker for side in sides if side.speaker]
    if len(speakers) < 2 or speakers[0]["id"] == speakers[1]["id"]:
        return None
    fewer, more = sorted(speakers, key=lambda one: one["quote_count"] or 0)
    rows = db.optional_rows(_TOGETHER, fewer=fewer["id"], more=more["id"], recent=RECENT_QUOTES)
    return int(rows[0]["number"]) if rows else None


def _compared_speaker(db: Reader, query: SearchQuery, key: str, typed: str) -> ComparedSpeaker:
    speakers = db.rows(_BY_KEY, key=key)
    if key and not speakers:
        former = find_former(db, "speakers", key)
        speakers = db.rows(_BY_KEY, key=former.leads_to)
    if typed and (not speakers or speakers[0]["name"] != typed):
        speakers = _speakers_named(db, typed)
    if not speakers:
        return ComparedSpeaker(typed)
    speaker, *namesakes = speakers
    search = Search(db.site, query, {"speaker": speaker["key"]})
    page = find_page(db, search, SHOWN_QUOTES, or_unsure=True)
    if page.problem:
        return ComparedSpeaker(typed, speaker, tuple(namesakes), page)
    return ComparedSpeaker(
        typed=typed or speaker["name"],
        speaker=speaker,
        namesakes=tuple(namesakes),
        page=page,
        total=_total(db, search, speaker),
        months=quotes_by_month(db, query, search.filters),
    )


def _total(db: Reader, search: Search, speaker: dict[str, Any]) -> int | None:
    if search.query.is_empty:
        return int(speaker["quote_count"] or 0)
    sql, parameters = total_query(search.query, search.filters, at_most=MAX_COUNTED + 1)
    rows = db.optional_rows(sql, **parameters)
    number = next(iter(rows[0].values())) if rows else None
    return None if number is None or number > MAX_COUNTED else int(number)


def _speakers_named(db: Reader, typed: str) -> list[dict[str, Any]]:
    """The speakers with this name or alias, or else those with its words in their names."""
    exact = db.rows(_BY_NAME, name=typed, limit=MAX_NAMESAKES)
    if exact:
        return exact
    name = typed.replace('"', " ").strip()
    match = parse(f'speaker:"{name}"').match
    if not match:
        return []
    return db.optional_rows(_BY_WORDS, match=match, limit=MAX_NAMESAKES) or []


def _with_timelines(sides: list[ComparedSpeaker]) -> list[ComparedSpeaker]:
    """The same with timelines on the same axes."""
    series = [side.months or {} for side in sides]
    months = month_range(*series)
    charts = [timeline(counts, months) for counts in series]
    highest = max((chart.highest for chart in charts if chart), default=None)
    return [
        replace(side, timeline=timeline(counts, months, highest))
        for side, counts in zip(sides, series, strict=True)
    ]


_COLUMNS = "id, key, name, label, kind, description, quote_count"
_BY_KEY = f"SELECT {_COLUMNS} FROM speakers WHERE key = :key"
_SUGGESTED = """SELECT DISTINCT name FROM speakers WHERE kind <> 'anonymous'
    ORDER BY quote_count DESC, name, key LIMIT :limit"""
_TOGETHER = """WITH latest AS MATERIALIZED (
        SELECT article_id FROM quotes WHERE speaker_id = :fewer
        ORDER BY published DESC, id DESC LIMIT :recent
    )
    SELECT count(DISTINCT article_id) AS number FROM latest WHERE EXISTS (
        SELECT 1 FROM quotes WHERE article_id = latest.article_id AND speaker_id = :more)"""
_BY_NAME = f"""SELECT {_COLUMNS} FROM speakers WHERE id IN (
        SELECT id FROM speakers WHERE name = :name
        UNION SELECT speaker_id FROM aliases WHERE name = :name
    ) ORDER BY quote_count DESC, key LIMIT :limit"""
# The full-text index has the words of names. These hits are enough to find who is meant.
_BY_WORDS = f"""SELECT {_COLUMNS} FROM speakers WHERE id IN (
        SELECT q.speaker_id FROM (
            SELECT rowid FROM quote_search WHERE quote_search MATCH :match LIMIT 2000
        ) AS hit JOIN quotes q ON q.id = hit.rowid
    ) ORDER BY quote_count DESC, key LIMIT :limit"""
