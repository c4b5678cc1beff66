"""The search language: what a reader types becomes a safe FTS5 expression and a few filters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from datasette_quotedex.search.stems import alternatives

MAX_LENGTH = 1000
"""Longer than any search somebody types; FTS5 refuses very deep expressions."""

MAX_PREFIXES = 10
"""Each is looked up as many words."""

EXAMPLES = (
    ("rent freeze", "quotations with both words, in any order; “freezes” and “freezing” count too"),
    ('"not for sale"', "these words side by side; straight and curly marks mean the same"),
    ("immigra*", "words that begin like this"),
    ("budget -school", "“budget” without “school”"),
    ("strike OR walkout", "either word"),
    ("speaker:mayor", "said by somebody with this word in the name"),
    ('speaker:"Ana Okafor" rent', "what Ana Okafor said about rent"),
    ("outlet:herald", "printed by an outlet with this in its name"),
    ("after:2024-03 before:2024-05", "published in March or April 2024"),
)
"""What the help shows: a search, and what it finds."""


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for.

    `match` is an FTS5 expression over quotation, speaker and title, "" when anything will do;
    `without` is one that must not match. An article must be of one of `outlets` (parts of names)
    and of none of `without_outlets`, and published on `after` or later and earlier than `before`
    (ISO dates, perhaps only a year or a month). `problem` is a sentence for the reader when the
    search makes no sense as typed; nothing is to be looked up then.
    """

    given: str
    match: str = ""
    without: str = ""
    outlets: tuple[str, ...] = ()
    without_outlets: tuple[str, ...] = ()
    after: str | None = None
    before: str | None = None
    problem: str | None = None

    @property
    def empty(self) -> bool:
        """True where nothing at all is asked for: every quotation will do."""
        return not (self.match or self.without or self.has_filters or self.problem)

    @property
    def has_filters(self) -> bool:
        return bool(self.outlets or self.without_outlets or self.after or self.before)


def parse(given: str) -> Query:
    """Read what somebody typed. Never raises; what cannot be meant is in `Query.problem`."""
    given = _printable(given)
    try:
        if len(given) > MAX_LENGTH:
            raise _ProblemError(f"Please search for no more than {MAX_LENGTH:,} characters.")
        terms = _terms(given)
        if sum(term.prefix for term in terms) > MAX_PREFIXES:
            raise _ProblemError(f"Please put a * behind no more than {MAX_PREFIXES} words.")
        return _compose(given, _group(terms))
    except _ProblemError as problem:
        return Query(given, problem=str(problem))


@dataclass(frozen=True, slots=True)
class Word:
    """A word to be found in a text or, with a field, in a name; it is `given[start:end]`."""

    text: str
    start: int
    end: int
    field: str | None


def words(query: Query) -> list[Word]:
    """The words that have to be there, as typed; none of a prefix, a date or behind a minus.

    `speaker:"Ana Okafr" rent -fre*` -> Ana and Okafr of a speaker, rent of anything.
    """
    found = []
    for match in _matches(query.given):
        field = match["field"].lower() if match["field"] else None
        name = "word" if match["word"] else "phrase"
        text = match[name] or ""
        whole = not (text.endswith("*") or match["phrase_prefix"] or match["negative"])
        if whole and field in (None, "speaker", "outlet") and text != "OR":
            start = match.start(name)
            found += [
                Word(one[0], start + one.start(), start + one.end(), field)
                for one in re.finditer(r"\w+", text)
            ]
    return found


class _ProblemError(Exception):
    """The sentence that tells the reader what is wrong with the search."""


@dataclass(frozen=True, slots=True)
class _Term:
    """One thing looked for: `-speaker:"Ana Okafor"` has all of its parts but `prefix`."""

    text: str
    field: str | None = None
    prefix: bool = False
    negative: bool = False
    quoted: bool = False


_MARKS = (
    '"'
    "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}"
    "\N{DOUBLE LOW-9 QUOTATION MARK}\N{DOUBLE HIGH-REVERSED-9 QUOTATION MARK}"
    "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}"
    "\N{DOUBLE PRIME}\N{FULLWIDTH QUOTATION MARK}"
)
"""Any of these opens a phrase, and any closes it: keyboards and copied text mix them."""

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

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)


def _printable(given: str) -> str:
    """Without NUL and other controls and half surrogates, which SQLite does not take as text."""
    whole = given.encode("utf-8", "replace").decode("utf-8")
    return "".join(" " if unicodedata.category(c) == "Cc" else c for c in whole).strip()


def _terms(given: str) -> list[_Term]:
    """`sanctuary "no cities" -speaker:smi*` -> its three terms."""
    return [_term(found) for found in _matches(given)]


def _matches(given: str) -> Iterator[re.Match[str]]:
    position = 0
    while position < len(given):
        found = None if given[position].isspace() else _TERM.match(given, position)
        if found:
            yield found
        # A space, or a lone minus before one, is passed over.
        position = max(found.end() if found else 0, position + 1)


