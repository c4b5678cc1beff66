"""Decide which quotations are the same words printed again.

Copies of a statement differ in letter case, punctuation, spelling, short forms, a misprint, a small
word, words left out for an ellipsis, and in where they begin and end (see `same_words`). Wordings
are compared only if they share a fingerprint. A part that different statements contain joins none
of them (see `parts`).

Common words ("It is,") are a statement only together with the speaker: many people say them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Literal

from rapidfuzz import process
from rapidfuzz.fuzz import partial_ratio, ratio

from quotedex.link.parts import statements_of
from quotedex.link.same_words import contains, same_words
from quotedex.text.plain_words import plain_words
from quotedex.text.wording import ELLIPSIS, content_words, normalized_wording, stable_hash, words_of

# Sizes in words. Of `_WINDOW` shingles in a row the smallest hash is a fingerprint; hashes of long
# shingles are stored as negative numbers.
_SHINGLE, _WINDOW = 4, 2
_LONG_SHINGLE, _LONG_WINDOW = 8, 6
# Wordings of at most this many words may differ in one word and share no shingle.
_SHORT_WORDS = 8
# A fingerprint that more wordings share than this is ignored. Many articles print a famous sentence
# in part or with a misprint; eight words in a row are seldom shared by chance.
_MAX_POSTINGS, _MAX_LONG_POSTINGS = 64, 1024
# A distinctive wording has at least this many words, and below `_LONG_PART_WORDS` some content
# words. A part of a statement that is shorter also has to be this share of the whole.
_MIN_PART_WORDS, _LONG_PART_WORDS = 5, 10
_MIN_PART_SHARE = 1 / 3
_MIN_CONTENT_WORDS = 2
# Similarity of characters, of 100, of a quotation with the one that an article has in its place
# after a change.
_MIN_CHANGED_SIMILARITY = 60.0
_MAX_PARTS = 5

Relation = Literal["same", "part", "whole"]


def link_statements(
    texts: Mapping[str, str], speakers: Mapping[str, str] | None = None
) -> list[list[str]]:
    """Partition quotations, given as texts by id, into groups of ids that are one statement.

    `speakers` has the speakers of quotations by id, as far as they are known.
    """
    copies: dict[tuple[str, str], list[str]] = defaultdict(list)
    for identity in sorted(texts):
        wording = comparable_wording(texts[identity])
        said_by = "" if is_distinctive(wording) else (speakers or {}).get(identity, identity)
        copies[wording, said_by].append(identity)
    postings: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for wording, said_by in sorted(copies):
        for fingerprint in () if said_by else fingerprints(wording):
            postings[fingerprint].append((wording, said_by))
    wholes: dict[tuple[str, str], set[tuple[str, str]]] = {each: set() for each in sorted(copies)}
    compared = {
        pair
        for fingerprint, wordings in postings.items()
        if len(wordings) <= max_postings(fingerprint)
        for pair in combinations(wordings, 2)
    }
    for left, right in compared:
        relation = compare(left[0], right[0])
        if relation in ("same", "part"):
            wholes[left].add(right)
        if relation in ("same", "whole"):
            wholes[right].add(left)
    return sorted(
        sorted(identity for each in group for identity in copies[each])
        for group in statements_of(wholes)
    )


def comparable_wording(text: str) -> str:
    """The normalized wording of a quotation, without ellipses if it is not distinctive."""
    wording = normalized_wording(text)
    return wording if is_distinctive(wording) else " ".join(words_of(wording)) or wording


def is_distinctive(wording: str) -> bool:
    """Whether a normalized wording is unlikely to be said by two people independently.

    "There are roof risks as well" is; "a mess" and "I don't know what to say" are not.
    """
    words = words_of(wording)
    if len(words) >= _LONG_PART_WORDS:
        return True
    return len(words) >= _MIN_PART_WORDS and len(content_words(words)) >= _MIN_CONTENT_WORDS


def fingerprints(wording: str) -> frozenset[int]:
    """Hashes of a normalized wording; wordings of one statement share at least one.

    They are hashes of a few words in a row, thinned out. Short wordings also have hashes of the
    wording with each one of its words left out, so that a misprint in any word is found.
    """
    words = plain_words(wording)
    found = set(_winnowed(words, _SHINGLE, _WINDOW))
    found.update(-1 - number for number in _winnowed(words, _LONG_SHINGLE, _LONG_WINDOW))
    if len(words) <= _SHORT_WORDS:
        without_one = ([*words[:i], *words[i + 1 :]] for i in range(len(words)))
        found.update(stable_hash(" ".join(some)) for some in [words, *without_one])
    return frozenset(found)


def max_postings(fingerprint: int) -> int:
    """The number of wordings that may share this fingerprint before it is ignored."""
    return _MAX_LONG_POSTINGS if fingerprint < 0 else _MAX_POSTINGS


def compare(left: str, right: str) -> Relation | None:
    """What `left` is to `right`, both normalized wordings: the same words, a part, or the whole.

    In a part, an ellipsis may stand for any words of the whole. None: they are two statements.
    """
    short, long = sorted((left, right), key=lambda wording: (len(wording), wording))
    whole, words = plain_words(long), plain_words(short)
    if same_words(words, whole):
        return "same"
    if not is_distinctive(short) or _is_small_part(short, words_of(long)):
        return None
    pieces = [plain_words(piece) for piece in short.split(ELLIPSIS) if piece.strip()]
    if not contains(whole, pieces):
        return None
    return "part" if short == left else "whole"


def closest_wording(wording: str, others: Sequence[str]) -> int | None:
    """The index of the wording into which this one was probably changed; None if there is none.

    That is one with nearly the same letters, or else the same statement begun or ended elsewhere.
    """
    found = process.extractOne(wording, others, scorer=ratio, score_cutoff=_MIN_CHANGED_SIMILARITY)
    if found is not None:
        return int(found[2])
    parts = process.extract(wording, others, scorer=partial_ratio, limit=_MAX_PARTS)
    return next((int(n) for other, _, n in parts if compare(wording, other)), None)


def _is_small_part(short: str, whole: Sequence[str]) -> bool:
    """Whether a few words can occur in a statement of this length by chance.

    An ellipsis at the beginning or the end says that they are a part: "No one wakes up wanting to
    close a school…".
    """
    words = words_of(short)
    is_cut = short.startswith(ELLIPSIS) or short.endswith(ELLIPSIS)
    return not is_cut and len(words) < min(_LONG_PART_WORDS, _MIN_PART_SHARE * len(whole))


def _winnowed(words: Sequence[str], size: int, window: int) -> Iterator[int]:
    """Winnowing: texts that share `size + window - 1` words in a row share a hash of `size` words,
    wherever in the text they stand."""
    hashes = [stable_hash(" ".join(words[i : i + size])) for i in range(len(words) - size + 1)]
    for start in range(max(1, len(hashes) - window + 1)):
        if in_window := hashes[start : start + window]:
            yield min(in_window)
