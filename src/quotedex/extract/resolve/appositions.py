"""What an article says somebody is, in the words beside the name.

"Ana Osei, 45, a retired plumber from Ashby, said", "Judge Osei", "the novelist Ana Osei",
"a police spokesman, Officer Ana Osei,", "Rep. Ana Osei (D-Ohio)".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from quotedex.extract.resolve.article import Page
from quotedex.text.lexicon import plain_roles, roles_of
from quotedex.text.names import fold, given_names

REACH = 400  # characters behind a name in which all that describes it stands
_AGE = re.compile(r"(?:,| \(|, aged?) ?(\d{1,3})(?=[,;)]|\.? *$| and\b)")
_PARENTHESIS = re.compile(r" \([^()\n]{1,40}\)")
_APPOSITION = re.compile(
    r"(?:,| \N{EM DASH}| -| is| was|, who is| \N{EN DASH}) "
    r"((?:now )?(?:an?|the|his|her|their|its|one of)\b[^,;.\n\"“”]{3,120})",
)
_BARE_APPOSITION = re.compile(
    r", ((?:[^\W\d_][\w'’-]*,? ){0,4}[^\W\d_]+)(?= (?:of|for|at|in|and|to)\b|[,.;])"
)
_FIRST_PREPOSITION = re.compile(r"\b(?:of|for|at|in|with|from|by|on|to|who|whose|that|which|as)\b")
_APPOSITION_BEFORE = re.compile(
    r"(?:^|[.;:,“”\"\n(] ?|\b(?:and|said|says|but|from|by) )"
    r"((?:an?|the|his|her|their|its|another)\b[^,;.:\n\"“”]{2,90}), $",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Portrait:
    """Roles are folded and include their broader words, `called` is those the article names;
    `words` are its own."""

    roles: frozenset[str]
    called: frozenset[str] = frozenset()
    words: str | None = None
    age: str | None = None


def portrait(page: Page, start: int, end: int, name_start: int) -> Portrait:
    """What stands around a name; `start` is where its titles begin, `name_start` the name."""
    title = page.text[start:name_start]
    line = page.text[end : min(page.line_end(end), end + REACH)]
    age = _AGE.match(line)
    line = line[age.end() :] if age else line
    line = line.removeprefix(")")
    line = _PARENTHESIS.sub("", line, count=1) if line.startswith(" (") else line
    before = _words_before(page, start)
    behind = _apposition(line)
    words = behind or f"{before} {title}".strip() or None
    roles = roles_of(_fold_all(title)) | _roles(before) | _roles(behind)
    called = plain_roles(_fold_all(f"{title} {_core(before)} {_core(behind)}"))
    return Portrait(roles, called, words, age.group(1) if age else None)


def _apposition(line: str) -> str:
    """ ", a retired plumber from Ashby, said" -> "a retired plumber from Ashby"."""
    found = _APPOSITION.match(line)
    if found:
        return found.group(1).strip()
    bare = _BARE_APPOSITION.match(line)
    if bare and roles_of(_fold_all(bare.group(1))) and not _has_given_name(bare.group(1)):
        rest = line[bare.start(1) :]
        return re.split(r"[,;.\n\"“”]", rest)[0].strip()
    return ""


def _has_given_name(words: str) -> bool:
    """Somebody else's title and name: "in Ashby, Mayor Ana Osei"."""
    return any(word[0].isupper() and fold(word) in given_names() for word in words.split()[1:])


def _fold_all(words: str) -> tuple[str, ...]:
    return tuple(fold(word.strip("(),")) for word in re.split(r"[\s-]+", words))


def _words_before(page: Page, start: int) -> str:
    """ "police spokesman | Ana Osei", "A police spokesman, | Officer Ana Osei,"."""
    line = page.text[max(page.line_start(start), start - 120) : start]
    apposition = _APPOSITION_BEFORE.search(line)
    if apposition:
        return apposition.group(1)
    if not line.endswith(" "):
        return ""
    last = first = page.token(start - 2)
    if last.pos_ != "NOUN":
        return ""
    while first.i > 0 and first.nbor(-1).pos_ in ("NOUN", "ADJ", "PROPN", "DET"):
        first = first.nbor(-1)
        if first.pos_ == "DET" or first.idx < start - len(line):
            break
    return page.text[max(first.idx, start - len(line)) : start].strip()


def _roles(words: str) -> frozenset[str]:
    """What the core of a description calls somebody, not what depends on it: "aide to the mayor".

    The last word counts even where the lexicon does not know it: "a retired bell-ringer".
    """
    folded = tuple(fold(word.strip("(),")) for word in _core(words).split())
    parts = tuple(part for word in folded for part in word.split("-"))
    return roles_of(parts) | frozenset(folded[-1:])


def _core(words: str) -> str:
    return _FIRST_PREPOSITION.split(words, maxsplit=1)[0]
