"""Say who each mention is: the fullest name that the article gives, or the nameless one's words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from quotedex.extract.resolve.article import Page, open_page
from quotedex.extract.resolve.discourse import read_article
from quotedex.extract.resolve.entities import Trail
from quotedex.extract.resolve.mentions import Source, core, find_sources, parts
from quotedex.extract.resolve.organizations import find_organizations
from quotedex.extract.resolve.people import find_cast
from quotedex.extract.resolve.proper_names import capitalized_runs
from quotedex.models import Attribution, MarkedSpan, Speaker
from quotedex.options import DEFAULT_SPACY_MODEL
from quotedex.text.lexicon import weights

if TYPE_CHECKING:
    from spacy.tokens import Doc

    from quotedex.extract.parse.parser import Parser

__all__ = ["open_article", "resolve", "resolve_doc"]


def resolve(
    text: str,
    spans: Sequence[MarkedSpan],
    attributions: Sequence[Attribution | None],
    spacy_model: str = DEFAULT_SPACY_MODEL,
) -> list[Speaker | None]:
    """One speaker for each span, None where the text does not say or nobody speaks.

    `text` is cleaned; `spans` and `attributions` have the same length and order. The text is parsed
    only if an attribution has a mention. Raises ModelError if the spaCy pipeline is not installed.
    """
    if not any(attribution and attribution.mention for attribution in attributions):
        return [None] * len(spans)
    return resolve_doc(_parser(spacy_model)(text), spans, attributions)


def resolve_doc(
    doc: Doc, spans: Sequence[MarkedSpan], attributions: Sequence[Attribution | None]
) -> list[Speaker | None]:
    """The same for a text that spaCy has parsed (tags, lemmas, dependencies, entities).

    Names, pronouns and descriptions alike are resolved by reading the article from its beginning
    and keeping track of everybody it mentions.
    """
    speakers: list[Speaker | None] = [None] * len(spans)
    for source, answer in read_article(*open_article(doc, spans, attributions)):
        figure = answer.figure
        certainty = answer.share * weights()["certainty"][answer.way]
        speakers[source.index] = Speaker(
            figure.name, figure.kind, figure.description, round(certainty, 4), answer.why
        )
    return speakers


def open_article(
    doc: Doc, spans: Sequence[MarkedSpan], attributions: Sequence[Attribution | None]
) -> tuple[Page, Trail, list[Source]]:
    """What the reader of an article is given: it, everybody that it names, and its sources."""
    pairs = zip(spans, attributions, strict=True)
    page = open_page(doc, [span for span, attribution in pairs if attribution is not None])
    sources = list(find_sources(spans, attributions))
    mentions = [parts(page.text, source.mention)[0] for source in sources]
    runs = capitalized_runs(page)
    people = find_cast(page, runs, [core(page.text, mention) for mention in mentions])
    organizations = find_organizations(page, runs, people, mentions)
    return page, Trail([*people, *organizations]), sources


@lru_cache(maxsize=2)
def _parser(spacy_model: str) -> Parser:
    from quotedex.extract.parse.parser import Parser

    return Parser(spacy_model)
