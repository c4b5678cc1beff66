"""Check that corrections are applied, and that those which are not wait for something."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import replace

from quotedex.link import OF_QUOTATIONS
from quotedex.models import Quote
from quotedex.store.correction_rows import load_corrections
from quotedex.store.corrections import (
    OF_SPEAKERS_ACTIVE,
    article_of,
    article_row,
    recompute,
    speaker_now,
    stored_quotes,
)
from quotedex.store.excerpts import excerpt_words
from quotedex.store.identity import keys_of
from quotedex.store.people_list import load
from quotedex.store.values import one_line, storable


def wrong_corrections(conn: sqlite3.Connection) -> Iterator[str]:
    """Corrections of quotations or speakers that the file does not follow, or follows unduly.

    Not checked if the articles have been shortened: what was corrected is not in such a file.
    """
    if excerpt_words(conn) is not None:
        return
    articles = {row_id for (row_id,) in conn.execute("SELECT article_id FROM _guesses")}
    for correction in load_corrections(conn):
        undone = correction.undone_at is not None
        if undone != (correction.state == "undone"):
            yield f"correction {correction.id} has the state {correction.state}"
        elif undone or correction.what not in OF_QUOTATIONS:
            continue
        elif (article := article_of(conn, correction)) is not None:
            articles.add(article)
        elif correction.state != "waiting":
            yield f"correction {correction.id} is applied, but its quotation is not in the file"
    for article in sorted(articles):
        yield from _wrong_article(conn, article)
    yield from _wrong_speakers(conn)


def _wrong_article(conn: sqlite3.Connection, article_id: int) -> Iterator[str]:
    article = article_row(conn, article_id)
    corrected = recompute(conn, article)
    if _comparable(corrected.quotes) != _comparable(stored_quotes(conn, article_id)):
        yield f"the quotations of article {article_id} are not as corrected"
    keys = keys_of(article["identity"], corrected.quotes)
    where = "article_key = ? AND undone_at IS NULL AND what IN ('speaker', 'nobody', 'text')"
    for each in load_corrections(conn, where, article["key"]):
        index = corrected.found.get(each.id or 0)
        now = keys[corrected.origins.index(index)] if index in corrected.origins else None
        state = "waiting" if index is None else "applied"
        if (each.state, each.leads_to) != (state, now):
            yield f"correction {each.id} has a wrong state, or leads to another quotation"


def _wrong_speakers(conn: sqlite3.Connection) -> Iterator[str]:
    """Whether speakers are linked by the corrected list of people, another check says."""
    keys = load(conn).keys
    for each in load_corrections(conn, OF_SPEAKERS_ACTIVE):
        now = speaker_now(conn, each, keys)
        if (each.state, each.leads_to) != ("applied" if now else "waiting", now):
            yield f"correction {each.id} has a wrong state, or leads to another speaker"


def _comparable(quotes: Iterable[Quote]) -> list[tuple[Quote, tuple[str, str] | None]]:
    """Descriptions are those of the article, which may have a longer one."""
    return [
        (
            replace(quote, speaker=None),
            (storable(one_line(quote.speaker.name)), quote.speaker.kind) if quote.speaker else None,
        )
        for quote in quotes
    ]
