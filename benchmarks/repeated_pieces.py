"""Check that no text of repeated short pieces is slow, in any stage.

    python -m benchmarks.repeated_pieces                    # stages without a model, about a minute
    python -m benchmarks.repeated_pieces --models           # also parsing, resolution and topics

Each piece (a mark, a letter, an emoji, "Mr. ", a name, "’s", a tag, ...) is repeated up to 5,000
and up to 20,000 characters, in frames that put it inside, before and after a quotation. Prints each
stage with its slowest texts: CPU seconds for 20,000 characters, and the exponent of growth between
the two lengths (1 is linear, 2 quadratic). The exit status is 1 if a text takes longer than
{limit:g} s, or grows faster than n^{growth:g}.
"""

from __future__ import annotations

import argparse
import math
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.pathological import without_models
from quotedex.extract import Extractor
from quotedex.extract.clean import clean
from quotedex.extract.find import find
from quotedex.extract.layout.posts import posts_of
from quotedex.extract.layout.turns import turns_of
from quotedex.extract.parse.parser import Parser
from quotedex.link import co_mentioned_names, fingerprints, link_statements, normalized_name
from quotedex.models import Document
from quotedex.options import DEFAULT_SPACY_MODEL
from quotedex.read.language import detect_language
from quotedex.text.keys import folded_words, slug
from quotedex.text.keyterms import topics
from quotedex.text.names import parse_name, same_person
from quotedex.text.namesakes import claims
from quotedex.text.wording import normalized_wording

MARKS = """! ? . … , - — ( ) ( [ ] : ; / & # @ % $ _ ~ * ` | < > “ ” ‘ ’ " ' !? () [] -- .. «» ’s __
'' “” “‘ ”’ ’” {} ^ + = \\ • ¶ § ©"""
WORDS = """a A 1 a. A. A.B. 1. 1, $1 10% 5km ½ Ⅷ ﬁ é ß Anna Mr. Mc O' O’ I'd've U.S. a- Anna-
-a (a a) http://a.b/ www.a.b a@b.c @a #a <p> <b>a</b> &amp; &nbsp; Ã© â€™ 新 ا 😀 🇬🇧 👩‍👩‍👧
van the who said he Q: A: 10:30 2019 Jr. and of Ashby’s Dr. -a >> 1.2"""
OTHERS = (
    *("\u200b", "a\u200b", "\u0301", "e\u0301", "\u00a0", "a\u00a0", "\t", "\n", "\r\n", " ", "\0"),
    *("a\n", "Anna\n", "a\n\n", "Anna Poole\n", "“a\n", "- a\n", "1. a\n", "A: a\n", "\u2028"),
    *("\u00ad", "By a\n", "a\r"),
    *("Anna and ", "Anna Poole, ", "Anna, Jr., ", "Anna van ", "Mr. Poole ", "A. B. Poole "),
    *("the mayor ", "the mayor of Ashby, ", "Ashby’s mayor ", "he said ", "who said "),
    *("“a ‘b ", "“a” ", "“a,” he said. ", '"a" ', "'a' ", "“a”\n", "“a” — Anna Poole\n"),
    *("By Anna Poole\n", "Related: a\n", "3 May 2022 ", "(CNN) — ", "LONDON (AP) — "),
)
PIECES = (*MARKS.split(), *WORDS.split(), *(f"{word} " for word in WORDS.split()), *OTHERS)
FRAMES = ("{}", "“Yes,” said {}", "{} “No,” said Ada Poole.", "“{}” said Ada Poole.")
SHORT, LONG = 5_000, 20_000  # characters
LIMIT, GROWTH = 3.0, 1.3
# Shorter times say nothing about growth.
SHORTEST = 0.15  # seconds
SHOWN = 5  # texts of a stage

