"""The values that travel between stages: frozen, standard library only, no ids, no spaCy.

Offsets are Python string offsets, half open: `text[start:end]`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

SpeakerKind = Literal["person", "organization", "group", "anonymous"]
QuoteKind = Literal["full", "partial"]


@dataclass(frozen=True, slots=True)
class Document:
    """One article as it was read.

    `id` names it within a run (its path below what the user gave), `location` says where it came
    from (absolute path or URL) and is no other's, `published` is an ISO date, `language` a code of
    ISO 639, `url` the page's own address. `metadata` holds what else is known by name, such as a
    table's other columns. What is not known is None.
    """

    id: str
    text: str
    location: str | None = None
    title: str | None = None
    byline: str | None = None
    publication: str | None = None
    published: str | None = None
    language: str | None = None
    url: str | None = None
    metadata: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """Some words of a text, by offsets."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class MarkedSpan:
    """Words between quotation marks, whether or not anybody said them.

    `start`, `end` hold the words alone; `outer_start`, `outer_end` include the marks that are
    there. `parent` is the index, in the list that holds this span, of the span around it.
    `closed` is False where the closing mark is missing, `opened` where the opening one is.
    `continues` is True for a paragraph that reopens the quotation of the span before it.
    """

    start: int
    end: int
    outer_start: int
    outer_end: int
    parent: int | None = None
    opened: bool = True
    closed: bool = True
    continues: bool = False


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who said one marked span, as the text around it tells.

    `mention` is the words that name the source ("he", "Ms Okafor"), None where nobody is named.
    `cue` is the reporting expression ("said", "according to"). `antecedent` is the part of the
    text that says who the mention is, where the model sees one ("Donald Trump" for "he").
    `confidence` (0 to 1) is the probability that this is a quotation and the mention is right.
    `why` says in a few words how the source was found.
    """

    mention: Span | None
    cue: Span | None
    antecedent: Span | None
    confidence: float
    why: str


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who a mention is: the fullest name in the article, or the description of a nameless one.

    `certainty` (0 to 1) is the probability that the mention is theirs, and `why` a phrase that says
    how they were found ("the only woman named so far"). Neither says who they are, so speakers that
    differ only in these are equal.
    """

    name: str
    kind: SpeakerKind
    description: str | None = None
    certainty: float = field(default=1.0, compare=False)
    why: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Quote:
    """One quotation.

    `text` is the words inside the outer quotation marks, `start` and `end` their offsets. Parts of
    an utterance that its attribution splits ("One," she said. "Two.") share the number `utterance`.
    `parent` and `repeats` are indices into the list of quotations: of the quotation around this
    one, and of the one whose words this pull-quote repeats. `confidence` (0 to 1) is the
    probability that this is a quotation with the right mention and speaker, `why` a phrase that
    says how the mention was found.
    """

    text: str
    start: int
    end: int
    kind: QuoteKind
    utterance: int
    parent: int | None
    confidence: float
    cue: Span | None
    mention: Span | None
    speaker: Speaker | None
    why: str
    repeats: int | None = None

    def to_dict(self, text: str) -> dict[str, Any]:
        """The quotation as JSON values, as `quotedex extract` prints it.

        `text` is the text that the offsets refer to. `cue` and `mention` get their words from it.
        """
        return {
            "text": self.text,
            "start": self.start,
            "end": self.end,
            "kind": self.kind,
            "utterance": self.utterance,
            "parent": self.parent,
            "repeats": self.repeats,
            "confidence": self.confidence,
            "cue": self.cue and _span_to_dict(self.cue, text),
            "mention": self.mention and _span_to_dict(self.mention, text),
            "why": self.why,
            "speaker": self.speaker and _speaker_to_dict(self.speaker),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Quote:
        """The quotation that `to_dict` was called on, except for its speaker's `certainty`."""
        return cls(
            **{
                **values,
                "cue": values["cue"] and _span_from_dict(values["cue"]),
                "mention": values["mention"] and _span_from_dict(values["mention"]),
                "speaker": values["speaker"] and Speaker(**values["speaker"]),
            }
        )


@dataclass(frozen=True, slots=True)
class Extraction:
    """A document, its cleaned text, and the quotations found in that (offsets into `text`)."""

    document: Document
    text: str
    quotes: tuple[Quote, ...]


def _span_to_dict(span: Span, text: str) -> dict[str, Any]:
    return {"text": text[span.start : span.end], "start": span.start, "end": span.end}


def _span_from_dict(values: Mapping[str, Any]) -> Span:
    return Span(values["start"], values["end"])


def _speaker_to_dict(speaker: Speaker) -> dict[str, Any]:
    return {
        "name": speaker.name,
        "kind": speaker.kind,
        "description": speaker.description,
        "why": speaker.why,
    }
