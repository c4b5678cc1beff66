"""The search language: turns what a reader types into a safe FTS5 expression and a few filters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from datasette_quotedex.search.letters import replace_letters
from datasette_quotedex.search.stems import expand_prefix

MAX_CHARS = 1000
"""Longer than any search that somebody types; FTS5 rejects very deep expressions."""

MAX_PREFIXES = 10
"""Each `prefix*` is looked up as many words."""

MAX_PHRASES = 10
"""For each, FTS5 compares the places of all its words, and does not heed a time limit meanwhile."""

MAX_ALTERNATIVES = 40
"""Words joined by OR. FTS5 goes through the quotations that have any of them."""

QUICK_PARTS = 3
"""A search with more prefixes, phrases and alternatives than this may take long."""

EXAMPLES = (
    ("rent freeze", "both words, in any order; also “freezes” and “freezing”"),
    ('"not for sale"', "this phrase; straight and curly quotation marks mean the same"),
    ("immigra*", "words that start with “immigra”"),
    ("budget -school", "“budget” but not “school”"),
    ("strike OR walkout", "either word"),
    ("speaker:mayor", "speakers with “mayor” in their name"),
    ('speaker:"Ana Okafor" rent', "what Ana Okafor said about rent"),
    ("outlet:herald", "outlets with “herald” in their name"),
    ("after:2024-03 before:2024-05", "articles published in March or April 2024"),
)
"""Searches for the help, and what each finds."""


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A search that has been parsed.

    `match` is an FTS5 expression over quotation, speaker and title, "" if any quotation will do;
    `exclude` is one that must not match. `words` is `match` with the words of phrases in any order,
    "" without phrases. The article's outlet must contain one of `outlets` (parts
    of names) and none of `excluded_outlets`. It must be published on `after` or later and earlier
    than `before`: ISO dates, or only a year or a month. `problem` is a sentence for the reader if
    the search is invalid; nothing can be searched for then.
    """

    given: str
    match: str = ""
    exclude: str = ""
    words: str = ""
    outlets: tuple[str, ...] = ()
    excluded_outlets: tuple[str, ...] = ()
    after: str | None = None
    before: str | None = None
    problem: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether the search asks for nothing, so that every quotation matches."""
        return not (self.match or self.exclude or self.limits_articles or self.problem)

    @property
    def limits_articles(self) -> bool:
        """Whether outlets or dates are given."""
        return bool(self.outlets or self.excluded_outlets or self.after or self.before)


def parse(given: str) -> SearchQuery:
    """Parse what a reader typed. Never raises; `SearchQuery.problem` says what is wrong."""
    given = _without_controls(given)
    try:
        return _compose(given, _groups(given)[0])
    except _ProblemError as problem:
        return SearchQuery(given, problem=str(problem))


def may_take_long(given: str) -> bool:
    """Whether a search has many prefixes, phrases and alternatives, so that FTS5 has much to do.

    Costs little, unlike `parse`, which looks up how FTS5 stems each prefix.
    """
    try:
        return _groups(_without_controls(given))[1] > QUICK_PARTS
    except _ProblemError:
        return False


@dataclass(frozen=True, slots=True)
class QueryWord:
    """A word that must occur in a text or, if it has a field, in a name: `given[start:end]`."""

    text: str
    start: int
    end: int
    field: str | None


def required_words(query: SearchQuery) -> list[QueryWord]:
    """The words that must occur, as typed; without prefixes, dates and words after a minus.

    `speaker:"Ana Okafr" rent -fre*` -> Ana and Okafr with the field speaker, rent without one.
    """
    words = []
    for match in _split_terms(query.given):
        field = match["field"].lower() if match["field"] else None
        name = "word" if match["word"] else "phrase"
        text = match[name] or ""
        is_whole = not (text.endswith("*") or match["phrase_prefix"] or match["negative"])
        if is_whole and field in (None, "speaker", "outlet") and text != "OR":
            start = match.start(name)
            words += [
                QueryWord(word[0], start + word.start(), start + word.end(), field)
                for word in re.finditer(r"\w+", text)
            ]
    return words


class _ProblemError(Exception):
    """A sentence for the reader about what is wrong with the search."""


@dataclass(frozen=True, slots=True)
class _Term:
    """One part of a search: `-speaker:"Ana Okafor"` is a negative phrase with a field."""

    text: str
    field: str | None = None
    is_prefix: bool = False
    is_negative: bool = False
    is_phrase: bool = False


_MARKS = (
    '"'
    "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}"
    "\N{DOUBLE LOW-9 QUOTATION MARK}\N{DOUBLE HIGH-REVERSED-9 QUOTATION MARK}"
    "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}"
    "\N{DOUBLE PRIME}\N{FULLWIDTH QUOTATION MARK}"
)
"""Any of these opens or closes a phrase, since keyboards and copied text mix them."""

_TERM = re.compile(
    rf"""
    (?P<negative>-(?=[^\s-]))?
    (?:(?P<field>speaker|outlet|before|after):)?
    (?:
        [{_MARKS}] (?P<phrase>[^{_MARKS}]*) (?P<closed>[{_MARKS}])? (?P<phrase_prefix>\*)?
      | (?P<word>[^\s{_MARKS}]+)
      | (?=\s|$)
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)

