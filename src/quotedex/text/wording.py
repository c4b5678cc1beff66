"""TODO."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.resources import files
from unicodedata import combining, normalize

_LEFT_OUT = "\N{HORIZONTAL ELLIPSIS}"
_ELLIPSIS = re.compile(f"\\[?(?:{_LEFT_OUT}|\\.\\s?\\.\\s?\\.)\\]?")
_APOSTROPHE = re.compile(
    "[`\N{RIGHT SINGLE QUOTATION MARK}\N{LEFT SINGLE QUOTATION MARK}\N{ACUTE ACCENT}\N{PRIME}"
    "\N{MODIFIER LETTER APOSTROPHE}]"
)
_WORD = re.compile(rf"[^\W_]+(?:'[^\W_]+)*|{_LEFT_OUT}")
# Applied to both copies: that "hour" becomes "hor" does no harm.
_SPELLINGS = (
    (re.compile(r"is(e[srd]?|ing|ation|ations)$"), r"iz\1"),
    (re.compile(r"our(s|ed|ing|able|ite|ites|hood|hoods)?$"), r"or\1"),
    (re.compile(r"tre(s?)$"), r"ter\1"),
    (re.compile(r"ll(ed|ing|er|ers)$"), r"l\1"),
    (re.compile(r"ogue(s?)$"), r"og\1"),
    (re.compile(r"ence(s?)$"), r"ense\1"),
)


def form(text: str) -> str:
    """Words alone, lower case, one spelling: "We’ll  organise ..." -> "we'll organize".

    An ellipsis between words stays. A text without words is its own form.
    """
    plain = _APOSTROPHE.sub("'", text.casefold())
    if not plain.isascii():
        plain = "".join(c for c in normalize("NFKD", plain) if not combining(c))
    plain = _ELLIPSIS.sub(_LEFT_OUT, plain)
    words = " ".join(map(_spelling, _WORD.findall(plain))).strip(f"{_LEFT_OUT} ")
    return words or text


def telling(words: Sequence[str]) -> list[str]:
    """Those of the words of a form that not everybody says.

    None of "I don't know what to say"; "roof" and "risks" of "there are roof risks as well".
    """
    return [word for word in words if word not in _common_words()]


def words_of(form: str) -> list[str]:
    """The words of a form, without the ellipses between them."""
    return [word for word in form.split() if word != _LEFT_OUT]


def length(form: str) -> int:
    """The number of words in a form."""
    return len(words_of(form))


@lru_cache(maxsize=1 << 16)
def _spelling(word: str) -> str:
    for pattern, american in _SPELLINGS:
        word = pattern.sub(american, word)
    return word


@cache
def _common_words() -> frozenset[str]:
    source = files("quotedex") / "lexicons" / "common_words.toml"
    words = tomllib.loads(source.read_text(encoding="utf-8"))["common"].split()
    return frozenset(map(_spelling, words))
