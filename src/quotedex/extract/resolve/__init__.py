"""Resolution of sources: the fullest name in the article for each mention of one.

Sources without a name keep the words of their mention.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from quotedex.extract.parse.parser import shared_parser
from quotedex.extract.resolve.article import ParsedArticle
from quotedex.extract.resolve.discourse import resolve_sources
from quotedex.extract.resolve.entities import DiscourseModel
from quotedex.extract.resolve.mentions import (
    SourceMention,
    mention_core,
    mention_parts,
    source_mentions,
)
from quotedex.extract.resolve.organizations import find_organizations
from quotedex.extract.resolve.people import find_people
from quotedex.extract.resolve.proper_names import find_proper_names
from quotedex.models import Attribution, MarkedSpan, Speaker
from quotedex.options import DEFAULT_SPACY_MODEL

if TYPE_CHECKING:
    from spacy.tokens import Doc


__all__ = ["mentions_by_name", "resolve", "resolve_doc"]


def resolve(
    text: str,
    spans: Sequence[MarkedSpan],
    attributions: Sequence[Attribution | None],
    spacy_model: str = DEFAULT_SPACY_MODEL,
) -> list[Speaker | None]:
    """One speaker for each span, None where nobody speaks or the text does not say who.

    `text` is cleaned; `spans` and `attributions` have the same length and order. The text is parsed
    only if an attribution has a mention. Raises ModelError if the spaCy pipeline is not installed.
    """
    if not any(attribution and attribution.mention for attribution in attributions):
        return [None] * len(spans)
    return resolve_doc(shared_parser(spacy_model)(text), spans, attributions)


def resolve_doc(
    doc: Doc, spans: Sequence[MarkedSpan], attributions: Sequence[Attribution | None]
) -> list[Speaker | None]:
    """As `resolve`, for a text that spaCy has parsed (tags, lemmas, dependencies, entities)."""
    article = ParsedArticle.from_doc(doc, spans, attributions)
    sources = list(source_mentions(article.text, spans, attributions))
    speakers: list[Speaker | None] = [None] * len(spans)
    for source, found in resolve_sources(article, mentions_by_name(article, sources), sources):
        speakers[source.index] = Speaker(
            name=found.entity.name,
            kind=found.entity.kind,
            description=found.entity.description,
            certainty=round(found.probability, 4),
            why=found.why,
        )
    return speakers


def mentions_by_name(article: ParsedArticle, sources: Sequence[SourceMention]) -> DiscourseModel:
    """The people and organizations that an article names, with all mentions by name."""
    parts = [mention_parts(article.text, source.mention)[0] for source in sources]
    cores = [mention_core(article.text, part) for part in parts]
    proper_names = find_proper_names(article)
    people = find_people(article, proper_names, cores)
    organizations = find_organizations(article, proper_names, people, parts)
    return DiscourseModel([*people, *organizations], parts)