Stage = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Measured:
    """CPU seconds for the longer text; infinite if it was given up."""

    stage: str
    piece: str
    frame: str
    seconds: float
    growth: float

    @property
    def ok(self) -> bool:
        return self.seconds <= LIMIT and (self.growth <= GROWTH or self.seconds < SHORTEST)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the slowest texts of each stage; 1 if one is too slow."""
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").format(limit=LIMIT, growth=GROWTH),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--models", action="store_true", help="also the stages with a model")
    parser.add_argument("--stage", action="append", help="only this stage (can be repeated)")
    options = parser.parse_args(arguments)
    stages = {**STAGES, **(stages_with_models() if options.models else {})}
    failed = False
    print("| stage | text | seconds for 20,000 characters | growth |\n| --- | --- | ---: | ---: |")
    for name in options.stage or stages:
        measured = sorted(measure(name, stages[name]), key=lambda each: (each.ok, -each.seconds))
        wrong = [each for each in measured if not each.ok]
        for each in measured[: max(SHOWN, len(wrong))]:
            text = each.frame.format(f"{each.piece!r} …")
            mark = "" if each.ok else " **slow**"
            print(f"| {name} | {text} | {each.seconds:.2f} | {each.growth:.1f}{mark} |", flush=True)
        failed |= bool(wrong)
    return int(failed)


def measure(name: str, stage: Stage) -> Iterator[Measured]:
    """The stage on every piece in every frame."""
    stage("“No,” said Ada Poole.")  # loads what it needs
    for piece in PIECES:
        for frame in FRAMES:
            yield measured(name, stage, piece, frame)


def measured(name: str, stage: Stage, piece: str, frame: str) -> Measured:
    """The better of two measurements, if the first looks bad: other processes disturb."""
    found = [_measure_once(name, stage, piece, frame)]
    if not found[0].ok and math.isfinite(found[0].seconds):
        found.append(_measure_once(name, stage, piece, frame))
    return min(found, key=lambda each: (not each.ok, each.seconds))


def _measure_once(name: str, stage: Stage, piece: str, frame: str) -> Measured:
    short, long = (
        seconds(stage, frame.format(piece * (size // len(piece)))) for size in (SHORT, LONG)
    )
    growth = math.log(max(long, 1e-6) / max(short, 1e-6), LONG / SHORT)
    return Measured(name, piece, frame, long, growth if long >= SHORTEST else 0.0)


def seconds(stage: Stage, text: str) -> float:
    """CPU time; infinite if it is more than three times the limit."""
    began = time.process_time()
    try:
        with _given_up_after(3 * LIMIT):
            stage(text)
    except _TooSlow:
        return math.inf
    return time.process_time() - began


class _TooSlow(BaseException):
    """Not an Exception: no stage may catch it."""


@contextmanager
def _given_up_after(limit: float) -> Iterator[None]:
    def give_up(*_: object) -> None:
        raise _TooSlow

    before = signal.signal(signal.SIGPROF, give_up)
    signal.setitimer(signal.ITIMER_PROF, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _clean_and_find(text: str) -> None:
    find(clean(text).text)


def _unmarked(text: str) -> None:
    spans = find(text)
    turns_of(text, spans)
    posts_of(text, spans)


def _keys(text: str) -> None:
    folded_words(text)
    slug(text)
    normalized_name(text)
    claims(text)


def _names(text: str) -> None:
    name = parse_name(text)
    if name.words:
        same_person(name, parse_name("Ada Poole"))
    co_mentioned_names(text)


def _statements(text: str) -> None:
    fingerprints(normalized_wording(text))
    longer, half = f"{text} and the dam is not safe", text[: len(text) // 2]
    link_statements({"a": text, "b": longer, "c": half})


STAGES: Mapping[str, Stage] = {
    "language": detect_language,
    "clean, find": _clean_and_find,
    "read, clean, find, layout": without_models,
    "turns and posts": _unmarked,
    "keys": _keys,
    "names": _names,
    "statements": _statements,
}


def stages_with_models() -> Mapping[str, Stage]:
    """The whole extraction, and the topics of a speaker."""
    extractor, tag = Extractor(), Parser(DEFAULT_SPACY_MODEL).tag
    return {
        "extraction": lambda text: extractor(Document("a", text)),
        "topics": lambda text: topics([text, text[: len(text) // 2]], tag),
    }


if __name__ == "__main__":
    sys.exit(main())
