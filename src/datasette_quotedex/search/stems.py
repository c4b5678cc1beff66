"""Prefix searches such as `immigra*` in an index of stems, which holds only "immigr"."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from functools import lru_cache

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
"""Endings of English words that Porter's algorithm removes or replaces."""

_TAILS = sorted(
    {suffix[start:] for suffix in _SUFFIXES for start in range(len(suffix))},
    key=lambda tail: (len(tail), tail),
)
"""A prefix may end inside a suffix: immigra|tion, authorit|y, happine|ss."""

_MIN_STEM_CHARS = 4
"""There is no word "okative", but its stem "ok" would match `oka*`."""


@lru_cache(maxsize=200)
def expand_prefix(text: str) -> list[tuple[str, bool]]:
    """Words to search for if the last word of a text is a prefix; True: with FTS5's `*`.

    `immigra` -> [("immigra", True), ("immigral", False)]: all stems with this prefix, and the stem
    of "immigral", which "immigrant", "immigrate" and "immigration" share.
    `play` -> [("playe", True), ("play", False)]: FTS5 stems prefixes as well, "play" to "plai" but
    "playe" to "play", the prefix of the stem of "playground".
    """
    if not text[-1:].isalpha():
        return [(text, True)]
    (token,) = _last_tokens([text], _WORDS)
    words = [text, text + "e", *(text + tail for tail in _TAILS)]
    stems = dict(zip(words, _last_tokens(words, _STEMS), strict=True))
    prefix = text + "e" if stems[text + "e"] == token != stems[text] else text
    shorter: dict[str, str] = {}
    for word in words:
        is_long_enough = word == text or len(stems[word]) >= _MIN_STEM_CHARS
        if is_long_enough and not stems[word].startswith(stems[prefix]):
            shorter.setdefault(stems[word], word)
    return [(prefix, True), *((word, False) for word in shorter.values())]


def stem(word: str) -> str:
    """The stem of a word, as the index holds it: "sanctuaries" -> "sanctuari"."""
    return _last_tokens([word], _STEMS)[0]


def _last_tokens(texts: Sequence[str], tokenizer: str) -> list[str]:
    """The last token of each text, from SQLite's own tokenizer, so that it equals the index."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE VIRTUAL TABLE texts USING fts5(text, tokenize='{tokenizer}')")
        connection.execute("CREATE VIRTUAL TABLE tokens USING fts5vocab(texts, instance)")
        connection.executemany("INSERT INTO texts VALUES (?)", [(text,) for text in texts])
        rows = connection.execute("SELECT doc, term, max(offset) FROM tokens GROUP BY doc")
        last = {doc: term for doc, term, _ in rows}
    return [last.get(row, "") for row in range(1, len(texts) + 1)]
