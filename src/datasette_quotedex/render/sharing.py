"""What other programs see of a page: Open Graph for previews of links, schema.org for searches."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from markupsafe import Markup

from datasette_quotedex.render.text import headline, one_line, shorten, web_link

MAX_TITLE_CHARS = 200
MAX_DESCRIPTION_CHARS = 300
MAX_QUOTED_CHARS = 3_000
"""Characters of a quotation as data, as many as its page shows."""

_TYPES = {"person": "Person", "organization": "Organization", "group": "Organization"}
"""The kinds of speakers that schema.org can name; an anonymous source has no name."""

_WIKIDATA = re.compile(r"Q[0-9]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Sharing:
    """A page at the absolute address `url`. `data` is of schema.org, without its context."""

    title: str
    description: str
    url: str
    kind: str = "article"
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def properties(self) -> dict[str, str]:
        """The Open Graph of the page."""
        return {
            "og:type": self.kind,
            "og:title": shorten(one_line(self.title), MAX_TITLE_CHARS),
            "og:description": shorten(one_line(self.description), MAX_DESCRIPTION_CHARS),
            "og:url": self.url,
        }

    @property
    def json_ld(self) -> Markup | None:
        """The data for a script element, None without any."""
        data = {"@context": "https://schema.org", **self.data}
        return script_json(data) if self.data else None


def script_json(data: Mapping[str, Any]) -> Markup:
    r"""JSON that cannot end a script element, or begin a comment in it: `<` is `\u003c`."""
    text = json.dumps(data, ensure_ascii=False)
    return Markup(_MARKUP.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def quotation_data(
    text: str,
    url: str,
    speaker: Mapping[str, Any] | None,
    article: Mapping[str, Any] | None,
    repeats: str | None = None,
) -> dict[str, Any]:
    """A schema.org `Quotation`. `article` has title, opening, outlet, published, url, location;
    `repeats` is the address of the quotation that a pull-quote repeats."""
    return _given(
        {
            "@type": "Quotation",
            "text": shorten(text, MAX_QUOTED_CHARS),
            "url": url,
            "spokenByCharacter": speaker,
            "isPartOf": article and _article_data(article),
            "isBasedOn": repeats,
        }
    )


def statement_data(
    text: str, url: str, speaker: Mapping[str, Any] | None, first_published: str | None
) -> dict[str, Any]:
    """The words of a statement as a `Quotation`, with the day of its first printing."""
    data = quotation_data(text, url, speaker, None)
    return _given({**data, "datePublished": _day(first_published)})


def speaker_data(
    name: str | None,
    kind: str | None,
    url: str,
    description: str | None = None,
    wikidata: str | None = None,
    aliases: Iterable[str] = (),
) -> dict[str, Any] | None:
    """A `Person` or `Organization`; None for a source without a name."""
    if not name or kind not in _TYPES:
        return None
    is_item = _WIKIDATA.fullmatch(wikidata or "")
    return _given(
        {
            "@type": _TYPES[kind],
            "@id": url,
            "name": name,
            "url": url,
            "description": description,
            "alternateName": list(aliases),
            "sameAs": f"https://www.wikidata.org/entity/{wikidata}" if is_item else None,
        }
    )


def _article_data(article: Mapping[str, Any]) -> dict[str, Any]:
    outlet = article["outlet"]
    return _given(
        {
            "@type": "NewsArticle",
            "headline": headline(article["title"], article["opening"]),
            "url": web_link(article["url"]) or web_link(article["location"]),
            "datePublished": _day(article["published"]),
            "publisher": {"@type": "Organization", "name": outlet} if outlet else None,
        }
    )


def _day(text: str | None) -> str | None:
    """A date of publication, if it is one."""
    try:
        return date.fromisoformat((text or "")[:10]).isoformat()
    except ValueError:
        return None


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


_MARKUP = re.compile("[<>&\u2028\u2029\ud800-\udfff]")
