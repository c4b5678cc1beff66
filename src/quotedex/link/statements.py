"""Which quotations are the same words printed again.

Copies differ in case, punctuation, spelling of the one or the other side of the Atlantic, a
misprint, words left out for an ellipsis, and in where they begin and end.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from unicodedata import combining, normalize

from rapidfuzz.distance import Levenshtein
from rapidfuzz.fuzz import partial_ratio_alignment, ratio

from quotedex.link.groups import Groups

_ELLIPSIS = re.compile("\\[?(?:\N{HORIZONTAL ELLIPSIS}|\\.\\s?\\.\\s?\\.)\\]?")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
# Applied to both copies: that "hour" becomes "hor" does no harm.
_SPELLINGS = (
    (re.compile(r"is(e[srd]?|ing|ation|ations)$"), r"iz\1"),
    (re.compile(r"our(s|ed|ing|able|ite|ites|hood|hoods)?$"), r"or\1"),
    (re.compile(r"tre(s?)$"), r"ter\1"),
    (re.compile(r"ll(ed|ing|er|ers)$"), r"l\1"),
    (re.compile(r"ogue(s?)$"), r"og\1"),
    (re.compile(r"ence(s?)$"), r"ense\1"),
)
_SHINGLE = 4  # words of a fingerprint
_WINDOW = 2  # of so many fingerprints that follow one another the smallest is kept
_SHORT = 8  # words up to which a copy may differ in one and share no fingerprint
_LEAST_PART = 5  # words that a part of a statement must have to be a copy of it
_PART_ALIKE = 85.0  # how alike characters must be for a part to be looked at by words
_LIKE_WORDS = 75.0  # how alike two words must be for one to be a misprint of the other
# Words that turn a statement round.
_WEIGHTY = frozenset(
    {"not", "no", "never", "none", "nobody", "nothing", "without", "now", "neither", "nor"}
)
_COMMON = 64  # different texts with one fingerprint, above which it tells nothing


def link_statements(
    texts: Mapping[str, str], speakers: Mapping[str, str | None] | None = None
) -> list[list[str]]:
    """The ids of `texts` (id -> words quoted) in groups of one statement each.

    `speakers` tells whose a text is known to be: short words that several are known to have said
    are as many statements, and copies that nobody is known to have said one more.
    """
    copies: dict[str, list[str]] = defaultdict(list)
    for identity in sorted(texts):
        copies[plain(texts[identity]) or texts[identity]].append(identity)
    groups = Groups(sorted(texts), lambda identity: None)
    for ids in copies.values():
        for identity in ids[1:]:
            groups.join(ids[0], identity)
    for left, right in _candidates(sorted(copies)):
        one, other = copies[left][0], copies[right][0]
        if groups.leader(one) != groups.leader(other) and same_statement(texts[one], texts[other]):
            groups.join(one, other)
    parts = [part for ids in groups.all(str) for part in _by_speaker(ids, texts, speakers or {})]
    return sorted(parts, key=lambda ids: ids[0])


def _by_speaker(
    ids: list[str], texts: Mapping[str, str], speakers: Mapping[str, str | None]
) -> list[list[str]]:
    """Divides what may be chance: "No comment" of two people."""
    known = {speakers.get(identity) for identity in ids} - {None}
    shortest = min(len(plain(texts[identity]).split()) for identity in ids)
    if len(known) < 2 or shortest >= _SHORT:
        return [ids]
    parts: dict[str | None, list[str]] = defaultdict(list)
    for identity in ids:
        parts[speakers.get(identity)].append(identity)
    return list(parts.values())


def same_statement(left: str, right: str) -> bool:
    """Whether two quotations are the same words, or one a part of the other.

    An ellipsis may stand for any words of the other.
    """
    short, long = sorted((left, right), key=lambda text: len(plain(text)))
    whole = plain(long).split()
    if _same_words(plain(short).split(), whole):
        return True
    pieces = [plain(piece).split() for piece in _ELLIPSIS.split(short)]
    if sum(len(piece) for piece in pieces) < _LEAST_PART:
        return False
    return all(_holds(whole, piece) for piece in pieces if piece)


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


def statement_keys(text: str) -> frozenset[str]:
    """Texts that are one statement share a key, or differ so much that no one would see it.

    Fingerprints of a few words in a row, thinned out; for short texts also the text without each
    one of its words, so that a misprint in any is found.
    """
    return frozenset(_keys(plain(text).split()))


def plain(text: str) -> str:
    """Words alone, lower case, one spelling: "We’ll  organise…" -> "we'll organize"."""
    text = text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").casefold()
    if not text.isascii():
        text = "".join(c for c in normalize("NFKD", text) if not combining(c))
    return " ".join(map(_spelling, _WORD.findall(text)))


@lru_cache(maxsize=1 << 16)
def _spelling(word: str) -> str:
    for pattern, american in _SPELLINGS:
        word = pattern.sub(american, word)
    return word


def _keys(words: Sequence[str]) -> set[str]:
    keys = set(_fingerprints(words))
    if len(words) <= _SHORT:
        keys.update(_digest([*words[:i], *words[i + 1 :]]) for i in range(len(words)))
        keys.add(_digest(words))
    return keys


def _fingerprints(words: Sequence[str]) -> Iterator[str]:
    """Winnowing: equal stretches of five words or more share one, wherever they begin."""
    shingles = [_digest(words[i : i + _SHINGLE]) for i in range(len(words) - _SHINGLE + 1)]
    for start in range(max(1, len(shingles) - _WINDOW + 1)):
        window = shingles[start : start + _WINDOW]
        if window:
            yield min(window)


def _digest(words: Sequence[str]) -> str:
    return blake2b(" ".join(words).encode(), digest_size=8).hexdigest()


def _candidates(texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Pairs of different texts that share a key which few share."""
    holders: dict[str, list[str]] = defaultdict(list)
    for text in texts:
        for key in _keys(text.split()):
            holders[key].append(text)
    seen: set[tuple[str, str]] = set()
    for key in sorted(holders):
        if len(holders[key]) > _COMMON:
            continue
        for index, left in enumerate(holders[key]):
            for right in holders[key][index + 1 :]:
                if (left, right) not in seen:
                    seen.add((left, right))
                    yield left, right