def _term(found: re.Match[str]) -> _Term:
    field = found["field"].lower() if found["field"] else None
    negative = found["negative"] is not None
    if found["phrase"] is not None:
        if found["closed"] is None:
            start = _shortened(found["phrase"])
            raise _ProblemError(
                f"The quotation mark before “{start}” has no partner: "
                "close the phrase with a second mark, or leave the mark out."
                if start
                else "A quotation mark stands there without a partner: add one, or remove it."
            )
        return _Term(
            found["phrase"].strip(), field, found["phrase_prefix"] is not None, negative, True
        )
    word = found["word"] or ""
    if not word and field:
        raise _ProblemError(
            f"Something has to follow {field}: without a space, as in {_FIELD_EXAMPLES[field]}."
        )
    return _Term(word.rstrip("*"), field, word.endswith("*"), negative)


_FIELD_EXAMPLES = {
    "speaker": "speaker:okafor",
    "outlet": "outlet:herald",
    "before": "before:2024-05-31",
    "after": "after:2024-05-31",
}


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 30 else text[:29].rstrip() + "…"


def _group(terms: list[_Term]) -> list[list[_Term]]:
    """Terms joined by OR share a group: `tax cuts OR rises` -> [[tax], [cuts, rises]].

    An OR with nothing on one side is the word itself, as in "Portland, OR".
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


def _compose(given: str, groups: list[list[_Term]]) -> Query:
    wanted: list[str] = []
    without: list[str] = []
    outlets: list[str] = []
    without_outlets: list[str] = []
    dates: dict[str, list[str]] = {"after": [], "before": []}
    for group in groups:
        fields = {term.field for term in group}
        if len(group) > 1:
            _check_alternatives(group)
        if fields == {"outlet"}:
            for term in group:
                (without_outlets if term.negative else outlets).append(_outlet(term))
        elif fields <= {"before", "after"} and fields:
            dates[str(group[0].field)].append(_date(group[0]))
        else:
            expressions = [_expression(term) for term in group if _searchable(term)]
            if expressions:
                alternatives = " OR ".join(expressions)
                (without if group[0].negative else wanted).append(f"({alternatives})")
    query = Query(
        given,
        match=" AND ".join(wanted),
        without=" OR ".join(without),
        outlets=tuple(outlets),
        without_outlets=tuple(without_outlets),
        after=max(dates["after"], default=None),
        before=min(dates["before"], default=None),
    )
    _check_whole(query)
    return query


def _check_alternatives(group: list[_Term]) -> None:
    """`cuts OR -rises`, `outlet:herald OR cuts`: nobody can say what these would find."""
    if any(term.negative for term in group):
        raise _ProblemError("OR joins what you look for; it cannot join words with a minus.")
    fields = {term.field for term in group}
    if fields & {"before", "after"}:
        raise _ProblemError("OR cannot join dates; give one before: and one after: instead.")
    if "outlet" in fields and len(fields) > 1:
        raise _ProblemError("OR can join outlets with outlets, but not an outlet with words.")


def _check_whole(query: Query) -> None:
    if query.without and not query.match and not query.has_filters:
        raise _ProblemError(
            "A minus only leaves quotations out: add a word that they should contain."
        )
    if query.given and query.empty:
        raise _ProblemError(
            f"“{_shortened(query.given)}” has no letter or digit to look for: "
            "type a word or a name."
        )
    if query.after and query.before and query.after >= query.before:
        raise _ProblemError(
            f"Nothing can be published from {query.after} on and also before {query.before}: "
            "after: needs the earlier date."
        )


def _outlet(term: _Term) -> str:
    if not term.text:
        raise _ProblemError("The name after outlet: is empty, as in outlet:herald.")
    return term.text


def _date(term: _Term) -> str:
    """`2024`, `2024-05` and `2024-05-31` are dates; `2024-13` and `May` are not."""
    if term.negative:
        raise _ProblemError("before: and after: take no minus; use the other of the two instead.")
    if _DATE.fullmatch(term.text):
        try:
            date.fromisoformat((term.text + "-01-01")[:10])
            return term.text
        except ValueError:
            pass
    raise _ProblemError(
        f"{term.field}: takes a date such as 2024-05-31, 2024-05 or 2024, "
        f"which “{_shortened(term.text)}” is not."
    )


def _searchable(term: _Term) -> bool:
    """False for `&` or `—`, in which FTS5's tokenizer sees nothing; it would then find nothing."""
    if any(unicodedata.category(c)[0] in "LN" for c in term.text):
        return True
    if term.field:
        raise _ProblemError(
            f"The name after {term.field}: has no letter or digit to look for, "
            f"as in {_FIELD_EXAMPLES[term.field]}."
        )
    return False


def _expression(term: _Term) -> str:
    """`-speaker:"Ana Okafor"` -> `speaker : "Ana Okafor"`; a string keeps all syntax literal."""
    column = "speaker : " if term.field == "speaker" else ""
    if not term.prefix:
        return column + _string(term.text)
    words = [_string(text) + " *" * begins for text, begins in alternatives(term.text)]
    return column + (words[0] if len(words) == 1 else f"({' OR '.join(words)})")


def _string(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
