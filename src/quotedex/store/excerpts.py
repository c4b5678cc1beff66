"""Cut articles down to the words around their quotations, for texts that must not be reprinted."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator

from quotedex.text.edits import Edit, Layer, map_span, rewrite

LEFT_OUT = "[…]"


def shorten_articles(conn: sqlite3.Connection, words: int) -> None:
    """Cut the text of every article and adjust all offsets, within the caller's transaction.

    `words` is the number of words to keep on each side of a quotation. The metadata of articles is
    deleted, since a column of a table may repeat the text, and so is the evidence for linking,
    which cannot be checked against the text any more. What corrections have changed is not to be
    published.
    """
    for (article_id,) in conn.execute("SELECT id FROM articles").fetchall():
        _shorten_article(conn, article_id, words)
    for table in ("_link_evidence", "_choice_evidence", "_guesses", "_excerpts"):
        conn.execute(f"DELETE FROM {table}")
    conn.execute("INSERT INTO _excerpts (id, words) VALUES (1, ?)", (words,))


def excerpt_words(conn: sqlite3.Connection) -> int | None:
    """How many words around each quotation a file has; None if it has whole articles."""
    row = conn.execute("SELECT words FROM _excerpts").fetchone()
    return row and int(row[0])


def excerpt(
    text: str,
    quotations: Iterable[tuple[int, int]],
    parts: Iterable[tuple[int, int]],
    words: int,
) -> tuple[str, Layer]:
    """The text around quotations, and the layer with which `map_span` finds a span in it.

    `parts` are mentions and cues, which are kept wherever they are.

    `Rain fell. “We lost the bridge,” Mara Ilves said on Friday. Then it stopped.` with two words
    -> `Rain fell. “We lost the bridge,” Mara Ilves […]`.
    """
    kept = [_with_words(text, start, end, words) for start, end in quotations]
    edits = list(_edits(text, sorted([*kept, *parts])))
    return rewrite(text, edits)


def _shorten_article(conn: sqlite3.Connection, article_id: int, words: int) -> None:
    (text,) = conn.execute("SELECT text FROM articles WHERE id = ?", (article_id,)).fetchone()
    rows = conn.execute(_SELECT_OFFSETS, (article_id,)).fetchall()
    parts = [part for row in rows for part in (row[3:5], row[5:7]) if part[0] is not None]
    short, layer = excerpt(text, [(row[1], row[2]) for row in rows], parts, words)
    conn.execute(_SET_TEXT, (short, len(short.split()), article_id))
    for quote_id, *offsets in rows:
        pairs = zip(offsets[::2], offsets[1::2], strict=True)
        moved = [offset for pair in pairs for offset in _moved(layer, *pair)]
        conn.execute(_SET_OFFSETS, (*moved, quote_id))


def _moved(layer: Layer, start: int | None, end: int | None) -> tuple[int, int] | tuple[None, None]:
    if start is None or end is None:
        return None, None
    return map_span(start, end, layer.before, layer.after)


def _with_words(text: str, start: int, end: int, words: int) -> tuple[int, int]:
    """A quotation with the marks attached to it and this many words before and after them."""
    some = re.compile(rf"\S*(?:\s+\S+){{0,{words}}}")
    before, after = some.match(text[:start][::-1]), some.match(text, end)
    return start - (before.end() if before else 0), after.end() if after else end


def _edits(text: str, kept: list[tuple[int, int]]) -> Iterator[Edit]:
    """Leave out everything between the stretches to be kept, which may overlap."""
    done = 0
    for start, end in [*kept, (len(text), len(text))]:
        if text[done:start].strip():
            yield Edit(done, start, _ellipsis(text, done, start))
        done = max(done, end)


def _ellipsis(text: str, start: int, end: int) -> str:
    """The replacement of a stretch; it ends a paragraph if the stretch contains the end of one."""
    if start == 0 or end == len(text):
        return f"{' ' * (start > 0)}{LEFT_OUT}{' ' * (end < len(text))}"
    return f" {LEFT_OUT}\n\n" if "\n" in text[start:end] else f" {LEFT_OUT} "


_OFFSETS = (
    *("start_char", "end_char", "mention_start_char", "mention_end_char"),
    *("cue_start_char", "cue_end_char"),
)

_SELECT_OFFSETS = f"SELECT id, {', '.join(_OFFSETS)} FROM quotes WHERE article_id = ?"

_SET_OFFSETS = f"UPDATE quotes SET {' = ?, '.join(_OFFSETS)} = ? WHERE id = ?"

_SET_TEXT = "UPDATE articles SET text = ?, word_count = ?, metadata = NULL WHERE id = ?"
