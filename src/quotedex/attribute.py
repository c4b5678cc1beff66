"""Marked spans + text -> who said each: rules over the words around the marks, no parser.

Each rule is a function that looks at one span in its sentence; the first that answers wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from quotedex.lexicon import lexicon
from quotedex.models import Attribution, MarkedSpan, Span

TOKEN = re.compile(r"[^\W_](?:[\w&]|['’\-](?=\w))*|[^\w\s]")
STOPS = frozenset(".!?;:")


def _words_of(line: str) -> frozenset[str]:
    return frozenset(line.split())


# Where a source's words end or begin: "said Ann Lee | in Ashby", "after | the mayor said".
BOUNDARIES = _words_of(
    "who whom which that in on at after before as when while during to by from with and but or "
    "because if than about since until where told saying how what not"
)
ADVERBIALS = _words_of("has have had is was also later then once never even just been")
DETERMINERS = _words_of(
    "a an the one two three four several some many another this his her their its our"
)
SUBJECTS = _words_of("i we you he she they it who")
PARTICLES = _words_of("of de la le van von der den al bin ibn du da di")
# Fewer quoted words need a cue to be speech.
FLOATING_LENGTH = 5


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a mark of punctuation."""

    text: str
    start: int
    end: int

    @property
    def lower(self) -> str:
        return self.text.lower()


def attribute(text: str, spans: Sequence[MarkedSpan]) -> list[Attribution | None]:
    """For each span its source, or None where nobody says it (a title, a nickname, scare quotes).

    `spans` are those of `find(text)`; the answers stand in the same order.
    """
    answers: list[Attribution | None] = []
    for index, span in enumerate(spans):
        before, after = _surroundings(text, spans, index)
        if _picked_out(text, span):
            answers.append(_cue_before(before))
            continue
        answers.append(
            _cue_after(after)
            or _cue_before(before)
            or _phrase(before, after)
            or _label(before)
            or _carried_on(text, spans, answers, index)
            or _floating(text, spans, answers, index, not before and len(after) <= 2)
            or _nameless(text, span)
        )
    return answers


def _surroundings(
    text: str, spans: Sequence[MarkedSpan], index: int
) -> tuple[list[Token], list[Token]]:
    """The tokens of the span's sentence before and after it, other quotations left out."""
    span = spans[index]
    low = max(text.rfind("\n", 0, span.outer_start) + 1, span.outer_start - 400)
    high = text.find("\n", span.outer_end)
    high = min(len(text) if high < 0 else high, span.outer_end + 300)
    if span.parent is not None:
        low = max(low, spans[span.parent].start)
        high = min(high, spans[span.parent].end)
    for other in spans[max(0, index - 20) : index + 20]:
        if other.parent == span.parent and other.outer_end <= span.outer_start:
            low = max(low, other.outer_end if _ends(text, other) else low)
        elif other.parent == span.parent and other.outer_start >= span.outer_end:
            high = min(high, other.outer_start)
    before = _sentence(list(_tokens(text, low, span.outer_start))[::-1])[::-1]
    return before, _sentence(list(_tokens(text, span.outer_end, high)))


def _ends(text: str, span: MarkedSpan) -> bool:
    """Whether a sentence ends with these quoted words, so that what follows is another."""
    return text[span.end - 1 : span.end] in {".", "!", "?"}


def _tokens(text: str, start: int, end: int) -> Iterator[Token]:
    for match in TOKEN.finditer(text, start, end):
        yield Token(match.group(), match.start(), match.end())


def _sentence(tokens: list[Token]) -> list[Token]:
    """The tokens up to the first stop; the stop of "Mr." or of an initial is none."""
    titles = lexicon().titles
    for number, token in enumerate(tokens):
        if token.text in STOPS - {":"}:
            neighbours = {t.lower for t in tokens[max(0, number - 1) : number + 2] if t != token}
            if not any(word in titles or len(word) == 1 for word in neighbours):
                return tokens[:number]
    return tokens


