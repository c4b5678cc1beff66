"""Values on their way into the file: storable text, lists of ids, forms of a name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

_WORD = re.compile(r"[^\W_]+")
_POSSESSIVE = re.compile("['\N{RIGHT SINGLE QUOTATION MARK}]s?$")
_SMALL_WORDS = frozenset({"a", "an", "and", "at", "for", "in", "of", "on", "the", "to"})
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def storable(text: str) -> str:
    """The text without characters that SQLite cannot hold or count, at the same length.

    NUL ends a text for SQL's length() and substr(); half of a surrogate pair has no UTF-8.
    """
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def one_line(text: str) -> str:
    """ "Ada\n Okafor" -> "Ada Okafor": names run over the ends of lines."""
    return " ".join(text.split())


def id_list(ids: Iterable[int]) -> str:
    """Ids as JSON for `json_each`, sorted so that the file does not depend on a set's order."""
    return json.dumps(sorted(ids))


def name_form(mention: str | None, name: str, kind: str) -> str | None:
    """The mention as a form of the speaker's name; None for "he" and "the senator".

    "Ms Okafor’s" is a form of Ada Okafor, "Ms Okafor", and "DOT" one of Department of Transport.
    "one of the DOT officials" and "Okafor aides" are others.
    """
    if mention is None or kind == "anonymous":
        return None
    form = _POSSESSIVE.sub("", one_line(mention))
    words = _WORD.findall(form)
    in_name = {word.casefold() for word in _WORD.findall(name)}
    if any(word.islower() and word not in in_name | _SMALL_WORDS for word in words):
        return None
    capitalized = {word.casefold() for word in words if word[0].isupper()}
    if capitalized & in_name - _SMALL_WORDS or _is_acronym(form, name):
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
