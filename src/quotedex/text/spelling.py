"""English spelling: American and British forms, ordinary words, and misprints."""

from __future__ import annotations

import gzip
import tomllib
from functools import cache, lru_cache
from importlib.resources import files

from rapidfuzz.distance import OSA

# A misprint has one letter more, less or else, or two letters swapped; in a longer word two such
# mistakes. Two letters fewer do for a swap ("teh").
_SHORTEST, _LONG = 4, 8
# Of two words that are both unknown, names for the most part, short ones are too much alike.
_SHORTEST_UNKNOWN = 5
_ENDINGS = frozenset({"s", "es", "d", "ed", "r", "er", "n", "en", "y", "ly", "ing", "'s"})
_LAST_LETTERS = frozenset("sdrnygt")


def american(word: str) -> str:
    """The American spelling of a word in lower case: "colour" -> "color"."""
    return _variants().get(word, word)


def is_word(word: str) -> bool:
    """Whether a word in lower case is an ordinary English one; the names of many people and places
    are."""
    return word in _words()


@lru_cache(maxsize=1 << 16)
def is_misprint(left: str, right: str) -> bool:
    """Whether one of two different words in lower case is most likely the other, misprinted.

    "goverment" and "government" are. Two ordinary words never are ("fund" and "find"), nor a word
    and its own form ("zorbs" and "zorb"), nor words that begin with different letters.
    """
    short, long = sorted((left, right), key=len)
    if not (left.isalpha() and right.isalpha()):
        return False
    known = is_word(left) + is_word(right)
    is_cut = is_word(long) and not is_word(short)  # "threatene"
    if known == 2 or (_is_inflection(short, long) and not is_cut):
        return False
    distance = OSA.distance(left, right, score_cutoff=2)
    if distance == 1 and sorted(left) == sorted(right):  # swapped
        return len(long) >= _SHORTEST - 1
    if left[0] != right[0]:
        return False
    if distance == 2:
        return bool(known) and len(short) >= _LONG
    return distance == 1 and len(long) >= (_SHORTEST if known else _SHORTEST_UNKNOWN)


def _is_inflection(short: str, long: str) -> bool:
    """ "zorbed" of "zorb"; "zorbed" and "zorbes"."""
    if long.startswith(short):
        return long[len(short) :] in _ENDINGS
    return (
        len(short) == len(long)
        and short[:-1] == long[:-1]
        and {short[-1], long[-1]} <= _LAST_LETTERS
    )


@cache
def _words() -> frozenset[str]:
    source = files("quotedex") / "lexicons" / "words.txt.gz"
    lines = gzip.decompress(source.read_bytes()).decode("ascii").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


@cache
def _variants() -> dict[str, str]:
    source = files("quotedex") / "lexicons" / "spelling.toml"
    tables = tomllib.loads(source.read_text(encoding="utf-8"))
    found = dict(pair.split(":") for pair in tables["others"]["words"].split())
    for pattern in tables["pattern"]:
        for word in pattern["words"].split():
            before, _, after = word.rpartition(pattern["british"])
            found[word] = f"{before}{pattern['american']}{after}"
    return found
