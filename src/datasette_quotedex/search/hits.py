"""A hit of a search: one quotation, and which of its words matched."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from datasette_quotedex import confidence

CONTEXT_CHARS = 160
"""Characters of the article shown on each side of a quotation."""

MAX_LISTED_CHARS = 1500
"""Characters of one quotation in a list; its own page shows all of it."""

MarkedText = tuple[tuple[str, bool], ...]
"""Pieces of a text in order; True for those that matched."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One quotation of a search.

    `id` joins it with other tables of its file; `key` names it in any file. `before` and `after`
    are the words around it in its paragraph, `opening` is the beginning of the article.
    `first_indexed` is the time at which the file had it first. `marked`, `marked_speaker` and
    `marked_title` say which words matched. `rank` orders hits by relevance, smallest first; None if
    they are not ranked. `quote_count` and `article_count` are those of the statement.
    """

    id: int
    key: str
    text: str
    kind: str
    before: str
    after: str
    mention: str | None
    cue: str | None
    confidence: float | None
    published: str | None
    first_indexed: str
    speaker_key: str | None
    speaker: str | None
    speaker_label: str | None
    speaker_kind: str | None
    speaker_description: str | None
    article_key: str
    title: str | None
    opening: str
    outlet: str | None
    location: str | None
    url: str | None
    repeats_key: str | None
    statement_key: str
    quote_count: int
    article_count: int
    rank: float | None
    marked: MarkedText
    marked_speaker: MarkedText
    marked_title: MarkedText

    @property
    def shown(self) -> MarkedText:
        """`marked`, or if it is too long for a list, the part around the first match."""
        return _excerpt(self.marked)

    @property
    def confidence_level(self) -> str | None:
        """How sure the program is, in a word."""
        return confidence.level(self.confidence)

    @property
    def matched(self) -> str | None:
        """Where the search found its words: in the "words" of the quotation, in the name of its
        "speaker", or in the "headline" alone; None without words to search for."""
        marks = {
            "words": self.marked,
            "speaker": self.marked_speaker,
            "headline": self.marked_title,
        }
        return next((name for name, text in marks.items() if any(m for _, m in text)), None)

    @property
    def leading(self) -> str:
        """`before` and the space that the page needs after it."""
        return f"{self.before} " if self.before and self.before[-1] not in _OPENING else self.before

    @property
    def trailing(self) -> str:
        """The space that the page needs before `after`, and that."""
        return f" {self.after}" if self.after and self.after[0] not in _CLOSING else self.after

    @property
    def speaker_shown(self) -> str | None:
        """The name, and for speakers of one name what tells them apart. An anonymous source is told
        by its article, which stands next to it."""
        return self.speaker if self.speaker_kind == "anonymous" else self.speaker_label

    def to_dict(self) -> dict[str, Any]:
        """The hit as JSON values; `matches` are offsets into `text`, [start, end)."""
        matches, position = [], 0
        for text, matched in self.marked:
            if matched:
                matches.append([position, position + len(text)])
            position += len(text)
        speaker = {
            "key": self.speaker_key,
            "name": self.speaker,
            "label": self.speaker_label,
            "kind": self.speaker_kind,
            "description": self.speaker_description,
        }
        return {
            **{name: getattr(self, name) for name in _JSON_FIELDS},
            "confidence_level": self.confidence_level,
            "matched": self.matched,
            "matches": matches,
            "speaker": speaker if self.speaker_key else None,
            "article": {
                "key": self.article_key,
                "title": self.title,
                "outlet": self.outlet,
                "location": self.location,
                "url": self.url,
            },
            "statement": {
                "key": self.statement_key,
                "quote_count": self.quote_count,
                "article_count": self.article_count,
            },
            "repeats_key": self.repeats_key,
        }

    def to_row(self) -> dict[str, Any]:
        """The hit as a row of EXPORT_COLUMNS."""
        names = {f"statement_{name}": name for name in ("quote_count", "article_count")}
        return {name: getattr(self, names.get(name, name)) for name in EXPORT_COLUMNS}


EXPORT_COLUMNS = (
    *("key", "text", "kind", "speaker", "speaker_kind", "speaker_description"),
    *("mention", "cue", "confidence", "published", "title", "outlet", "location", "url"),
    *("speaker_key", "article_key", "repeats_key"),
    *("confidence_level", "statement_key", "statement_quote_count", "statement_article_count"),
)
"""The columns of a search as CSV, on the site and in the terminal."""

_JSON_FIELDS = (
    *("key", "text", "kind", "before", "after"),
    *("mention", "cue", "confidence", "published", "first_indexed"),
)


_FIELDS = tuple(one.name for one in fields(Hit))


def hit_from_row(row: Mapping[str, Any]) -> Hit:
    """A row of `hits_query` as a Hit."""
    values = {key: row[key] for key in row.keys()}  # noqa: SIM118  (sqlite3.Row iterates values)
    for suffix, plain in (("", "text"), ("_speaker", "speaker"), ("_title", "title")):
        name = "marked" + suffix
        values[name] = _split_marked(values[name] or "", values[plain] or "")
    values["opening"] = values["opening"] or ""
    values["before"] = _context_before(values["before"] or "")
    values["after"] = _context_after(values["after"] or "")
    return Hit(**{name: values[name] for name in _FIELDS})


# FTS5 puts these around matches. U+FDD0 and U+FDD1 are noncharacters, which no text should
# contain. If one does, `_split_marked` notices that the text is not the stored one.
OPEN = "\ufdd0"
CLOSE = "\ufdd1"


def _split_marked(marked: str, plain: str) -> MarkedText:
    """Text with OPEN and CLOSE -> (("the ", False), ("rent", True), (" is high", False))."""
    if marked.replace(OPEN, "").replace(CLOSE, "") != plain:
        return ((plain, False),)
    pieces: list[tuple[str, bool]] = []
    for index, piece in enumerate(marked.split(OPEN)):
        inside, closed, rest = piece.partition(CLOSE) if index else ("", "", piece)
        if index and not closed:
            return ((plain, False),)
        pieces += [(inside, True), (rest, False)]
    return tuple((text, matched) for text, matched in pieces if text)


def _excerpt(pieces: MarkedText) -> MarkedText:
    """At most MAX_LISTED_CHARS characters, from a little before the first match."""
    if sum(len(text) for text, _ in pieces) <= MAX_LISTED_CHARS:
        return pieces
    unmatched = pieces[0][0] if not pieces[0][1] else ""
    first = max(0, len(unmatched) - CONTEXT_CHARS) if len(pieces) > 1 else 0
    excerpt: list[tuple[str, bool]] = [("…", False)] if first else []
    left, position = MAX_LISTED_CHARS, 0
    for text, matched in pieces:
        piece = text[max(0, first - position) :][:left]
        position += len(text)
        left -= len(piece)
        if piece:
            excerpt.append((piece, matched))
    return (*excerpt, ("…", False)) if not left else tuple(excerpt)


def _context_before(before: str) -> str:
    """The words before a quotation in its paragraph, cut between words, without its mark."""
    is_cut = len(before) >= CONTEXT_CHARS
    paragraph = before.rpartition("\n")[2]
    if is_cut and paragraph == before:
        paragraph = "…" + paragraph.partition(" ")[2]
    return _OWN_OPENING.sub("", paragraph).rstrip()


def _context_after(after: str) -> str:
    is_cut = len(after) >= CONTEXT_CHARS
    paragraph = after.partition("\n")[0]
    if is_cut and paragraph == after:
        paragraph = paragraph.rpartition(" ")[0] + "…"
    return _OWN_CLOSING.sub("", paragraph).lstrip()


_MARKS = "\"'“”‘’„«»"
_OPENING = "“‘„«(["
_CLOSING = "”’»)],.;:!?"
_OWN_OPENING = re.compile(rf"[{_MARKS}]\s*\Z")
# Not the opening mark of the next quotation, if this one has none to close it.
_OWN_CLOSING = re.compile(rf"\A(?:[{_MARKS}]|\s+[{_MARKS}](?=[\s.,;:!?)\]—–]|\Z))")
"""The quotation's own marks, which the page adds itself: one, since the next is that of
another."""