_MARKS_AND_SPACES = re.compile(r"[^\w*:]+")

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)


def _without_controls(given: str) -> str:
    """Without NUL, other control characters and lone surrogates, which SQLite rejects in text."""
    whole = given.encode("utf-8", "replace").decode("utf-8")
    return "".join(" " if unicodedata.category(c) == "Cc" else c for c in whole).strip()


def _split_terms(given: str) -> Iterator[re.Match[str]]:
    """`sanctuary "no cities" -speaker:smi*` -> a match of `_TERM` for each of the three terms."""
    position = 0
    while position < len(given):
        found = None if given[position].isspace() else _TERM.match(given, position)
        if found:
            yield found
        # Skip a space, or a minus that stands alone.
        position = max(found.end() if found else 0, position + 1)


def _term(found: re.Match[str]) -> _Term:
    field = found["field"].lower() if found["field"] else None
    is_negative = found["negative"] is not None
    if found["phrase"] is not None:
        if found["closed"] is None:
            start = _shorten(found["phrase"])
            raise _ProblemError(
                f"The phrase that begins with “{start}” has no closing quotation mark. "
                "Add one, or remove the opening mark."
                if start
                else "There is a quotation mark without a closing one. Add one, or remove it."
            )
        is_prefix = found["phrase_prefix"] is not None
        return _Term(found["phrase"].strip(), field, is_prefix, is_negative, is_phrase=True)
    word = found["word"] or ""
    if not word and field:
        raise _ProblemError(
            f"Type something directly after {field}:, as in {_FIELD_EXAMPLES[field]}."
        )
    return _Term(word.rstrip("*"), field, word.endswith("*"), is_negative)


def _with_plain_letters(term: _Term) -> _Term:
    """As the index has its words. Outlets are compared with the names as they are."""
    return term if term.field == "outlet" else replace(term, text=replace_letters(term.text))


_FIELD_EXAMPLES = {
    "speaker": "speaker:okafor",
    "outlet": "outlet:herald",
    "before": "before:2024-05-31",
    "after": "after:2024-05-31",
}


