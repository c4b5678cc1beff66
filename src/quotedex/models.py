"""The values that pass between stages.

They are frozen and use the standard library only. Offsets are Python string offsets:
`text[start:end]`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

SpeakerKind = Literal["person", "organization", "group", "anonymous"]
QuoteKind = Literal["full", "partial", "turn"]
CorrectionKind = Literal["speaker", "nobody", "text", "merge", "split", "name"]
CorrectionState = Literal["applied", "waiting", "undone"]


@dataclass(frozen=True, slots=True)
class Document:
    """One article as it was read.

    `id` names it within a run: its path below what the user gave. `location` is where it came from,
    an absolute path or URL, and unique. `published` is an ISO date, `language` an ISO 639 code,
    `url` the article's own address. `metadata` holds other named values, such as the other columns
    of a table. Unknown values are None.

    `guid` is the id that a table, feed or mail gives the article. `row` names a row of a table, or
    what comes from standard input, wherever it stands there; the number at the end of `location`
    does not. `path` is the location below the folder that the user gave, the same on any machine.
    """

    id: str
    text: str
    location: str | None = None
    title: str | None = None
    byline: str | None = None
    outlet: str | None = None
    published: str | None = None
    language: str | None = None
    url: str | None = None
    metadata: tuple[tuple[str, str], ...] = ()
    guid: str | None = None
    row: str | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a text: `text[start:end]`.

    `text` is these words in the `cue` and the `mention` of a quotation; elsewhere it may be "".
    Spans that differ only in this are equal.
    """

    start: int
    end: int
    text: str = field(default="", compare=False)

    @classmethod
    def of(cls, text: str, start: int, end: int) -> Span:
        """The span with its words."""
        return cls(start, end, text[start:end])


@dataclass(frozen=True, slots=True)
class MarkedSpan:
    """Words between quotation marks, said by somebody or not, or a turn of a transcript.

    `start` and `end` are the offsets of the words, `outer_start` and `outer_end` include the marks.
    `parent` is the index of the span around this one in the same list. `opened` and `closed` are
    False if the opening or closing mark is missing, both for a turn. `continues` is True for a
    paragraph that reopens the quotation of the previous span.
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
    """The source of a marked span that is a quotation.

    `mention` is the words that name the source ("he", "Ms Okafor"), `cue` the reporting expression
    ("said", "according to"); each is None if there is none. `confidence` (0 to 1) is the network's
    probability that this is a quotation and the mention is right, which is calibrated only together
    with the speaker's; `why` is a phrase that says how the source was found. `pointers` are words
    that may be the speaker's name ("Trump" for "he"), each with its probability (0 to 1); together
    at most 1.
    """

    mention: Span | None
    cue: Span | None
    confidence: float
    why: str
    pointers: tuple[tuple[Span, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Speaker:
    """The person, organization or group that a mention refers to.

    `name` is the fullest name in the article, or, for an anonymous source, the description.
    `certainty` (0 to 1) is the probability that the mention refers to them, not calibrated, and
    `why` a phrase that says how they were found ("the only woman named so far"). Speakers that
    differ only in these two are equal.
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
    probability that this is a quotation with the right speaker or, without a speaker, with the
    right mention; `why` is a phrase that says how the mention was found.
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

    def to_dict(self) -> dict[str, Any]:
        """The quotation as JSON values, as `quotedex extract` prints it."""
        return {
            "text": self.text,
            **_offsets(self.start, self.end),
            "kind": self.kind,
            "utterance": self.utterance,
            "parent": self.parent,
            "repeats": self.repeats,
            "confidence": self.confidence,
            "cue": self.cue and _span_to_dict(self.cue),
            "mention": self.mention and _span_to_dict(self.mention),
            "why": self.why,
            "speaker": self.speaker and _speaker_to_dict(self.speaker),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Quote:
        """The quotation that `to_dict` was called on, except for its speaker's `certainty`."""
        rest = {key: values[key] for key in values if key not in ("start_char", "end_char")}
        return cls(
            **{
                **rest,
                "cue": values["cue"] and _span_from_dict(values["cue"]),
                "mention": values["mention"] and _span_from_dict(values["mention"]),
                "speaker": values["speaker"] and Speaker(**values["speaker"]),
            }
        )


@dataclass(frozen=True, slots=True)
class Extraction:
    """A document, its cleaned text, and its quotations with offsets into the cleaned text."""

    document: Document
    text: str
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Correction:
    """One correction, with the columns of the table `corrections`.

    `key` names a quotation or a speaker. `new_value` is, by `what`: the name or key of the speaker,
    the right words, the key of the speaker who is the same, the keys of the articles that quote the
    other person, or the name. `kind` is that of a speaker given by name, by default a person.

    The rest is filled in when the correction is stored. `names` are the name of the speaker and the
    names by which the list of people finds them; `leads_to` is the key of the quotation or speaker
    as it is now.
    """

    what: CorrectionKind
    key: str
    new_value: str | None = None
    kind: SpeakerKind | None = None
    who: str | None = None
    made_at: str | None = None
    why: str | None = None
    old_value: str | None = None
    undone_by: str | None = None
    undone_at: str | None = None
    undone_why: str | None = None
    article_key: str | None = None
    words: str | None = None
    names: tuple[str, ...] = ()
    state: CorrectionState = "waiting"
    leads_to: str | None = None
    id: int | None = None
    line: int | None = field(default=None, compare=False)
    """Where it stands in the file that it was read from."""

    def to_dict(self) -> dict[str, Any]:
        """The correction as JSON values."""
        names = [name for name in self.__slots__ if name not in ("id", "line", "names")]
        values = {name: getattr(self, name) for name in names}
        return {"id": self.id, **values, "names": list(self.names)}

    def is_same(self, other: Correction) -> bool:
        """Whether this is the same correction, read again from a file."""
        if (self.what, self.new_value) != (other.what, other.new_value):
            return False
        same_key = self.key == other.key
        if not self.made_at:
            return same_key and other.undone_at is None
        named_alike = self.words == other.words if self.words else self.names == other.names
        return (self.made_at, self.who) == (other.made_at, other.who) and (same_key or named_alike)


def _span_to_dict(span: Span) -> dict[str, Any]:
    return {"text": span.text, **_offsets(span.start, span.end)}


def _offsets(start: int, end: int) -> dict[str, int]:
    """Offsets under two names: `start_char` and `end_char` as everywhere in the file and the site,
    `start` and `end` because published scorers of quotation extraction read these."""
    return {"start_char": start, "end_char": end, "start": start, "end": end}


def _span_from_dict(values: Mapping[str, Any]) -> Span:
    return Span(values["start"], values["end"], values.get("text", ""))


def _speaker_to_dict(speaker: Speaker) -> dict[str, Any]:
    return {
        "name": speaker.name,
        "kind": speaker.kind,
        "description": speaker.description,
        "why": speaker.why,
    }
