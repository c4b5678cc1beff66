"""Which quotations are the same words printed again.

Copies differ in case, punctuation, spelling of the one or the other side of the Atlantic, a
misprint, words left out for an ellipsis, and in where they begin and end. What texts have in common
with letter case, marks and spelling taken away is their form; only different forms are compared,
and of these only such as share a fingerprint.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import combinations

from rapidfuzz.distance import Levenshtein
from rapidfuzz.fuzz import partial_ratio_alignment, ratio

from quotedex.link.union_find import Groups
from quotedex.text.wording import (
    ELLIPSIS,
    content_words,
    normalized_wording,
    words_of,
)

_SHINGLE = 4  # words of a fingerprint
_WINDOW = 2  # of so many fingerprints that follow one another the smallest is kept
_LONG_SHINGLE, _LONG_WINDOW = 8, 6  # the same for keys below 0
_SHORT = 8  # words up to which a copy may differ in one and share no fingerprint
# How many forms may share a fingerprint, until it tells nothing. Many print a famous sentence in
# part or with a slip; eight words in a row are seldom shared by chance.
_COMMON, _LONG_COMMON = 64, 1024
_LEAST_PART = 5  # words that a part of a statement must have to be a copy of it
_LONG_PART = 10  # and to be so of a much longer statement; of fewer words
_LEAST_SHARE = 1 / 3  # of the statement must be in it
_TELLING = 2  # and so many of them none of the most common
_PART_ALIKE = 85.0  # how alike characters must be for a part to be looked at by words
_LIKE_WORDS = 75.0  # how alike two words must be for one to be a misprint of the other
# Words that turn a statement round.
_WEIGHTY = frozenset(
    {"not", "no", "never", "none", "nobody", "nothing", "without", "now", "neither", "nor"}
)


def link_statements(texts: Mapping[str, str]) -> list[list[str]]:
    """The ids of `texts` (id -> words quoted) in groups of one statement each."""
    copies: dict[str, list[str]] = defaultdict(list)
    for identity in sorted(texts):
        copies[normalized_wording(texts[identity])].append(identity)
    groups = Groups(copies)
    holders: dict[int, list[str]] = defaultdict(list)
    for each in sorted(copies):
        for key in statement_keys(each):
            holders[key].append(each)
    for key, forms in holders.items():
        if len(forms) <= most_holders(key):
            for left, right in combinations(forms, 2):
                if groups.leader(left) != groups.leader(right) and same_statement(left, right):
                    groups.join(left, right)
    return sorted(
        sorted(identity for each in group for identity in copies[each]) for group in groups.all(str)
    )


def statement_keys(form: str) -> frozenset[int]:
    """Numbers, of which forms that are one statement share one, or differ so much that no one
    would see it.

    Fingerprints of a few words in a row, thinned out; for short forms also the form without each
    one of its words, so that a misprint in any is found.
    """
    words = words_of(form)
    keys = set(_thinned(words, _SHINGLE, _WINDOW))
    keys.update(-1 - number for number in _thinned(words, _LONG_SHINGLE, _LONG_WINDOW))
    if len(words) <= _SHORT:
        keys.update(_number([*words[:i], *words[i + 1 :]]) for i in range(len(words)))
        keys.add(_number(words))
    return frozenset(keys)


def most_holders(key: int) -> int:
    """How many forms may have this key, until it tells nothing."""
    return _LONG_COMMON if key < 0 else _COMMON


def same_statement(left: str, right: str) -> bool:
    """Whether two forms are the same words, or one a part of the other.

    An ellipsis may stand for any words of the other.
    """
    short, long = sorted((left, right), key=lambda form: (len(form), form))
    whole, words = words_of(long), words_of(short)
    if _same_words(words, whole):
        return True
    if len(words) < _LEAST_PART or (len(words) < _LONG_PART and not _tells(words, whole)):
        return False
    pieces = [piece.split() for piece in short.split(ELLIPSIS)]
    return all(_holds(whole, piece) for piece in pieces if piece)


def _tells(words: Sequence[str], whole: Sequence[str]) -> bool:
    """Whether a few words are in a longer statement for more than chance."""
    return len(content_words(words)) >= _TELLING and len(words) >= _LEAST_SHARE * len(whole)


def _holds(whole: Sequence[str], piece: Sequence[str]) -> bool:
    """Whether some stretch of `whole` is the words of `piece`, a misprint or two aside."""
    text = " ".join(whole)
    found = partial_ratio_alignment(" ".join(piece), text, score_cutoff=_PART_ALIKE)
    if found is None:
        return False
    first = text.rfind(" ", 0, found.dest_start + 1) + 1
    last = text.find(" ", max(found.dest_end - 1, 0))
    stretch = text[first : last if last >= 0 else len(text)]
    return _same_words(piece, stretch.split())


def _same_words(left: Sequence[str], right: Sequence[str]) -> bool:
    """Equal but for misprints; in a long text a small word may also be missing or another.

    "wel" for "well" is a misprint; "now" for "not", "70" for "30" and a missing "never" are not.
    """
    if "".join(left) == "".join(right):
        return True
    changed = 0
    for change in Levenshtein.opcodes(left, right):
        if change.tag == "equal":
            continue
        before = left[change.src_start : change.src_end]
        after = right[change.dest_start : change.dest_end]
        if any(word in _WEIGHTY or not word.isalpha() for word in (*before, *after)):
            return False
        changed += max(len(before), len(after))
        misprint = len(before) == len(after) and all(map(_is_misprint, before, after))
        if not misprint and (min(len(left), len(right)) < _SHORT or len(before) + len(after) > 2):
            return False
    return changed <= max(1, min(len(left), len(right)) // 8)


def _is_misprint(left: str, right: str) -> bool:
    return max(len(left), len(right)) > 3 and ratio(left, right) >= _LIKE_WORDS


def _thinned(words: Sequence[str], size: int, window: int) -> Iterator[int]:
    """Winnowing: equal stretches of `size + window - 1` words or more share a number of `size`
    words in them, wherever the stretches begin."""
    shingles = [_number(words[i : i + size]) for i in range(len(words) - size + 1)]
    for start in range(max(1, len(shingles) - window + 1)):
        if beside := shingles[start : start + window]:
            yield min(beside)


def _number(words: Sequence[str]) -> int:
    """Not below 0, and as SQLite can keep it."""
    return int.from_bytes(blake2b(" ".join(words).encode(), digest_size=8).digest()) >> 1
