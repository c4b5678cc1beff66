"""Titles and appositions next to a name: what an article says somebody is.

"Ana Osei, 45, a retired plumber from Ashby, said", "Judge Osei", "the novelist Ana Osei",
"a police spokesman, Officer Ana Osei,", "Rep. Ana Osei (D-Ohio)".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from quotedex.extract.resolve.article import ParsedArticle
from quotedex.text.lexicon import implied_roles, lexicon, named_roles, vocabulary
from quotedex.text.marks import DOUBLE
from quotedex.text.names import given_names, normalize

if TYPE_CHECKING:
    from spacy.tokens import Token

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
_MODIFIERS = frozenset({"NOUN", "ADJ", "PROPN", "DET"})
_FINITE = frozenset({"VBD", "VBZ", "VBP", "MD"})
_RELATIVE = frozenset({"who", "whom", "whose", "which", "that", "where"})
_LAST_PHRASE = re.compile(r"(?:^|.*\b(?:and|by|from|to|with) )((?:an?|the|his|her|their|its)\b.*)")
# "Mayor Osei, who heads the union", but not "who told the mayor"
_OF_OFFICE = frozenset(
    {"captain", "chair", "coach", "direct", "edit", "found", "head", "lead", "manage", "own"}
    | {"represent", "run", "speak", "teach"}
)
_TIMES = re.compile(
    r"afternoon|autumn|beginning|day|end|evening|fall|hour|minute|moment|month|morning|night|season|"
    r"spring|start|summer|time|week|weekend|winter|year"
)
_DASH = re.compile(r" [-\N{EN DASH}\N{EM DASH}] ")
_EVENT_PREPOSITIONS = frozenset({"after", "at", "before", "during", "in", "on"})
_POINTS_BACK = re.compile(r"the (?:same|other|former|latter|first|second|last|one)\b[: ]*")
# What somebody once was to somebody or something: "was the victim of a hoax"
_EVENT = re.compile(
    r"the (?:cause|hero|last|loser|only|object|reason|source|subject|target|victim|winner) of\b"
)
_CALLED = re.compile(
    rf"(?:^|.*\s)((?:an?|another|one) [^,;.:\n{DOUBLE}]{{2,60}}) (?:called|named) $", re.IGNORECASE
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
    after = _apposition_after(line, article, end)
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


def _apposition_after(line: str, article: ParsedArticle, end: int) -> str:
    """ ", a retired plumber from Ashby, said" -> "a retired plumber from Ashby".

    `line` is the rest of the line behind the name, which ends at `end`, without age and party.
    """
    found = _APPOSITION.match(line)
    if found:
        words = _DASH.split(found.group(1), maxsplit=1)[0].strip()
        is_event = line.startswith(" was ") and _EVENT.match(words)
        return "" if is_event or _POINTS_BACK.fullmatch(words) else words
    bare = _APPOSITION_WITHOUT_ARTICLE.match(line)
    if (
        bare
        and implied_roles(_normalized_words(bare.group(1)))
        and not _has_given_name(bare.group(1))
    ):
        rest = line[bare.start(1) :]
        words = _APPOSITION_END.split(rest, maxsplit=1)[0].strip()
        return words if _can_describe(words, article, end) else ""
    return ""


def _can_describe(words: str, article: ParsedArticle, end: int) -> bool:
    """Whether words behind a name are no predicate ("stood by her man"), no place ("in the
    chair") and no clause that says what somebody did ("who told the mayor")."""
    at = article.text.find(words, end)
    if at < 0:
        return True
    first, *others = article.tokens_in(at, at + len(words))
    if first.tag_ in _FINITE:
        return False
    if first.lower_ == "who" and others:
        return others[0].tag_ in ("VBZ", "VBP") and others[0].lemma_ in _OF_OFFICE
    return first.pos_ != "ADP" or first.lower_ in ("of", "from")


def _has_given_name(words: str) -> bool:
    """Somebody else's title and name: "in Ashby, Mayor Ana Osei"."""
    return any(word[0].isupper() and normalize(word) in given_names() for word in words.split()[1:])


@lru_cache(maxsize=20_000)
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
    """ "police spokesman | Ana Osei", "A police spokesman, | Officer Ana Osei,", "a nurse called |
    Ana Osei"."""
    line = article.text[max(article.line_start(start), start - _CHARS_BEFORE) : start]
    apposition = _APPOSITION_BEFORE.search(line) if line.endswith(", ") else None
    if apposition:
        end = start - len(", ")
        words = _last_phrase(article, end - len(apposition.group(1)), end)
        return "" if _is_no_person(article, end - len(words), end) else words
    called = _CALLED.match(line) if line.lower().endswith(("called ", "named ")) else None
    if called and named_roles(_normalized_words(_before_preposition(called[1]))):
        return called[1]
    if not line.endswith(" "):
        return ""
    begin = max(_noun_phrase_start(article, start), start - len(line))
    return "" if _is_no_person(article, begin, start) else article.text[begin:start].strip()


def _noun_phrase_start(article: ParsedArticle, start: int) -> int:
    """Where the noun phrase right before a name begins; at the name itself if there is none."""
    last = first = article.token_at(start - 2)
    if last.pos_ != "NOUN":
        return start
    while first.i > 0 and (first.nbor(-1).pos_ in _MODIFIERS or _is_hyphenated(first)):
        first = first.nbor(-1)
        if first.pos_ == "DET" or first.idx < start - _CHARS_BEFORE:
            break
    if first.i > 0 and first.i < last.i and first.nbor(-1).text == "," and _is_said(first):
        first = first.nbor(1)
    return first.idx


def _is_hyphenated(token: Token) -> bool:
    """Whether a word or its hyphen stands right behind another: "front | - | runner"."""
    before = token.nbor(-1)
    return not before.whitespace_ and (before.text.endswith("-") or token.text.startswith("-"))


def _is_said(token: Token) -> bool:
    """ "He stole it, claims director Ana Osei": a verb of speech, not a part of the job."""
    verb = lexicon().cues.get(token.lower_)
    return verb is not None and verb != token.lower_


def _last_phrase(article: ParsedArticle, start: int, end: int) -> str:
    """The end of a clause that names somebody: "The captain beat | the mayor", "The two who stayed
    were Mr Osei and | the clerk". A phrase without a verb of its own is returned whole."""
    tokens = article.tokens_in(start, end)
    verbs = [token for token in tokens if token.tag_ in _FINITE]
    if len(verbs) <= sum(token.lower_ in _RELATIVE for token in tokens):
        return article.text[start:end]
    found = _LAST_PHRASE.fullmatch(article.text[verbs[-1].idx + len(verbs[-1]) : end].strip())
    return found.group(1) if found else ""


def _is_no_person(article: ParsedArticle, start: int, end: int) -> bool:
    """Whether words before a name are a time ("the next day") or, behind a preposition, a
    place or an event: "at the gate", "after a summit", "From the gallery,"."""
    tokens = [token for token in article.tokens_in(start, end) if token.is_alpha]
    if not tokens:
        return False
    noun = next((one for one in reversed(tokens) if one.pos_ in ("NOUN", "PROPN")), tokens[-1])
    before = tokens[0].nbor(-1) if tokens[0].i else None
    if _TIMES.fullmatch(noun.lower_) or noun.lower_ in vocabulary().calendar:
        return True
    return (
        before is not None
        and before.pos_ == "ADP"
        and (before.lower_ in _EVENT_PREPOSITIONS or before.text in ("From", "Near", "Outside"))
        and tokens[0].pos_ == "DET"
        and not named_roles(tuple(normalize(token.text) for token in tokens))
    )


@lru_cache(maxsize=20_000)
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
