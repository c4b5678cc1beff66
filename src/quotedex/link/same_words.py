"""Whether two wordings are the same words, and whether one is a part of the other.

They are compared as plain words (`text.plain_words`). A difference is harmless if it is one of
spelling, or of a word that means nothing by itself; any other word that differs makes another
statement. The vocabulary is in `lexicons/statements.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files

from rapidfuzz.distance import Levenshtein
from rapidfuzz.fuzz import partial_ratio_alignment

from quotedex.text.spelling import is_misprint

Words = Sequence[str]

# More misprints or small words than one in so many words are no coincidence.
_WORDS_PER_MISPRINT, _WORDS_PER_SMALL_WORD = 8, 4
# Similarity of characters, of 100, of a part with a stretch of the whole, before their words are
# compared.
_MIN_PART_SIMILARITY = 85.0
# So far, a negation reaches forward within a sentence.
_REACH = 9
# An ellipsis for fewer words stands within a clause.
_CLAUSE_WORDS = 6


def same_words(left: Words, right: Words) -> bool:
    """Whether plain words are equal except for misprints and small words.

    "wel" for "well" is a misprint; "now" for "not", "70" for "30" and a missing "never" are not.
    """
    if left == right:
        return True
    words = min(len(left), len(right))
    max_misprints = max(1, words // _WORDS_PER_MISPRINT)
    max_small = max(2, words // _WORDS_PER_SMALL_WORD)
    if abs(len(left) - len(right)) > max_misprints + max_small:
        return False
    misprints = small = 0
    for before, after in _changes(left, right):
        all_words = left[before.start : before.stop], right[after.start : after.stop]
        kept = _without_small(left, before), _without_small(right, after)
        if _are_misprints(*all_words):
            misprints += len(before)
        elif _are_joined(*kept) or _are_misprints(*kept):
            misprints += len(kept[0])
            small += len(before) + len(after) - len(kept[0]) - len(kept[1])
        else:
            return False
    return misprints <= max_misprints and small <= max_small


def contains(whole: Words, pieces: Sequence[Words]) -> bool:
    """Whether the pieces are in `whole`, one behind the other, and mean there what they mean alone.

    "the dam is safe" is not in "nobody believes that the dam is safe", and "I will … vote for it"
    is not in "I will not vote for it".
    """
    end = None
    for piece in pieces:
        for start, found_end in _stretches(whole, piece, end or 0):
            if _may_begin(whole, start, end) and (end is None or _may_skip(whole, end, start)):
                end = found_end
                break
        else:
            return False
    return end is None or _may_end(whole, end)


def _changes(left: Words, right: Words) -> Iterator[tuple[range, range]]:
    """The places where words differ; changes without a word between them are one."""
    before, after = range(0), range(0)
    for change in Levenshtein.opcodes(left, right):
        if change.tag == "equal":
            if before or after:
                yield before, after
            before, after = range(0), range(0)
            continue
        before = range(before.start if before else change.src_start, change.src_end)
        after = range(after.start if after else change.dest_start, change.dest_end)
    if before or after:
        yield before, after


def _without_small(words: Words, where: range) -> list[str]:
    """Those of the words that may not be left out."""
    return [words[at] for at in where if not _is_small(words, at)]


def _is_small(words: Words, at: int) -> bool:
    """Whether a word means nothing where it stands: "the", "uh", the first of "we we"."""
    small = _vocabulary("small")
    word, before, after = words[at], words[at - 1] if at else "", words[at + 1 : at + 2]
    following = after[0] if after else ""
    if word in small["articles"]:
        return bool(following) and following not in small["not_after_article"]
    if word in small["hesitation"]:
        return before not in small["articles"]
    if word in small["opening"] and not at:
        return following in small["subjects"]
    if word in small["joining"]:
        return following in small["clauses"]
    if word in small["conjunction"]:
        return before in small["after"] and following in small["subjects"]
    return word in (before, following) and word not in _vocabulary("reversing")["negations"]


def _are_joined(left: Words, right: Words) -> bool:
    """Whether words differ only in spaces and apostrophes: "clean up" and "cleanup", "u s" and
    "us", "mayors" and "mayor's", "its" and "it's" (which is "it is")."""
    letters, others = ("".join(words).replace("'", "") for words in (left, right))
    if letters != others:
        short, long = sorted(("_".join(left), "_".join(right)), key=len)
        return f"{short}:{long}" in _vocabulary("joined")["misprinted"]
    if len(left) == len(right):
        return list(left) == list(right) or len(left) == 1
    apart, together = sorted((left, right), key=len, reverse=True)
    if not letters.isalpha() or len(together) != 1:
        return False
    if all(len(word) == 1 for word in apart):
        return True
    joined = _vocabulary("joined")
    if letters in joined["apart"]:
        return False
    return letters in joined["except"] or not joined["not_after"].intersection(apart)


def _are_misprints(left: Words, right: Words) -> bool:
    return len(left) == len(right) and all(
        one == other or is_misprint(one, other) for one, other in zip(left, right, strict=True)
    )


def _stretches(whole: Words, piece: Words, start: int) -> Iterator[tuple[int, int]]:
    """Where `whole` has the words of `piece`, from the word `start` on; first exactly, then once
    with small differences."""
    size = len(piece)
    exact = [
        at
        for at in range(start, len(whole) - size + 1)
        if whole[at] == piece[0] and list(whole[at : at + size]) == list(piece)
    ]
    yield from ((at, at + size) for at in exact)
    if exact:
        return
    text = " ".join(whole[start:])
    found = partial_ratio_alignment(" ".join(piece), text, score_cutoff=_MIN_PART_SIMILARITY)
    if found is None:
        return
    begin = text.rfind(" ", 0, found.dest_start + 1) + 1
    last = text.find(" ", max(found.dest_end - 1, 0))
    stretch = text[begin : last if last >= 0 else len(text)].split()
    at = start + text.count(" ", 0, begin)
    if same_words(piece, stretch):
        yield at, at + len(stretch)


def _may_begin(whole: Words, start: int, end: int | None) -> bool:
    """Whether what stands in front of a stretch does not reverse it: "never | asked them to pay",
    "nobody believes that | the dam is safe". `end` is that of the stretch before it."""
    if start == (end or 0):
        return True
    reversing = _vocabulary("reversing")
    strong = reversing["negations"] | reversing["doubts"]
    before = whole[max(end or 0, start - _REACH) : start]
    last = before[-1]
    if last in strong or last in reversing["degrees"]:
        return False
    small = _vocabulary("small")
    if last in small["articles"] and whole[start] in small["not_after_article"]:
        return False
    if last in small["opening"] and whole[start] not in small["subjects"]:
        return last == "and"
    if before[-2:-1] and before[-2] in reversing["negations"] and last not in reversing["closed"]:
        return False
    is_open = last in reversing["open"] or last.endswith("ing")
    return not (is_open and strong.intersection(before))


def _may_skip(whole: Words, start: int, end: int) -> bool:
    """Whether an ellipsis may stand for the words from `start` to `end`."""
    skipped = whole[start:end]
    negations = _vocabulary("reversing")["negations"]
    is_short = len(skipped) < _CLAUSE_WORDS
    return _may_end(whole, start) and not (is_short and negations.intersection(skipped))


def _may_end(whole: Words, end: int) -> bool:
    """Whether what stands behind a stretch does not reverse it: "I will | not vote for it", "we
    will close it | unless they pay"."""
    if end == len(whole):
        return True
    reversing = _vocabulary("reversing")
    following, after = (*whole[end : end + 2], "")[:2]
    if following in reversing["nothing"]:
        return whole[end - 1] not in reversing["open"]
    if following in reversing["negations"] or following in reversing["conditions"]:
        return False
    return following not in reversing["adverbs"] or after not in reversing["negations"]


@cache
def _vocabulary(table: str) -> dict[str, frozenset[str]]:
    """The lists of words of one table of the lexicon."""
    source = files("quotedex") / "lexicons" / "statements.toml"
    data = tomllib.loads(source.read_text(encoding="utf-8"))
    return {name: frozenset(words.split()) for name, words in data[table].items()}