def _picked_out(text: str, span: MarkedSpan) -> bool:
    """The "sanctuary" policies, the "family op": short, no sentence, no stop at its end."""
    words = text[span.start : span.end]
    stopped = words[-1:] in set(",.!?") or text[span.outer_end : span.outer_end + 1] == ","
    return len(words.split()) <= 3 and not stopped


def _cue_after(after: Sequence[Token]) -> Attribution | None:
    """ "It rained," said Ann Lee. "It rained," Ms Lee, the mayor, told reporters."""
    tokens = [token for token in after if token.text not in {"“", "”", '"', "‘", "’", "'"}]
    cues = lexicon().cues
    start = 1 if tokens and tokens[0].text in {",", "-", "–", "—"} else 0
    for number, token in enumerate(tokens[start : start + 14], start):
        if token.lower in cues and _is_verb(tokens, number):
            source = _phrase_up_to(tokens[start:number]) or _phrase_at(tokens[number + 1 :])
            if source:
                cue = Span(token.start, token.end)
                return Attribution(source, cue, None, 0.9, "a reporting verb after the marks")
        if token.text in STOPS:
            break
    return None


def _cue_before(before: Sequence[Token]) -> Attribution | None:
    """Ann Lee said: "It rained." The mayor told reporters that it was "a disaster"."""
    cues, weak = lexicon().cues, lexicon().weak_cues
    for number in range(len(before) - 1, 0, -1):
        token = before[number]
        lemma = cues.get(token.lower)
        near = len(before) - number <= 2
        if lemma and (near or lemma not in weak) and _is_verb(before, number):
            source = _phrase_up_to(before[:number])
            if source:
                confidence = 0.85 if near else 0.6
                cue = Span(token.start, token.end)
                return Attribution(source, cue, None, confidence, "a reporting verb before")
    return None


def _is_verb(tokens: Sequence[Token], number: int) -> bool:
    """Not the noun of "the report" or "his claims", not "to say"."""
    previous = tokens[number - 1].lower if number else ""
    return previous not in DETERMINERS and previous != "to" and not tokens[number].text.istitle()


def _phrase(before: Sequence[Token], after: Sequence[Token]) -> Attribution | None:
    """ "It rained", according to Ann Lee. According to Ann Lee, it was "a disaster"."""
    for tokens in (after, before):
        words = [token.lower for token in tokens]
        for phrase in lexicon().cue_phrases:
            parts = phrase.split()
            for number in range(len(words) - len(parts)):
                if words[number : number + len(parts)] == parts:
                    source = _phrase_at(tokens[number + len(parts) :])
                    if source:
                        cue = Span(tokens[number].start, tokens[number + len(parts) - 1].end)
                        return Attribution(source, cue, None, 0.8, f"'{phrase}'")
    return None


def _label(before: Sequence[Token]) -> Attribution | None:
    """ANN LEE: "It rained." """
    if 2 <= len(before) <= 6 and before[-1].text == ":":
        source = _phrase_up_to(before[:-1])
        if source:
            return Attribution(source, None, None, 0.6, "a name and a colon before")
    return None


def _carried_on(
    text: str,
    spans: Sequence[MarkedSpan],
    answers: Sequence[Attribution | None],
    index: int,
) -> Attribution | None:
    """The second part of "It rained," said Ann Lee. "It rained a lot." and reopened paragraphs."""
    span = spans[index]
    for number in range(index - 1, -1, -1):
        previous, answer = spans[number], answers[number]
        if previous.parent != span.parent:
            continue
        same_paragraph = "\n" not in text[previous.outer_end : span.outer_start]
        whole = _words(text, span) >= FLOATING_LENGTH or _ends(text, span)
        goes_on = same_paragraph and whole
        if answer and (span.continues or goes_on):
            why = "the source of the quotation before"
            return Attribution(answer.mention, answer.cue, None, answer.confidence * 0.9, why)
        return None
    return None


