"""`immigra*` in an index of word stems, which holds no word that begins so, only "immigr"."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing

_WORDS = "unicode61 remove_diacritics 2"
_STEMS = f"porter {_WORDS}"
"""The tokenizer of quote_search."""

_SUFFIXES = (
    *("s", "sses", "ies", "eed", "ed", "ing", "y", "e", "able", "ible", "al", "ance", "ence", "er"),
    *("ic", "ical", "ant", "ent", "ement", "ment", "ion", "ation", "ations", "ator", "ou", "ous"),
    *("ism", "ate", "iti", "ity", "ive", "ize", "izer", "ization", "alism", "ality", "ational"),
    *("tional", "icate", "ative", "alize", "ful", "fulness", "ness", "iveness", "ousness", "ivity"),
    *("bility", "ally", "ently", "ously", "ably", "ency", "ancy", "ology", "ll"),
)
"""What Porter's algorithm takes off or exchanges at the end of English words."""

_TAILS = sorted(
    {suffix[start:] for suffix in _SUFFIXES for start in range(len(suffix))},
    key=lambda tail: (len(tail), tail),
)
"""A beginning may break off inside a suffix: immigra|tion, authorit|y, happine|ss."""


_SHORTEST_STEM = 4
"""No language has "okative", but its stem "ok" would be found for `oka*`."""


def alternatives(text: str) -> list[tuple[str, bool]]:
    """What to look for where the last word of a text is only a beginning (True: as such).

    `immigra` -> [("immigra", True), ("immigral", False)]: all stems that begin like it, and the one
    that "immigral" would have and "immigrant", "immigrate" and "immigration" do have.
    `play` -> [("playe", True), ("play", False)]: FTS5 stems a beginning too, "play" to "plai" but
    "playe" to "play", with which the stem of "playground" begins.
    """
    if not text[-1:].isalpha():
        return [(text, True)]
    (beginning,) = _last_tokens([text], _WORDS)
    words = [text, text + "e", *(text + tail for tail in _TAILS)]
    stems = dict(zip(words, _last_tokens(words, _STEMS), strict=True))
    begins = text + "e" if stems[text + "e"] == beginning != stems[text] else text
    shorter: dict[str, str] = {}
    for word in words:
        long_enough = word == text or len(stems[word]) >= _SHORTEST_STEM
        if long_enough and not stems[word].startswith(stems[begins]):
            shorter.setdefault(stems[word], word)
    return [(begins, True), *((word, False) for word in shorter.values())]


def stem(word: str) -> str:
    """What the index holds for a word: "sanctuaries" -> "sanctuari"."""
    return _last_tokens([word], _STEMS)[0]


def _last_tokens(texts: Sequence[str], tokenizer: str) -> list[str]:
    """The last token of each text, by SQLite's own tokenizer: no second one to keep in step."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE VIRTUAL TABLE texts USING fts5(text, tokenize='{tokenizer}')")
        connection.execute("CREATE VIRTUAL TABLE tokens USING fts5vocab(texts, instance)")
        connection.executemany("INSERT INTO texts VALUES (?)", [(text,) for text in texts])
        rows = connection.execute("SELECT doc, term, max(offset) FROM tokens GROUP BY doc")
        last = {doc: term for doc, term, _ in rows}
    return [last.get(row, "") for row in range(1, len(texts) + 1)]
