"""A parsed article by character offsets: its tokens, entity labels, paragraphs and quotations."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from operator import itemgetter
from typing import TYPE_CHECKING

from quotedex.models import Attribution, MarkedSpan
from quotedex.text.lexicon import lexicon

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token
    from spacy.tokens import Span as TokenSpan

_SUBJECTS = frozenset({"nsubj", "nsubjpass"})
_HEADLINE_SHARE = 0.8  # of the longer words of a headline begin with a capital
_FIRST_WORDS = 40  # characters


@dataclass(frozen=True, slots=True)
class GrammaticalRole:
    """Whether words are the subject of their clause, and whether that is the main clause."""

    is_subject: bool = False
    in_main_clause: bool = False


NO_SUBJECT = GrammaticalRole()


@dataclass(frozen=True, slots=True)
class ParsedArticle:
    """A parse with lookups by character.

    `quotations` are the spans that somebody says, (start, end) in text order; `quoted_until` has
    for each the furthest end of it and those before. `headlines` caches `is_headline`.
    """

    text: str
    tokens: tuple[Token, ...]
    entities: tuple[TokenSpan, ...]
    quotations: tuple[tuple[int, int], ...]
    quoted_until: tuple[int, ...]
    token_starts: tuple[int, ...]
    entity_starts: tuple[int, ...]
    paragraph_starts: tuple[int, ...]
    sentence_starts: tuple[int, ...]
    headlines: dict[int, bool] = field(default_factory=dict)

    @classmethod
    def from_doc(
        cls, doc: Doc, spans: Sequence[MarkedSpan], attributions: Sequence[Attribution | None]
    ) -> ParsedArticle:
        """The article that spaCy has parsed; spans with an attribution are its quotations."""
        text = doc.text
        entities = tuple(doc.ents)
        breaks = [match.end() for match in re.finditer("\n", text)]
        starts: list[int] = doc.to_array("IDX").tolist()
        sentences = {starts[sentence.start] for sentence in doc.sents}
        quotations = tuple(
            sorted(
                (span.start, span.end)
                for span, attribution in zip(spans, attributions, strict=True)
                if attribution is not None
            )
        )
        return cls(
            text=text,
            tokens=tuple(doc),
            entities=entities,
            quotations=quotations,
            quoted_until=tuple(accumulate((end for _, end in quotations), max)),
            token_starts=tuple(starts),
            entity_starts=tuple(entity.start_char for entity in entities),
            paragraph_starts=(0, *breaks),
            sentence_starts=tuple(sorted(sentences.union(breaks))),
        )

    def token_at(self, at: int) -> Token:
        """The token that holds a character, or the last one before it."""
        return self.tokens[max(0, bisect_right(self.token_starts, at) - 1)]

    def tokens_in(self, start: int, end: int) -> tuple[Token, ...]:
        """The tokens of a span, at least one."""
        first = max(0, bisect_right(self.token_starts, start) - 1)
        return self.tokens[first : max(first + 1, bisect_left(self.token_starts, end))]

    def grammatical_role(self, start: int, end: int) -> GrammaticalRole:
        """The grammatical role of the words of a span."""
        subject = next((t for t in self.tokens_in(start, end) if t.dep_ in _SUBJECTS), None)
        if subject is None:
            return NO_SUBJECT
        return GrammaticalRole(True, subject.head.dep_ == "ROOT")

    def paragraph_at(self, at: int) -> int:
        """The number of the paragraph that holds a character, 1 for the first."""
        return bisect_right(self.paragraph_starts, at)

    def sentence_at(self, at: int) -> int:
        """The number of the sentence that holds a character."""
        return bisect_right(self.sentence_starts, at)

    def begins_sentence(self, at: int) -> bool:
        """Whether no letter or comma stands before a character: "“| Osei said"."""
        before = self.text[max(0, at - 2) : at].rstrip(" ")
        return not (before[-1:].isalnum() or before.endswith(","))

    def line_start(self, at: int) -> int:
        return self.paragraph_starts[self.paragraph_at(at) - 1]

    def line_end(self, at: int) -> int:
        below = self.paragraph_at(at)
        starts = self.paragraph_starts
        return starts[below] - 1 if below < len(starts) else len(self.text)

    def is_headline(self, at: int) -> bool:
        """Whether the line capitalizes nearly all words, so that capitals are no sign of a name."""
        start = self.line_start(at)
        if start not in self.headlines:
            self.headlines[start] = self._is_headline(start)
        return self.headlines[start]

    def _is_headline(self, start: int) -> bool:
        line = self.text[start : self.line_end(start)]
        words = [word for word in re.findall(r"[^\W\d_]+", line) if len(word) > 3]
        capitals = sum(word[0].isupper() for word in words)
        return len(words) > 3 and capitals > _HEADLINE_SHARE * len(words)

    def begins_paragraph(self, at: int) -> bool:
        """Whether a character is among the first words of its paragraph."""
        return at - self.line_start(at) < _FIRST_WORDS

    def quotation_at(self, at: int) -> int | None:
        """The number of the innermost quotation around a character, None outside of all."""
        index = bisect_right(self.quotations, at, key=itemgetter(0)) - 1
        while index >= 0 and at < self.quoted_until[index]:
            if at < self.quotations[index][1]:
                return index
            index -= 1
        return None

    def chars_outside_quotations(self, start: int, end: int) -> int:
        """How many characters between two offsets the reporter wrote."""
        count = end - start
        first = max(0, bisect_left(self.quotations, (start, 0)) - 1)
        covered = start
        for left, right in self.quotations[first:]:
            if left >= end:
                break
            left, right = max(left, covered), min(right, end)
            if right > left:
                count -= right - left
                covered = right
        return count

    def is_subject_of_cue(self, start: int, end: int) -> bool:
        """Whether a span is the subject of a reporting verb: "| Osei | denied it"."""
        subject = next((t for t in self.tokens_in(start, end) if t.dep_ in _SUBJECTS), None)
        return subject is not None and subject.head.lower_ in lexicon().cues

    def entity_label(self, start: int, end: int) -> str | None:
        """The entity recognizer's label for most of a span, None where it has none."""
        at = bisect_right(self.entity_starts, end - 1) - 1
        if at < 0:
            return None
        entity = self.entities[at]
        shared = min(end, entity.end_char) - max(start, entity.start_char)
        return entity.label_ if shared * 2 > end - start else None

    def is_entity(self, start: int, end: int, label: str) -> bool:
        """Whether exactly this span is an entity with that label, a possessive ending aside."""
        at = bisect_right(self.entity_starts, start) - 1
        if at < 0:
            return False
        entity = self.entities[at]
        return (
            entity.label_ == label
            and entity.start_char == start
            and end <= entity.end_char <= end + 2
        )
