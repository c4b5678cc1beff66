"""What is one: when two mentions are the same speaker and two quotations the same statement.

These are the rules that hold over articles. They are passed to `Store` as functions, so that
others can be put in their place; what they return is kept in the `key` columns.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import blake2b
from unicodedata import normalize

from quotedex.models import Extraction, Speaker

SpeakerKey = Callable[[Speaker, Extraction, int], str]
"""(speaker, the article that quotes it, that article's id) -> key; equal keys are one speaker."""

StatementKey = Callable[[str], str]
"""Words of a quotation -> key; equal keys are one statement."""


def speaker_key(speaker: Speaker, extraction: Extraction, article_id: int) -> str:
    """The name and kind. "a senior official" here is not "a senior official" elsewhere."""
    name = one_line(speaker.name)
    if speaker.kind == "anonymous":
        return f"anonymous in {article_id}: {name}"
    return f"{speaker.kind}: {name}"


def statement_key(text: str) -> str:
    """The words alone: "We’ll see," and "we'll see" are one statement, "well, see" is another."""
    plain = normalize("NFKC", text).casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    words = " ".join(_CONTRACTED.findall(plain))
    return blake2b((words or text).encode("utf-8", "replace"), digest_size=16).hexdigest()


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


def one_line(text: str) -> str:
    """ "Ada\n Okafor" -> "Ada Okafor": names run over the ends of lines."""
    return " ".join(text.split())


def _is_acronym(form: str, name: str) -> bool:
    """ "DOT", "D.O.T." and "the DOT" for "Department of Transport"."""
    letters = form.rpartition(" ")[2].replace(".", "")
    words = _WORD.findall(name)
    initials = {
        "".join(word[0] for word in words),
        "".join(word[0] for word in words if word[0].isupper()),
    }
    return len(letters) > 1 and letters.isupper() and letters in {i.upper() for i in initials}


_WORD = re.compile(r"[^\W_]+")
_CONTRACTED = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_POSSESSIVE = re.compile("['\N{RIGHT SINGLE QUOTATION MARK}]s?$")
_SMALL_WORDS = frozenset({"a", "an", "and", "at", "for", "in", "of", "on", "the", "to"})