def _shorten(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 30 else text[:29].rstrip() + "…"


def _group_alternatives(terms: list[_Term]) -> list[list[_Term]]:
    """Terms joined by OR share a group: `tax cuts OR rises` -> [[tax], [cuts, rises]].

    An OR without a term on each side is a word of its own, as in "Portland, OR".
    """
    groups: list[list[_Term]] = []
    joined = False
    for index, term in enumerate(terms):
        if term == _Term("OR") and groups and not joined and index + 1 < len(terms):
            joined = True
        elif joined:
            groups[-1].append(term)
            joined = False
        else:
            groups.append([term])
    return groups


def _groups(given: str) -> tuple[list[list[_Term]], int]:
    """The terms, alternatives together, and the number of parts that cost FTS5 most."""
    if len(given) > MAX_CHARS:
        raise _ProblemError(f"A search can have at most {MAX_CHARS:,} characters.")
    terms = [_with_plain_letters(_term(found)) for found in _split_terms(given)]
    groups = _group_alternatives(terms)
    return groups, _count_parts(terms, groups)


def _count_parts(terms: list[_Term], groups: list[list[_Term]]) -> int:
    """How many prefixes, phrases and alternatives there are, each kind up to its limit."""
    prefixes = sum(term.is_prefix for term in terms)
    phrases = sum(term.is_phrase and len(term.text.split()) > 1 for term in terms)
    alternatives = sum(len(group) for group in groups if len(group) > 1)
    if prefixes > MAX_PREFIXES:
        raise _ProblemError(f"A search can use * on at most {MAX_PREFIXES} words.")
    if phrases > MAX_PHRASES:
        raise _ProblemError(f"A search can have at most {MAX_PHRASES} phrases.")
    if alternatives > MAX_ALTERNATIVES:
        raise _ProblemError(f"A search can join at most {MAX_ALTERNATIVES} words with OR.")
    return prefixes + phrases + alternatives


def _unique(expressions: list[str]) -> list[str]:
    """Each once: FTS5 would look up the same words again."""
    return list({_MARKS_AND_SPACES.sub(" ", text.lower()): text for text in expressions}.values())


def _compose(given: str, groups: list[list[_Term]]) -> SearchQuery:
    required: list[str] = []
    words: list[str] = []
    excluded: list[str] = []
    outlets: list[str] = []
    excluded_outlets: list[str] = []
    dates: dict[str, list[str]] = {"after": [], "before": []}
    for group in groups:
        fields = {term.field for term in group}
        if len(group) > 1:
            _check_alternatives(group)
        if fields == {"outlet"}:
            for term in group:
                (excluded_outlets if term.is_negative else outlets).append(_outlet(term))
        elif fields <= {"before", "after"} and fields:
            dates[str(group[0].field)].append(_date(group[0]))
        else:
            expressions = [_expression(term) for term in group if _has_letters(term)]
            if expressions:
                alternatives = " OR ".join(_unique(expressions))
                (excluded if group[0].is_negative else required).append(f"({alternatives})")
            if expressions and not group[0].is_negative:
                in_any_order = [_words(term) for term in group if _has_letters(term)]
                words.append(f"({' OR '.join(_unique(in_any_order))})")
    query = SearchQuery(
        given,
        match=" AND ".join(_unique(required)),
        exclude=" OR ".join(_unique(excluded)),
        words="" if words == required else " AND ".join(_unique(words)),
        outlets=tuple(outlets),
        excluded_outlets=tuple(excluded_outlets),
        after=max(dates["after"], default=None),
        before=min(dates["before"], default=None),
    )
    _check_query(query)
    return query


def _check_alternatives(group: list[_Term]) -> None:
    """Reject `cuts OR -rises` and `outlet:herald OR cuts`: it is unclear what they should find."""
    if any(term.is_negative for term in group):
        raise _ProblemError("OR cannot join words that have a minus.")
    fields = {term.field for term in group}
    if fields & {"before", "after"}:
        raise _ProblemError("OR cannot join dates. Use one after: and one before: instead.")
    if "outlet" in fields and len(fields) > 1:
        raise _ProblemError("OR can join two outlets, but not an outlet and a word.")


def _check_query(query: SearchQuery) -> None:
    if query.exclude and not query.match and not query.limits_articles:
        raise _ProblemError(
            "A minus only excludes quotations. Add a word that they should contain."
        )
    if query.given and query.is_empty:
        raise _ProblemError(
            f"“{_shorten(query.given)}” has no letter or digit to search for. "
            "Type a word or a name."
        )
    if query.after and query.before and query.after >= query.before:
        raise _ProblemError(
            f"No article is published from {query.after} on and also before {query.before}. "
            "Use the earlier date with after:."
        )


def _outlet(term: _Term) -> str:
    if not term.text:
        raise _ProblemError("Type a name directly after outlet:, as in outlet:herald.")
    return term.text


def _date(term: _Term) -> str:
    """`2024`, `2024-05` and `2024-05-31` are dates; `2024-13` and `May` are not."""
    if term.is_negative:
        raise _ProblemError("before: and after: cannot have a minus. Use the other one instead.")
    if _DATE.fullmatch(term.text):
        try:
            date.fromisoformat((term.text + "-01-01")[:10])
            return term.text
        except ValueError:
            pass
    raise _ProblemError(
        f"“{_shorten(term.text)}” is not a date. "
        f"Use {term.field}: with a date such as 2024-05-31, 2024-05 or 2024."
    )


def _has_letters(term: _Term) -> bool:
    """False for `&` or `—`, which have no token for FTS5; searching for them would find nothing."""
    if any(unicodedata.category(c)[0] in "LN" for c in term.text):
        return True
    if term.field:
        raise _ProblemError(
            f"The name after {term.field}: needs a letter or digit, "
            f"as in {_FIELD_EXAMPLES[term.field]}."
        )
    return False


def _expression(term: _Term) -> str:
    """`-speaker:"Ana Okafor"` -> `speaker : "Ana Okafor"`; a string keeps all syntax literal."""
    column = "speaker : " if term.field == "speaker" else ""
    if not term.is_prefix:
        return column + _string(term.text)
    words = [_string(text) + " *" * is_prefix for text, is_prefix in expand_prefix(term.text)]
    return column + (words[0] if len(words) == 1 else f"({' OR '.join(words)})")


def _words(term: _Term) -> str:
    """`"not for sale"` -> `("not" AND "for" AND "sale")`; as it is for a single word. The last word
    of a `"phrase pre"*` is left out."""
    texts = [text for text in term.text.split() if _has_letters(_Term(text))]
    if not term.is_phrase or len(texts) < 2:
        return _expression(term)
    column = "speaker : " if term.field == "speaker" else ""
    whole = texts[:-1] if term.is_prefix else texts
    return f"{column}({' AND '.join(map(_string, whole))})"


def _string(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