def _floating(
    text: str,
    spans: Sequence[MarkedSpan],
    answers: Sequence[Attribution | None],
    index: int,
    alone: bool,
) -> Attribution | None:
    """A paragraph of quoted words alone: its source is named in the paragraph before."""
    span = spans[index]
    if span.parent is not None or not alone or _words(text, span) < FLOATING_LENGTH:
        return None
    end = len(text[: span.outer_start].rstrip())
    start = text.rfind("\n", 0, end) + 1
    inside = [n for n in range(index) if spans[n].parent is None and spans[n].outer_start >= start]
    if inside:
        answer, why = answers[inside[-1]], "the speaker of the paragraph before"
        return answer and Attribution(answer.mention, None, None, answer.confidence * 0.7, why)
    tokens = list(_tokens(text, start, end))
    if tokens and tokens[-1].text == ":":
        return _phrase((), tokens)
    told = _cue_before(tokens)
    return told and Attribution(told.mention, told.cue, None, 0.5, "named in the paragraph before")


def _words(text: str, span: MarkedSpan) -> int:
    return len(text[span.start : span.end].split())


def _nameless(text: str, span: MarkedSpan) -> Attribution | None:
    """A whole sentence in marks is said by somebody, though nothing here tells by whom."""
    words = text[span.start : span.end].strip()
    if _words(text, span) >= FLOATING_LENGTH and words[0].isupper() and words[-1] in ",.!?":
        return Attribution(None, None, None, 0.4, "a whole sentence, nobody named")
    return None


def _phrase_at(tokens: Sequence[Token]) -> Span | None:
    """The source that these tokens begin with: "Ms Okafor, who ...", "one of the officials"."""
    end = 0
    while end < len(tokens) and (tokens[end].lower not in BOUNDARIES and _may_belong(tokens, end)):
        end += 1
    return _source(tokens[:end])


def _phrase_up_to(tokens: Sequence[Token]) -> Span | None:
    """The source that these tokens end with: "... when the mayor", "Ann Lee, the mayor,"."""
    end = len(tokens)
    while end and (tokens[end - 1].lower in ADVERBIALS or tokens[end - 1].lower.endswith("ly")):
        end -= 1
    if end and tokens[end - 1].text == ",":
        opening = next((n for n in range(end - 2, 0, -1) if tokens[n].text == ","), 0)
        end = opening or end - 1
    start = end
    while start and tokens[start - 1].lower not in BOUNDARIES - {"who"}:
        if not _may_belong(tokens, start - 1):
            break
        start -= 1
    return _source(tokens[start:end])


def _may_belong(tokens: Sequence[Token], number: int) -> bool:
    """A word, a hyphen, or the stop of "Mr." and "J."; no other punctuation."""
    token = tokens[number]
    if token.text == ".":
        previous = tokens[number - 1].lower if number else ""
        return previous in lexicon().titles or len(previous) == 1
    return token.text[0].isalnum() and (token.text.istitle() or token.lower not in lexicon().cues)


def _source(tokens: Sequence[Token]) -> Span | None:
    """The mention in a phrase: the name that ends it ("DHS spokesman Ann Lee"), or all of it."""
    words = lexicon()
    if not tokens or len(tokens) > 12:
        return None
    if tokens[-1].lower in SUBJECTS:
        return Span(tokens[-1].start, tokens[-1].end)
    start = len(tokens)
    while start and (tokens[start - 1].text[0].isupper() or tokens[start - 1].text == "."):
        start -= 1
        if start > 1 and tokens[start - 1].lower in PARTICLES and tokens[start - 2].text.istitle():
            start -= 1
    determined = start and tokens[start - 1].lower in DETERMINERS
    if start < len(tokens):
        return Span(tokens[start - 1 if determined else start].start, tokens[-1].end)
    nouns = (words.roles, words.organization_nouns, words.document_nouns)
    last = tokens[-1].lower
    if any(last in section for section in nouns) and tokens[0].lower not in words.cues:
        return Span(tokens[0].start, tokens[-1].end)
    return None
