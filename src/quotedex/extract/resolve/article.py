"""One parsed article as resolution looks at it: by characters, with paragraphs and quotations."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from operator import itemgetter
from typing import TYPE_CHECKING

from quotedex.models import MarkedSpan

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token
    from spacy.tokens import Span as Stretch

_SUBJECTS = frozenset({"nsubj", "nsubjpass"})


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a name is its clause's subject, and whether that is the main clause."""

    subject: bool = False
    main: bool = False


NO_SUBJECT = Standing()


@dataclass(frozen=True, slots=True)
class Page:
    """`spoken` are the quotations that somebody says, by (start, end), in text order;
    `spoken_until` is how far each or one before it reaches. `headlines` keeps what was asked."""

    text: str
    tokens: tuple[Token, ...]
    entities: tuple[Stretch, ...]
    spoken: tuple[tuple[int, int], ...]
    spoken_until: tuple[int, ...]
    token_starts: tuple[int, ...]
    entity_starts: tuple[int, ...]
    paragraph_starts: tuple[int, ...]
    sentence_starts: tuple[int, ...]
    headlines: dict[int, bool] = field(default_factory=dict)

    def token(self, at: int) -> Token:
        """The token that holds a character, or the last before it."""
        return self.tokens[max(0, bisect_right(self.token_starts, at) - 1)]

    def tokens_in(self, start: int, end: int) -> tuple[Token, ...]:
        first = max(0, bisect_right(self.token_starts, start) - 1)
        return self.tokens[first : max(first + 1, bisect_left(self.token_starts, end))]

    def head(self, start: int, end: int) -> Token:
        """The token of a stretch that the others hang on."""
        tokens = self.tokens_in(start, end)
        inside = set(tokens)
        return next((t for t in tokens if t.head not in inside or t.head == t), tokens[-1])

    def standing(self, start: int, end: int) -> Standing:
        """What the words of a stretch are to their clause."""
        subject = next((t for t in self.tokens_in(start, end) if t.dep_ in _SUBJECTS), None)
        if subject is None:
            return NO_SUBJECT
        return Standing(True, subject.head.dep_ == "ROOT")

    def paragraph(self, at: int) -> int:
        return bisect_right(self.paragraph_starts, at)

    def line_start(self, at: int) -> int:
        return self.paragraph_starts[self.paragraph(at) - 1]

    def line_end(self, at: int) -> int:
        below = self.paragraph(at)
        starts = self.paragraph_starts
        return starts[below] - 1 if below < len(starts) else len(self.text)

    def is_headline(self, at: int) -> bool:
        """Whether a line capitalizes its words, so that capitals tell nothing of names."""
        start = self.line_start(at)
        if start not in self.headlines:
            self.headlines[start] = self._is_headline(start)
        return self.headlines[start]

    def _is_headline(self, start: int) -> bool:
        line = self.text[start : self.line_end(start)]
        words = [word for word in re.findall(r"[^\W\d_]+", line) if len(word) > 3]
        return len(words) > 3 and sum(word[0].isupper() for word in words) > 0.8 * len(words)

    def begins_paragraph(self, at: int) -> bool:
        """Whether a name is among the first words of its paragraph."""
        return at - self.line_start(at) < 40

    def sentence(self, at: int) -> int:
        return bisect_right(self.sentence_starts, at)

    def quoted(self, at: int) -> int | None:
        """The number of the innermost spoken span around a character, None outside of all."""
        index = bisect_right(self.spoken, at, key=itemgetter(0)) - 1
        while index >= 0 and at < self.spoken_until[index]:
            if at < self.spoken[index][1]:
                return index
            index -= 1
        return None

    def label(self, start: int, end: int) -> str | None:
        """What the entity recognizer calls most of a stretch, None where it sees nothing."""
        at = bisect_right(self.entity_starts, end - 1) - 1
        if at < 0:
            return None
        entity = self.entities[at]
        shared = min(end, entity.end_char) - max(start, entity.start_char)
        return entity.label_ if shared * 2 > end - start else None

    def is_entity(self, start: int, end: int, label: str) -> bool:
        """Whether just this stretch is an entity of that label, a possessive ending aside."""
        at = bisect_right(self.entity_starts, start) - 1
        if at < 0:
            return False
        entity = self.entities[at]
        return (
            entity.label_ == label
            and entity.start_char == start
            and end <= entity.end_char <= end + 2
        )


def open_page(doc: Doc, spoken: Sequence[MarkedSpan]) -> Page:
    text = doc.text
    entities = tuple(doc.ents)
    breaks = [match.end() for match in re.finditer("\n", text)]
    sentences = {sentence.start_char for sentence in doc.sents}
    quotations = tuple(sorted((span.start, span.end) for span in spoken))
    return Page(
        text=text,
        tokens=tuple(doc),
        entities=entities,
        spoken=quotations,
        spoken_until=tuple(accumulate((end for _, end in quotations), max)),
        token_starts=tuple(token.idx for token in doc),
        entity_starts=tuple(entity.start_char for entity in entities),
        paragraph_starts=(0, *breaks),
        sentence_starts=tuple(sorted(sentences.union(breaks))),
    )
