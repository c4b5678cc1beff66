"""Addresses of before: where they lead now, or what was there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from datasette import Response

from datasette_quotedex import editing
from datasette_quotedex.context import Reader, RowNotFound, View

MARK = "_"
"""Stands between a name and what tells namesakes apart: `john-osei_7g2k9x4m`."""

MAX_NAMESAKES = 50
_MAX_WORDS = 120


@dataclass(frozen=True, slots=True)
class Former:
    """What is known of a key that no row has now.

    `leads_to` is the key in its place. `namesakes` are the speakers that it may mean. `gone` is a
    row of `former_keys`.
    """

    leads_to: str | None = None
    namesakes: tuple[dict[str, Any], ...] = ()
    gone: dict[str, Any] | None = None


def with_former_pages(view: View) -> View:
    """The view, which redirects or explains if no row has the key in the address.

    Datasette's own answer takes seconds if rich is installed, which prints every error with all
    variables around it, and anybody may ask for pages that do not exist.
    """

    async def wrapped(datasette: Any, request: Any) -> Any:
        try:
            return await view(datasette, request)
        except RowNotFound as missing:
            return await _answer(request, missing)

    return wrapped


def find_former(db: Reader, page: str, key: str) -> Former:
    """What became of a key of one of the pages "articles", "quotes", "speakers", "statements"."""
    found = db.rows(_FORMER, page=page, key=key)
    leads_to = found[0]["leads_to"] if found else None
    if leads_to is None and page == "statements":
        leads_to = _statement(db, key)
    if leads_to is None and page == "speakers":
        speakers = db.rows(_NAMESAKES, limit=MAX_NAMESAKES, **_slug_ranges(key))
        if len(speakers) > 1:
            return Former(namesakes=tuple(speakers))
        leads_to = speakers[0]["key"] if speakers else None
    return Former(leads_to, gone=found[0] if found and leads_to is None else None)


async def _answer(request: Any, missing: RowNotFound) -> Any:
    site, page = missing.site, missing.page
    former, articles, corrections = await site.read(lambda db: _read(db, page, missing.key))
    suffix = f".{form}" if (form := request.url_vars.get("format")) else ""
    if former.leads_to is not None:
        arguments = {name: request.args[name] for name in request.args if name != "database"}
        return Response.redirect(site.page_url(page, former.leads_to, suffix, **arguments))
    status = 300 if former.namesakes else 410 if former.gone else 404
    speakers = [site.with_path("speakers", one) for one in former.namesakes]
    article = site.with_path("articles", articles[0]) if articles else None
    if suffix == ".json":
        gone = former.gone and {name: former.gone[name] for name in ("label", "words", "url")}
        body = {"error": _MESSAGES[status], "status": status, "speakers": speakers}
        found = [editing.to_dict(one) for one in corrections]
        body |= {"was": gone, "article": article, "corrections": found}
        return site.json(body, status=status)
    values = await editing.page_values(site, request, page, missing.key)
    answer = await site.page(
        request,
        "former.html",
        status=status,
        kind=_KINDS[page],
        message=_MESSAGES[status],
        former=former,
        article=article,
        corrections=corrections,
        key=missing.key,
        **values,
    )
    return editing.private(answer, values)


def _read(
    db: Reader, page: str, key: str
) -> tuple[Former, list[dict[str, Any]], list[dict[str, Any]]]:
    """What became of a key; the article in which a quotation or statement was; the corrections that
    removed a quotation."""
    corrections = editing.corrections_of(db, page, key) if page == "quotes" else []
    former = _removed(corrections[0]) if corrections else find_former(db, page, key)
    articles = db.rows(_ARTICLE, key=former.gone["article_key"]) if former.gone else []
    return former, articles, corrections


def _removed(correction: dict[str, Any]) -> Former:
    """A quotation that nobody said."""
    label = correction["old_value"] or "unknown speaker"
    words, article = (correction["words"] or "")[:_MAX_WORDS], correction["article_key"]
    return Former(gone={"label": label, "words": words, "url": None, "article_key": article})


def _statement(db: Reader, key: str) -> str | None:
    """The statement of the words, or of the quotation, that have this key."""
    found = db.rows(_STATEMENT, key=key)
    if not found:
        quote = db.rows(_FORMER, page="quotes", key=key)
        found = db.rows(_STATEMENT, key=quote[0]["leads_to"]) if quote else []
    return str(found[0]["key"]) if found else None


def _slug_ranges(key: str) -> dict[str, str]:
    """Parameters of _NAMESAKES. Letters or digits follow the mark in keys of namesakes; a second
    mark begins those of anonymous sources."""
    slug = key.lower().partition(MARK)[0]
    start = f"{slug}{MARK}"
    ends = {"low": f"{start}0", "middle": f"{start}:", "letters": f"{start}a", "high": f"{start}{{"}
    return {"slug": slug, **ends}


_KINDS = {
    "articles": "article",
    "outlets": "outlet",
    "quotes": "quotation",
    "speakers": "speaker",
    "statements": "statement",
}
_MESSAGES = {
    300: "Several speakers have this name.",
    404: "Page not found. Quotations can change when an article is re-indexed.",
    410: "This is no longer here.",
}

_FORMER = """SELECT leads_to, label, words, article_key, url FROM former_keys
    WHERE page = :page AND key = :key"""
_ARTICLE = """SELECT key, title, substr(text, 1, 100) AS opening, outlet, published
    FROM articles WHERE key = :key"""
_STATEMENT = """SELECT key FROM statements WHERE id = coalesce(
        (SELECT statement_id FROM _wordings WHERE key = :key),
        (SELECT statement_id FROM quotes WHERE key = :key))"""
_NAMESAKES = """SELECT key, name, label, kind, description, quote_count FROM speakers WHERE id IN (
        SELECT id FROM speakers WHERE key = :slug
        UNION SELECT id FROM speakers WHERE key >= :low AND key < :middle
        UNION SELECT id FROM speakers WHERE key >= :letters AND key < :high
        UNION SELECT speaker_id FROM aliases WHERE slug = :slug
    ) ORDER BY quote_count DESC, key LIMIT :limit"""
