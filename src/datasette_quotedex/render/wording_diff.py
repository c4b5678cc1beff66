"""How the copies of a statement differ: each wording compared with the longest."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

MAX_WORDS = 1500
"""Comparing two texts takes quadratic time."""

Change = Literal["same", "removed", "added"]


@dataclass(frozen=True, slots=True)
class Wording:
    """One wording and the articles that print it, earliest first.

    `changes` are pieces of text in order: words that this wording shares with the longest, words
    `removed` from that, and words `added` to it. Empty for the longest itself, and for texts that
    are too long to compare.
    """

    text: str
    printings: tuple[Mapping[str, Any], ...]
    is_longest: bool
    changes: tuple[tuple[Change, str], ...] = ()
    words_removed: int = 0
    words_added: int = 0

    @property
    def summary(self) -> str:
        """`2 words shorter`."""
        if self.is_longest:
            return "Longest wording"
        if not self.changes:
            return "Too long to compare"
        if not self.words_added:
            return f"{_count_of_words(self.words_removed)} shorter"
        if not self.words_removed:
            return f"{_count_of_words(self.words_added)} added"
        removed, added = _count_of_words(self.words_removed), f"{self.words_added:,}"
        return f"{removed} left out, {added} added"

    @property
    def is_shortened(self) -> bool:
        """Whether words were removed and none added."""
        return bool(self.changes) and not self.words_added and self.words_removed > 0


def compare_wordings(printings: Sequence[Mapping[str, Any]]) -> list[Wording]:
    """The wordings of `printings` (rows with "text"), in the order in which they first appear.

    Texts that differ only in letter case, quotation marks and punctuation are one wording.
    """
    groups: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for printing in printings:
        groups.setdefault(_normalized(_split(printing["text"])), []).append(printing)
    if not groups:
        return []
    longest = max(groups, key=len)
    wordings = []
    for words, rows in groups.items():
        text = rows[0]["text"]
        if words == longest:
            wordings.append(Wording(text, tuple(rows), is_longest=True))
        elif max(len(words), len(longest)) > MAX_WORDS:
            wordings.append(Wording(text, tuple(rows), is_longest=False))
        else:
            changes = diff_words(groups[longest][0]["text"], text)
            removed, added = (_count_words(changes, kind) for kind in ("removed", "added"))
            wordings.append(Wording(text, tuple(rows), False, changes, removed, added))
    return wordings


def diff_words(longest: str, other: str) -> tuple[tuple[Change, str], ...]:
    """("We will not sell", "We will sell") -> (("same", "We will"), ("removed", "not"), ...)."""
    before, after = _split(longest), _split(other)
    matcher = SequenceMatcher(None, _normalized(before), _normalized(after), autojunk=False)
    changes: list[tuple[Change, str]] = []
    for kind, low, high, first, last in matcher.get_opcodes():
        if kind == "equal":
            changes.append(("same", " ".join(after[first:last])))
            continue
        if high > low:
            changes.append(("removed", " ".join(before[low:high])))
        if last > first:
            changes.append(("added", " ".join(after[first:last])))
    return tuple(changes)


def _split(text: str) -> list[str]:
    """The words; a mark that stands alone, such as a dash, is joined to the word before it."""
    words: list[str] = []
    for word in text.split():
        if words and not _LETTERS.search(word):
            words[-1] += f" {word}"
        else:
            words.append(word)
    return words


def _normalized(words: list[str]) -> tuple[str, ...]:
    return tuple("".join(_LETTERS.findall(word)).casefold() for word in words)


def _count_words(changes: Sequence[tuple[Change, str]], kind: str) -> int:
    return sum(len(_split(text)) for change, text in changes if change == kind)


def _count_of_words(number: int) -> str:
    return f"{number:,} word{'' if number == 1 else 's'}"


_LETTERS = re.compile(r"\w+")
