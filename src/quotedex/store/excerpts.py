"""Articles cut down to the words around their quotations, for texts that may not be reprinted."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator

from quotedex.text.edits import Edit, Layer, map_span, rewrite

LEFT_OUT = "[…]"


def shorten(connection: sqlite3.Connection, words: int) -> None:
    """Cut the text of every article and move the offsets with it, in one transaction."""
    connection.execute("BEGIN")
    ids = connection.execute("SELECT id FROM articles").fetchall()
    for (article_id,) in ids:
        _shorten_article(connection, article_id, words)
    connection.execute("COMMIT")


def excerpt(
    text: str,
    quotations: Iterable[tuple[int, int]],
    parts: Iterable[tuple[int, int]],
    words: int,
) -> tuple[str, Layer]:
    """The text with the rest left out, and what `map_span` needs to find a span again in it.

    `parts` are mentions and cues; they are kept wherever they stand.

    `Rain fell. “We lost the bridge,” Mara Ilves said on Friday. Then it stopped.` with two words
    -> `Rain fell. “We lost the bridge,” Mara Ilves […]`.
    """
    kept = [_with_words(text, start, end, words) for start, end in quotations]
    edits = list(_edits(text, sorted([*kept, *parts])))
    return rewrite(text, edits)


def _shorten_article(connection: sqlite3.Connection, article_id: int, words: int) -> None:
    """What came with the article goes too: a column of a table may hold its text again."""
    (text,) = connection.execute("SELECT text FROM articles WHERE id = ?", [article_id]).fetchone()
    rows = connection.execute(
        "SELECT id, start_char, end_char, mention_start_char, mention_end_char, cue_start_char,"
        " cue_end_char FROM quotes WHERE article_id = ?",
        [article_id],
    ).fetchall()
    parts = [part for row in rows for part in (row[3:5], row[5:7]) if part[0] is not None]
    short, layer = excerpt(text, [(row[1], row[2]) for row in rows], parts, words)
    connection.execute(
        "UPDATE articles SET text = ?, word_count = ?, metadata = NULL WHERE id = ?",
        [short, len(short.split()), article_id],
    )
    for id_, *offsets in rows:
        pairs = zip(offsets[::2], offsets[1::2], strict=True)
        moved = [offset for pair in pairs for offset in _moved(layer, *pair)]
        connection.execute(
            "UPDATE quotes SET start_char = ?, end_char = ?, mention_start_char = ?,"
            " mention_end_char = ?, cue_start_char = ?, cue_end_char = ? WHERE id = ?",
            [*moved, id_],
        )


def _moved(layer: Layer, start: int | None, end: int | None) -> tuple[int, int] | tuple[None, None]:
    if start is None or end is None:
        return None, None
    return map_span(start, end, layer.before, layer.after)


def _with_words(text: str, start: int, end: int, words: int) -> tuple[int, int]:
    """A quotation with the marks attached to it, and this many words before and after them."""
    some = re.compile(rf"\S*(?:\s+\S+){{0,{words}}}")
    before, behind = some.match(text[:start][::-1]), some.match(text, end)
    return start - (before.end() if before else 0), behind.end() if behind else end


def _edits(text: str, kept: list[tuple[int, int]]) -> Iterator[Edit]:
    """What lies between the stretches to be kept, which may overlap, is left out."""
    done = 0
    for start, end in [*kept, (len(text), len(text))]:
        if text[done:start].strip():
            yield Edit(done, start, _mark(text, done, start))
        done = max(done, end)


def _mark(text: str, start: int, end: int) -> str:
    """Stands for what is left out; where that went past the end of a paragraph, one ends here."""
    if start == 0 or end == len(text):
        return f"{' ' * (start > 0)}{LEFT_OUT}{' ' * (end < len(text))}"
    return f" {LEFT_OUT}\n\n" if "\n" in text[start:end] else f" {LEFT_OUT} "
