"""The output of `quotedex extract`: a dictionary for each document, or for each quotation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from quotedex.models import Document, Quote

_DOCUMENT_FIELDS = ("title", "byline", "outlet", "published", "language", "url")

FLAT_COLUMNS = (
    *("document", "number", "text", "start_char", "end_char", "kind"),
    *("speaker", "speaker_kind", "speaker_description", "speaker_why"),
    *("mention", "mention_start_char", "mention_end_char"),
    *("cue", "cue_start_char", "cue_end_char"),
    *("confidence", "why", "utterance", "parent", "repeats"),
    *_DOCUMENT_FIELDS,
)
"""The columns of `flat_rows`, named like those of the table `quotes`."""


def document_to_dict(document: Document, quotes: Iterable[Quote]) -> dict[str, Any]:
    """A document's metadata and its quotations, nested."""
    return {
        "document": document.id,
        **{name: getattr(document, name) for name in _DOCUMENT_FIELDS},
        "quotes": [quote.to_dict() for quote in quotes],
    }


def flat_rows(document: Document, quotes: Iterable[Quote]) -> Iterator[dict[str, Any]]:
    """A row of FLAT_COLUMNS for each quotation, with its document's metadata.

    `number` counts the quotations of a document from 0; `parent` and `repeats` are such numbers.
    """
    of_document = {name: getattr(document, name) for name in _DOCUMENT_FIELDS}
    for number, quote in enumerate(quotes):
        speaker, mention, cue = quote.speaker, quote.mention, quote.cue
        yield {
            "document": document.id,
            "number": number,
            "text": quote.text,
            "start_char": quote.start,
            "end_char": quote.end,
            "kind": quote.kind,
            "speaker": speaker and speaker.name,
            "speaker_kind": speaker and speaker.kind,
            "speaker_description": speaker and speaker.description,
            "speaker_why": speaker and speaker.why,
            "mention": mention and mention.text,
            "mention_start_char": mention and mention.start,
            "mention_end_char": mention and mention.end,
            "cue": cue and cue.text,
            "cue_start_char": cue and cue.start,
            "cue_end_char": cue and cue.end,
            "confidence": quote.confidence,
            "why": quote.why,
            "utterance": quote.utterance,
            "parent": quote.parent,
            "repeats": quote.repeats,
            **of_document,
        }
