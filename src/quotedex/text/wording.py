"""The wording of a quotation without letter case, punctuation and spelling variants.

Two quotations with the same normalized wording are the same words printed twice.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from unicodedata import combining, normalize

from quotedex.text.marks import LEFT_SINGLE, RIGHT_SINGLE
from quotedex.text.spelling import american

ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
CURRENCIES = {"$": "dollars", "£": "pounds", "€": "euros"}
_ELLIPSIS = re.compile(f"\\[?(?:{ELLIPSIS}|\\.\\s?\\.\\s?\\.)\\]?")
_APOSTROPHE = re.compile(
    f"[`{LEFT_SINGLE}{RIGHT_SINGLE}\N{ACUTE ACCENT}\N{PRIME}\N{MODIFIER LETTER APOSTROPHE}]"
)
# Marks that are read aloud: "2,000", "-5", "5%", "Smith & Sons".
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_MINUS = re.compile(r"(?<!\S)[-\N{MINUS SIGN}](?=\d)")
_READ_ALOUD = (("%", " percent "), ("&", " and "))
_WORD = re.compile(
    rf"\d+(?:[.:]\d+)+|[^\W_]+(?:'[^\W_]+)*|{ELLIPSIS}|[{''.join(CURRENCIES)}](?=\d)"
)


def normalized_wording(text: str) -> str:
    """The words alone, in lower case and one spelling: "We’ll  organise," -> "we'll organize".

    An ellipsis stays, and so do a decimal point and the sign of a currency: "$2.50" -> "$ 2.50". A
    text without words is returned as it is.
    """
    plain = _APOSTROPHE.sub("'", text.casefold())
    if not plain.isascii():
        plain = "".join(c for c in normalize("NFKD", plain) if not combining(c))
    plain = _MINUS.sub("minus ", _THOUSANDS.sub("", _ELLIPSIS.sub(ELLIPSIS, plain)))
    for mark, name in _READ_ALOUD:
        plain = plain.replace(mark, name)
    words = " ".join(map(american, _WORD.findall(plain)))
    return words if words.strip(f"{ELLIPSIS} ") else text


def content_words(words: Sequence[str]) -> list[str]:
    """The words that are not among the most common ones of English.

    None of "I don't know what to say"; "roof" and "risks" of "there are roof risks as well".
    """
    return [word for word in words if word not in _common_words()]


def words_of(wording: str) -> list[str]:
    """The words of a normalized wording, without its ellipses."""
    return [word for word in wording.split() if word != ELLIPSIS]


def word_count(wording: str) -> int:
    """The number of words in a normalized wording."""
    return len(words_of(wording))


def stable_hash(words: str) -> int:
    """A number from 0 to 2**63 - 1, the same in every process; it fits into a SQLite integer."""
    return int.from_bytes(blake2b(words.encode(), digest_size=8).digest()) >> 1


@cache
def _common_words() -> frozenset[str]:
    source = files("quotedex") / "lexicons" / "common_words.toml"
    words = tomllib.loads(source.read_text(encoding="utf-8"))["common"].split()
    return frozenset(map(american, words))
