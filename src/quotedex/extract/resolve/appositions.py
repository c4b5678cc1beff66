"""Titles and appositions next to a name: what an article says somebody is.

"Ana Osei, 45, a retired plumber from Ashby, said", "Judge Osei", "the novelist Ana Osei",
"a police spokesman, Officer Ana Osei,", "Rep. Ana Osei (D-Ohio)".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from quotedex.extract.resolve.article import ParsedArticle
from quotedex.text.lexicon import implied_roles, lexicon, named_roles, vocabulary
from quotedex.text.marks import DOUBLE
from quotedex.text.names import given_names, normalize

_CHARS_BEFORE, _CHARS_AFTER = 120, 400  # around a name that are searched
_AGE = re.compile(r"(?:,| \(|, aged?) ?(\d{1,3})(?=[,;)]|\.? *$| and\b)")
_PARENTHESIS = re.compile(r" \([^()\n]{1,40}\)")
_APPOSITION = re.compile(
    r"(?:,| \N{EM DASH}| -| is| was|, who is| \N{EN DASH}) "
    rf"((?:now )?(?:an?|the|his|her|their|its|one of)\b[^,;.\n{DOUBLE}]{{3,120}})",
)
_APPOSITION_WITHOUT_ARTICLE = re.compile(
    r", ((?:[^\W\d_][\w'’-]*,? ){0,4}[^\W\d_]+)(?= (?:of|for|at|in|and|to)\b|[,.;])"
)
_OFFICE = re.compile(r"(?:(?:[^\W\d_a-z][\w’'-]* )*[^\W\d_][\w’'-]* (?:of|for) (?:the )?)+$")
_APPOSITION_END = re.compile(rf"[,;.\n{DOUBLE}]")
_PREPOSITION = re.compile(r"\b(?:of|for|at|in|with|from|by|on|to|who|whose|that|which|as)\b")
_APPOSITION_BEFORE = re.compile(
    rf"(?:^|[.;:,{DOUBLE}\n(] ?|\b(?:and|said|says|but|from|by) )"
    rf"((?:an?|the|his|her|their|its|another)\b[^,;.:\n{DOUBLE}]{{2,90}}), $",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Description:
    """What an article says about somebody next to the name.

    `roles` are normalized and include more general ones, `named_roles` only those that the article
    names. `text` is in the article's words; `age` is in years.
    """

    roles: frozenset[str]
    named_roles: frozenset[str] = frozenset()
    text: str | None = None
    age: str | None = None


def describe(article: ParsedArticle, start: int, end: int, name_start: int) -> Description:
    """The description of a name that ends at `end`; its titles begin at `start`, itself at
    `name_start`."""
    title = article.text[start:name_start]
    line = article.text[end : min(article.line_end(end), end + _CHARS_AFTER)]
    age = _AGE.match(line)
    line = line[age.end() :] if age else line
    line = line.removeprefix(")")
    line = _PARENTHESIS.sub("", line, count=1) if line.startswith(" (") else line
    before = _office_before(article, start, title) or _description_before(article, start)
    after = _apposition_after(line)
    text = after or _without_honorifics(f"{before} {title}") or None
    roles = implied_roles(_normalized_words(title)) | _roles(before) | _roles(after)
    named = named_roles(
        _normalized_words(f"{title} {_before_preposition(before)} {_before_preposition(after)}")
    )
    return Description(roles, named, text, age.group(1) if age else None)


def _without_honorifics(words: str) -> str:
    """Drops what belongs to the name behind: "the opposition leader | Sir", "coach | van den"."""
    known, kept = vocabulary(), words.split()
    while kept and normalize(kept[-1]) in known.courtesy | known.particles:
        kept.pop()
    if len(kept) > 1 and normalize(kept[-1]) in known.academic:
        kept.pop()
    return " ".join(kept)


def _apposition_after(line: str) -> str:
    """ ", a retired plumber from Ashby, said" -> "a retired plumber from Ashby"."""
    found = _APPOSITION.match(line)
    if found:
        return found.group(1).strip()
    bare = _APPOSITION_WITHOUT_ARTICLE.match(line)
    if (
        bare
        and implied_roles(_normalized_words(bare.group(1)))
        and not _has_given_name(bare.group(1))
    ):
        rest = line[bare.start(1) :]
        return _APPOSITION_END.split(rest, maxsplit=1)[0].strip()
    return ""


def _has_given_name(words: str) -> bool:
    """Somebody else's title and name: "in Ashby, Mayor Ana Osei"."""
    return any(word[0].isupper() and normalize(word) in given_names() for word in words.split()[1:])


def _normalized_words(words: str) -> tuple[str, ...]:
    return tuple(normalize(word.strip("(),")) for word in re.split(r"[\s-]+", words))


def _office_before(article: ParsedArticle, start: int, title: str) -> str:
    """ "Secretary of | State | Ana Osei", where the title is the end of an office."""
    last = _normalized_words(_without_honorifics(title))[-1]
    if not last or last in lexicon().titles or named_roles((last,)):
        return ""
    line = article.text[max(article.line_start(start), start - _CHARS_BEFORE) : start]
    office = _OFFICE.search(line)
    if office is None or not _roles(office.group()) & lexicon().roles.keys():
        return ""
    return office.group().rstrip()


def _description_before(article: ParsedArticle, start: int) -> str:
    """ "police spokesman | Ana Osei", "A police spokesman, | Officer Ana Osei,"."""
    line = article.text[max(article.line_start(start), start - _CHARS_BEFORE) : start]
    apposition = _APPOSITION_BEFORE.search(line)
    if apposition:
        return apposition.group(1)
    if not line.endswith(" "):
        return ""
    last = first = article.token_at(start - 2)
    if last.pos_ != "NOUN":
        return ""
    while first.i > 0 and first.nbor(-1).pos_ in ("NOUN", "ADJ", "PROPN", "DET"):
        first = first.nbor(-1)
        if first.pos_ == "DET" or first.idx < start - len(line):
            break
    return article.text[max(first.idx, start - len(line)) : start].strip()


def _roles(words: str) -> frozenset[str]:
    """The roles in a description, without those that depend on it: "aide" of "aide to the mayor".

    The last word counts even if the lexicon does not know it: "a retired bell-ringer".
    """
    normalized = tuple(normalize(word.strip("(),")) for word in _before_preposition(words).split())
    parts = tuple(part for word in normalized for part in word.split("-"))
    return implied_roles(parts) | frozenset(normalized[-1:])


def _before_preposition(words: str) -> str:
    """ "aide | to the mayor"."""
    return _PREPOSITION.split(words, maxsplit=1)[0]
