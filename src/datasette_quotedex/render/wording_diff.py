"""How the copies of a statement differ: each wording once, beside the fullest."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

MOST_WORDS = 1500
"""Comparing takes time in the square of this."""

Change = Literal["same", "out", "in"]


@dataclass(frozen=True, slots=True)
class Wording:
    """One wording and who printed it, the earliest first.

    `changes` are runs of text beside the fullest wording: what both have, what this leaves `out`,
    what it puts `in`; empty for the fullest itself, and for what is too long to compare.
    """

    text: str
    printings: tuple[Mapping[str, Any], ...]
    fullest: bool
    changes: tuple[tuple[Change, str], ...] = ()
    words_out: int = 0
    words_in: int = 0

    @property
    def verdict(self) -> str:
        """What was done to the fullest wording, in words."""
        if self.fullest:
            return "the fullest wording"
        if not self.changes:
            return "too long to compare"
        if not self.words_in:
            return f"shortened by {_words(self.words_out)}"
        if not self.words_out:
            return f"{_words(self.words_in)} more"
        return f"{_words(self.words_out)} left out, {_words(self.words_in)} put in"

    @property
    def shortened(self) -> bool:
        return bool(self.changes) and not self.words_in and self.words_out > 0


def wordings(printings: Sequence[Mapping[str, Any]]) -> list[Wording]:
    """The wordings of `printings` (rows with "text"), in the order in which they first appear.

    Letter case, quotation marks and punctuation make no wording of their own.
    """
    groups: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for printing in printings:
        groups.setdefault(_plain(_split(printing["text"])), []).append(printing)
    if not groups:
        return []
    fullest = max(groups, key=len)
    found = []
    for plain, rows in groups.items():
        text = rows[0]["text"]
        if plain == fullest:
            found.append(Wording(text, tuple(rows), fullest=True))
        elif max(len(plain), len(fullest)) > MOST_WORDS:
            found.append(Wording(text, tuple(rows), fullest=False))
        else:
            changes = difference(groups[fullest][0]["text"], text)
            out, put = (_count(changes, kind) for kind in ("out", "in"))
            found.append(Wording(text, tuple(rows), False, changes, out, put))
    return found


def difference(full: str, other: str) -> tuple[tuple[Change, str], ...]:
    """`("We will not sell", "We will sell")` -> `(("same", "We will"), ("out", "not"), …)`."""
    before, after = _split(full), _split(other)
    matcher = SequenceMatcher(None, _plain(before), _plain(after), autojunk=False)
    changes: list[tuple[Change, str]] = []
    for kind, low, high, first, last in matcher.get_opcodes():
        if kind == "equal":
            changes.append(("same", " ".join(after[first:last])))
            continue
        if high > low:
            changes.append(("out", " ".join(before[low:high])))
        if last > first:
            changes.append(("in", " ".join(after[first:last])))
    return tuple(changes)


def _split(text: str) -> list[str]:
    """Its words; marks that stand alone, such as a dash, go with the word before them."""
    words: list[str] = []
    for word in text.split():
        if words and not _LETTERS.search(word):
            words[-1] += f" {word}"
        else:
            words.append(word)
    return words


def _plain(words: list[str]) -> tuple[str, ...]:
    return tuple("".join(_LETTERS.findall(word)).casefold() for word in words)


def _count(changes: Sequence[tuple[Change, str]], kind: str) -> int:
    return sum(len(_split(text)) for change, text in changes if change == kind)


def _words(number: int) -> str:
    return f"{number:,} word{'' if number == 1 else 's'}"


_LETTERS = re.compile(r"\w+")
