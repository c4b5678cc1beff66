"""Text as the file keeps it, and which of it is a form of a name."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W_]+")
_POSSESSIVE = re.compile("['\N{RIGHT SINGLE QUOTATION MARK}]s?$")
_SMALL_WORDS = frozenset({"a", "an", "and", "at", "for", "in", "of", "on", "the", "to"})
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def storable(text: str) -> str:
    """The text as SQLite can hold and count it, as long as before.

    NUL ends a text for SQL's length() and substr(); half of a surrogate pair has no UTF-8.
    """
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def one_line(text: str) -> str:
    """ "Ada\n Okafor" -> "Ada Okafor": names run over the ends of lines."""
    return " ".join(text.split())


def name_form(mention: str | None, name: str, kind: str) -> str | None:
    """The mention as a form of the speaker's name; None for "he", "the senator".

    "Ms Okafor’s" for Ada Okafor gives "Ms Okafor"; "DOT" for Department of Transport "DOT";
    "one of the DOT officials" and "Okafor aides" are other people.
    """
    if mention is None or kind == "anonymous":
        return None
    form = _POSSESSIVE.sub("", one_line(mention))
    words = _WORD.findall(form)
    named = {word.casefold() for word in _WORD.findall(name)}
    if any(word.islower() and word not in named | _SMALL_WORDS for word in words):
        return None
    capitals = {word.casefold() for word in words if word[0].isupper()}
    if capitals & named - _SMALL_WORDS or _is_acronym(form, name):
        return form
    return None


def _is_acronym(form: str, name: str) -> bool:
    """ "DOT", "D.O.T." and "the DOT" for "Department of Transport"."""
    letters = form.rpartition(" ")[2].replace(".", "")
    words = _WORD.findall(name)
    initials = {
        "".join(word[0] for word in words),
        "".join(word[0] for word in words if word[0].isupper()),
    }
    return len(letters) > 1 and letters.isupper() and letters in {i.upper() for i in initials}
