"""The words of a wording with short forms written out and numbers in figures.

"we can't pay two thousand" and "we cannot pay 2,000" have the same plain words.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files
from itertools import zip_longest

from quotedex.text.wording import CURRENCIES, words_of

_FIGURE = re.compile(r"0|[1-9]\d{0,17}(?:\.\d{1,9})?|0\.\d{1,9}")

_ONLY_LETTERS = re.compile(r"[a-z \N{HORIZONTAL ELLIPSIS}]*")
_HAS_AMOUNT = frozenset({"per", *CURRENCIES})


@lru_cache(maxsize=4096)
def plain_words(wording: str) -> tuple[str, ...]:
    """The plain words of a normalized wording, without its ellipses.

    "'s" and "'d" are written out where the next word tells what they stand for.
    """
    words = words_of(wording)
    if _ONLY_LETTERS.fullmatch(wording) and _rules().rewritten.isdisjoint(words):
        return tuple(words)
    whole = [
        part
        for word, following in zip_longest(words, words[1:], fillvalue="")
        for part in (_written_out(word, following) if "'" in word else _whole_form(word))
    ]
    words = list(_with_figures(whole))
    return tuple(_with_amounts(words) if _HAS_AMOUNT.intersection(words) else words)


@dataclass(frozen=True, slots=True)
class _Rules:
    whole: Mapping[str, tuple[str, ...]]
    endings: Mapping[str, str]
    is_or_has: frozenset[str]
    has: frozenset[str]
    would_or_had: frozenset[str]
    had: frozenset[str]
    rewritten: frozenset[str]
    first_of_number: frozenset[str]
    ones: Mapping[str, int]
    tens: Mapping[str, int]
    scales: Mapping[str, int]


@cache
def _rules() -> _Rules:
    source = files("quotedex") / "lexicons" / "statements.toml"
    data = tomllib.loads(source.read_text(encoding="utf-8"))
    short, numbers = data["contractions"], data["numbers"]

    def words(name: str) -> frozenset[str]:
        return frozenset(short[name].split())

    def pairs(text: str) -> dict[str, str]:
        return dict(pair.split(":") for pair in text.split())

    ones = {word: value for value, word in enumerate(numbers["ones"].split())}
    tens = {word: 10 * value for value, word in enumerate(numbers["tens"].split(), 2)}
    ordinals = {figure: (word,) for figure, word in pairs(numbers["ordinals"]).items()}
    whole = {word: tuple(long.split("_")) for word, long in pairs(short["whole"]).items()}
    return _Rules(
        whole=whole | ordinals,
        endings=pairs(short["endings"]),
        is_or_has=words("is_or_has"),
        has=words("has"),
        would_or_had=words("would_or_had"),
        had=words("had"),
        rewritten=frozenset({*whole, *ones, *tens, "hundred", *pairs(numbers["scales"]), "per"}),
        first_of_number=frozenset({"a", *ones, *tens}),
        ones=ones,
        tens=tens,
        scales={word: int(value) for word, value in pairs(numbers["scales"]).items()},
    )


def _whole_form(word: str) -> tuple[str, ...]:
    return _rules().whole.get(word) or (word,)


def _written_out(word: str, following: str) -> tuple[str, ...]:
    """ "they're" -> "they", "are"; "mayor's" stays."""
    rules = _rules()
    if word in rules.whole:
        return rules.whole[word]
    for ending, long in rules.endings.items():
        if word.endswith(ending) and len(word) > len(ending):
            return word[: -len(ending)], long
    base, _, ending = word.rpartition("'")
    if ending == "s" and base in rules.is_or_has:
        return base, "has" if following in rules.has else "is"
    if ending == "d" and base in rules.would_or_had:
        is_past = following.endswith("ed") and not following.endswith("eed")
        return base, "had" if following in rules.had or is_past else "would"
    return (word,)


def _with_figures(words: Sequence[str]) -> Iterator[str]:
    """ "two hundred and five" -> "205", "2.5 million" -> "2500000"."""
    first = _rules().first_of_number
    at = 0
    while at < len(words):
        word, end = words[at], at
        if word in first or word[0].isdigit():
            value, end = _number(words, at)
            word = word if value is None else f"{value.normalize():f}"
        yield word
        at = max(end, at + 1)


def _number(words: Sequence[str], at: int) -> tuple[Decimal | None, int]:
    """The number that begins at a word, and the index behind it; None where none begins."""
    scales = _rules().scales
    value, end = _below_thousand(words, at)
    if value is None:
        return None, at
    total, above = Decimal(0), Decimal(10) ** 15
    while end < len(words) and Decimal(scales.get(words[end], above)) < above:
        above = Decimal(scales[words[end]])
        total += value * above
        rest, after = _below_thousand(words, _behind_and(words, end + 1))
        if rest is None or words[after - 1].isdigit():
            return total, end + 1
        value, end = rest, after
    return total + value, end


def _below_thousand(words: Sequence[str], at: int) -> tuple[Decimal | None, int]:
    """A number up to 999 in words, or any number in figures; "a" counts before "hundred"."""
    rules = _rules()
    word, following = (*words[at : at + 2], "", "")[:2]
    value: Decimal | None
    if _FIGURE.fullmatch(word):
        value, end = Decimal(word), at + 1
    elif word == "a" and (following == "hundred" or following in rules.scales):
        value, end = Decimal(1), at + 1
    else:
        value, end = _below_hundred(words, at)
    if value is None or words[end : end + 1] != ["hundred"]:
        return value, end
    rest, after = _below_hundred(words, _behind_and(words, end + 1))
    return (value * 100, end + 1) if rest is None else (value * 100 + rest, after)


def _below_hundred(words: Sequence[str], at: int) -> tuple[Decimal | None, int]:
    """ "seven", "twenty five"."""
    rules = _rules()
    word, following = (*words[at : at + 2], "", "")[:2]
    if word in rules.tens:
        one = rules.ones.get(following, 0)
        is_one = 0 < one < 10
        return Decimal(rules.tens[word] + one * is_one), at + 1 + is_one
    return (Decimal(rules.ones[word]), at + 1) if word in rules.ones else (None, at)


def _behind_and(words: Sequence[str], at: int) -> int:
    return at + (words[at : at + 1] == ["and"])


def _with_amounts(words: Sequence[str]) -> Iterator[str]:
    """ "$ 500" -> "500 dollars"; "per cent" -> "percent"."""
    at = 0
    while at < len(words):
        if words[at] in CURRENCIES and at + 1 < len(words):
            yield from (words[at + 1], CURRENCIES[words[at]])
            at += 2
        elif words[at : at + 2] == ["per", "cent"]:
            yield "percent"
            at += 2
        else:
            yield words[at]
            at += 1
