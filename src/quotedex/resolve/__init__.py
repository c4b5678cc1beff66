"""Say who each mention is: the fullest name that the article gives, or the nameless one's words."""

from __future__ import annotations

from collections.abc import Sequence

from spacy.tokens import Doc

from quotedex.models import Attribution, MarkedSpan, Speaker
from quotedex.resolve.cast import find_cast
from quotedex.resolve.figures import Trail
from quotedex.resolve.organizations import find_organizations
from quotedex.resolve.page import open_page
from quotedex.resolve.reading import Source, read_article

__all__ = ["resolve"]


def resolve(
    doc: Doc, spans: Sequence[MarkedSpan], attributions: Sequence[Attribution | None]
) -> list[Speaker | None]:
    """One speaker for each span, None where the text does not tell or nobody speaks.

    `doc` is the cleaned text, parsed (tagger, parser, lemmatizer, entity recognizer); `spans` and
    `attributions` run side by side. Whether a source is a name, a pronoun or a description, the
    article is read from its beginning and everybody told of on the way is kept in mind.
    """
    pairs = list(zip(spans, attributions, strict=True))
    page = open_page(doc, [span for span, attribution in pairs if attribution is not None])
    sources = [
        Source(index, (span.start, span.end), attribution.mention, attribution.antecedent)
        for index, (span, attribution) in enumerate(pairs)
        if attribution is not None and attribution.mention is not None
    ]
    mentions = [source.mention for source in sources]
    people = find_cast(page, mentions)
    organizations = find_organizations(page, people, mentions)
    trail = Trail(sorted([*people, *organizations], key=lambda place: place.start))
    speakers: list[Speaker | None] = [None] * len(pairs)
    for source, figure in read_article(page, trail, sources):
        speakers[source.index] = Speaker(figure.name, figure.kind, figure.description)
    return speakers
