"""Write articles and their quotations, replacing what the file had for the same article."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from quotedex.extract.clean import clean
from quotedex.locations import canonical
from quotedex.models import Document, Extraction, Quote, Span
from quotedex.store import corrections, fingerprints, people_list, seen, speakers, statements
from quotedex.store.article_speakers import ArticleSpeakerChanges
from quotedex.store.counts import (
    Dirty,
    add_counts,
    inherit_speakers,
    propagate_links,
    refresh_and_delete,
)
from quotedex.store.former_keys import KeyHistory
from quotedex.store.identity import (
    keys_of,
    location,
    quote_keys,
)
from quotedex.store.ids import next_id
from quotedex.store.people_list import PeopleList
from quotedex.store.rivals import (
    Offer,
    Stored,
    distinct_names,
    outranks,
    rivals_of,
    stored_articles,
)
from quotedex.store.speaker_keys import update_keys
from quotedex.store.values import storable
from quotedex.text.keys import key_of

Known = Literal["unchanged", "duplicate"]

METADATA_TEXTS = ("title", "byline", "outlet", "published", "language", "url")
METADATA_COLUMNS = (*METADATA_TEXTS, "metadata")
"""What `articles` has of a document besides its text and location."""


class _StagedQuote(NamedTuple):
    """A row of `quotes` without speaker and statement, which are not known yet.

    The SQL at the end of this module is made from these names. The last two go to `_quote_links`.
    """

    id: int
    key: str
    article_id: int
    parent_id: int | None
    repeats_id: int | None
    utterance: int
    text: str
    start_char: int
    end_char: int
    kind: str
    mention: str | None
    mention_start_char: int | None
    mention_end_char: int | None
    cue: str | None
    cue_start_char: int | None
    cue_end_char: int | None
    confidence: float
    why: str
    speaker_why: str | None
    published: str | None
    first_indexed: str
    article_speaker_id: int | None
    wording_id: int


@dataclass(slots=True)
class Batch:
    """The changes of one transaction: `put` and `delete` articles, then `commit_links`.

    Quotations wait in a temporary table until their speakers and statements are known. `replaced`
    has the ids of deleted articles that others took the place of. `replacements` counts the new
    articles that took the place of any, deleted or overwritten. `to_correct` are ids of stored
    articles whose corrections have changed. `began` is the time of quotations that are new to the
    file; `first_indexed` has that of deleted ones, by their key and by their article and words.
    """

    conn: sqlite3.Connection
    people_list: PeopleList
    history: KeyHistory
    article_speakers: ArticleSpeakerChanges = field(init=False)
    dirty: Dirty = field(default_factory=Dirty)
    replaced: dict[int, int] = field(default_factory=dict)
    replacements: int = 0
    moved_wordings: set[int] = field(default_factory=set)
    to_correct: set[int] = field(default_factory=set)
    began: str = field(default_factory=lambda: now("milliseconds"))
    first_indexed: dict[object, str] = field(default_factory=dict)
    next_quote: int = field(init=False)
    has_corrections: bool = field(init=False)
    _renamed: bool = False
    _first_new: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        fingerprints.load(self.conn)
        self.article_speakers = ArticleSpeakerChanges(self.conn, self.people_list.keys)
        self.next_quote = next_id(self.conn, "quotes")
        self.has_corrections = corrections.exist(self.conn)
        self._first_new = {table: next_id(self.conn, table) for table in ("speakers", "statements")}
        self.conn.execute(_CREATE_STAGED)

    def commit_links(self) -> None:
        """Link the new quotations to the rest of the file and update all counts."""
        conn, dirty = self.conn, self.dirty
        if self._renamed:
            self._renamed = False
            self.use_people(people_list.load(conn))
        moved = speakers.link(self.article_speakers)
        propagate_links(conn, moved, self.moved_wordings, dirty)
        described = dirty.speakers | speakers.speakers_of(conn, moved)
        speakers.update_details(conn, described, self.people_list)
        articles = [row for (row,) in conn.execute("SELECT DISTINCT article_id FROM staged_quotes")]
        statements.assign_common(conn, _STAGED_WITH_SPEAKERS)
        # In one statement, because FTS5 writes its index after each one that fires triggers.
        conn.execute(_INSERT_QUOTES)
        conn.execute(_INSERT_LINKS)
        conn.execute("DELETE FROM staged_quotes")
        add_counts(conn, articles, 1, dirty)
        propagate_links(conn, (), statements.delete_unused(conn, dirty.wordings), dirty)
        dirty.speakers |= self._new_rows("speakers")
        dirty.statements |= self._new_rows("statements")
        inherit_speakers(conn, dirty)
        refresh_and_delete(conn, dirty)
        update_keys(conn, dirty.speakers | described, self.history.lost_speakers())
        self.history.settle(self.replaced)
        if self.to_correct:
            self._correct_again()
        elif self.has_corrections:
            corrections.refresh_speakers(conn, self.people_list.keys)

    def use_people(self, new: PeopleList) -> None:
        """Link speakers again that the list of people before this one, or this one, names."""
        if new != self.people_list:
            old, self.people_list = self.people_list, new
            self.article_speakers.listed = new.keys
            self.dirty.speakers |= people_list.apply(self.conn, old, self.article_speakers)

    def follow(self, old: tuple[str, str], new: tuple[str, str]) -> None:
        """Corrections of an article's old key and identity are now of the new one."""
        if self.has_corrections and old != new:
            self._renamed |= corrections.follow_article(self.conn, old, new)

    def _correct_again(self) -> None:
        """Apply the corrections of stored articles anew to what was read there."""
        articles, self.to_correct = sorted(self.to_correct), set()
        for article_id in articles:
            guessed = corrections.guessed_quotes(self.conn, article_id)
            self.article_speakers.remember(article_id)
            _delete_quotes(self, article_id)
            # A correction makes no quotation new to the file.
            sql = "SELECT indexed_at FROM articles WHERE id = ?"
            (self.first_indexed[article_id],) = self.conn.execute(sql, (article_id,)).fetchone()
            _stage_quotes(self, corrections.article_row(self.conn, article_id), guessed)
        self.commit_links()

    def _new_rows(self, table: str) -> set[int]:
        """Speakers or statements that this transaction added; some have been merged into others
        since and have no quotations."""
        rows = self.conn.execute(f"SELECT id FROM {table} WHERE id >= {self._first_new[table]}")
        return {row_id for (row_id,) in rows}


def put(batch: Batch, extraction: Extraction, run_id: int) -> bool:
    """Store one article; False if the file keeps another document in its place.

    That may be one of the same text or identity, whatever the order in which they come: see
    `outranks`. The article replaces the one of its location and all those that it outranks.
    """
    conn, document = batch.conn, extraction.document
    new = Offer.of(document)
    for place in {new.location, storable(canonical(document.location or document.id))}:
        conn.execute("DELETE FROM failures WHERE location = ?", (place,))
    here = next(iter(stored_articles(conn, "location = ?", new.location)), None)
    rivals = rivals_of(conn, new)
    if any(outranks(rival, new) for rival in rivals):
        if here:
            _replace_by(batch, here.id, rivals[0].id)
        return False
    same = [rival for rival in rivals if rival.identity == new.identity]
    replaced = [*same, *filter(None, [here]), *(rival for rival in rivals if rival not in same)]
    kept = replaced[0] if replaced else None
    before = [_key_and_identity(conn, each.id) for each in replaced]
    for other in replaced[1:]:
        delete(batch, other.id, replaced[0].id)
        batch.replaced[other.id] = replaced[0].id
    if kept:
        batch.replacements += 1
        batch.article_speakers.remember(kept.id)
        _delete_quotes(batch, kept.id)
    name, path = _name(batch, new, kept)
    for each in before:
        batch.follow(each, (key_of(name), name))
    row = {
        "id": kept.id if kept else next_id(conn, "articles"),
        "key": key_of(name),
        "identity": name,
        "identified_by": new.identity.by,
        "location": new.location,
        "path": path,
        **dict(zip(METADATA_COLUMNS, metadata(document), strict=True)),
        "text": storable(extraction.text),
        "word_count": len(extraction.text.split()),
        "sha256": new.sha256,
        "indexed_at": now(),
        "run_id": run_id,
    }
    _upsert(conn, row)
    if kept:
        _name_alike(batch, kept.path)
    _stage_quotes(batch, row, extraction.quotes)
    return True


def known(
    conn: sqlite3.Connection,
    document: Document,
    pending: Collection[str],
    extracted_by: tuple[str, str] | None,
) -> Known | None:
    """Whether `put` would change nothing, and why; see `Store.known`."""
    new = Offer.of(document)
    if new.location in pending:
        return None
    row = conn.execute(_METADATA, (new.location,)).fetchone()
    if row:
        sha256, version, model, *values = row
        same = sha256 == new.sha256 and tuple(values) == metadata(document)
        return "unchanged" if same and extracted_by in (None, (version, model)) else None
    rivals = [rival for rival in rivals_of(conn, new) if rival.location not in pending]
    return "duplicate" if any(outranks(rival, new) for rival in rivals) else None


def delete(batch: Batch, article_id: int, heir: int | None = None) -> None:
    """Delete an article and its quotations. `heir`: the article that takes its place, if any."""
    (path,) = batch.conn.execute("SELECT path FROM articles WHERE id = ?", (article_id,)).fetchone()
    if batch.has_corrections:
        corrections.forget_article(batch.conn, article_id)
    _delete_quotes(batch, article_id, heir)
    batch.article_speakers.delete(article_id)
    batch.conn.execute("DELETE FROM articles WHERE id = ?", (article_id,))
    _name_alike(batch, path)


def dedupe_by_location(batch: Iterable[Extraction]) -> list[Extraction]:
    """The last extraction of each location."""
    return list({location(extraction.document): extraction for extraction in batch}.values())


def move(batch: Batch, place: str, new_place: str) -> None:
    """Give the article of a location, if there is one, another location.

    An article that has it already stays, and takes the place of this one.
    """
    conn = batch.conn
    old = next(iter(stored_articles(conn, "location = ?", place)), None)
    there = next(iter(stored_articles(conn, "location = ?", new_place)), None)
    if old and there:
        _replace_by(batch, old.id, there.id)
    elif old:
        conn.execute("UPDATE articles SET location = ? WHERE id = ?", (new_place, old.id))
        _name_alike(batch, old.path)


def _replace_by(batch: Batch, article_id: int, other: int) -> None:
    """Delete an article of which another one has taken the place, also for corrections."""
    before = _key_and_identity(batch.conn, article_id)
    delete(batch, article_id)
    batch.replaced[article_id] = other
    if batch.has_corrections:
        batch.follow(before, _key_and_identity(batch.conn, other))
        batch.to_correct.add(other)


def _key_and_identity(conn: sqlite3.Connection, article_id: int) -> tuple[str, str]:
    sql = "SELECT key, identity FROM articles WHERE id = ?"
    key, identity = conn.execute(sql, (article_id,)).fetchone()
    return key, identity


def relocate_or_delete(batch: Batch, place: str) -> bool:
    """Delete the article of a location that is gone; False if there is none to delete.

    If the run has seen the same text at another location, the article moves there.
    """
    conn = batch.conn
    gone = next(iter(stored_articles(conn, "location = ?", place)), None)
    if gone is None:
        return False
    found = seen.with_text(conn, gone.sha256)
    if found is None:
        delete(batch, gone.id)
        return True
    new_place, new_path = found
    if gone.identity.by == "path":
        new_path = new_path or new_place
    moved = "UPDATE articles SET location = ?, path = ? WHERE id = ?"
    conn.execute(moved, (new_place, new_path, gone.id))
    for name in (gone.path, new_path):
        _name_alike(batch, name)
    return False


def _name(batch: Batch, new: Offer, kept: Stored | None) -> tuple[str, str | None]:
    """The identity of an article as stored, and its path. An article that stays where it is keeps
    its path, even if another folder around it is indexed."""
    path = kept.path if kept and kept.location == new.location and kept.path else new.path
    if new.identity.by != "path":
        return new.identity.name, path
    path = path or new.location
    own = kept.id if kept else 0
    names = distinct_names(batch.conn, path, {new.location: own})
    for article_id, name in names.items():
        if article_id != own:
            _rename(batch, article_id, name)
    return names[own], path


def _name_alike(batch: Batch, path: str | None) -> None:
    """Name the articles of one path again, after one has come or gone."""
    for article_id, name in distinct_names(batch.conn, path, {}).items():
        _rename(batch, article_id, name)


def _rename(batch: Batch, article_id: int, name: str) -> None:
    """Give a stored article another identity, from which all its keys follow."""
    conn = batch.conn
    old_key, old = _key_and_identity(conn, article_id)
    if name == old:
        return
    batch.dirty.speakers |= batch.article_speakers.rename_article(article_id, name)
    rename = "UPDATE articles SET identity = ?, key = ? WHERE id = ?"
    conn.execute(rename, (name, key_of(name), article_id))
    if batch.has_corrections:
        batch.follow((old_key, old), (key_of(name), name))
        guessed = corrections.guessed_quotes(conn, article_id)
        pairs = zip(keys_of(old, guessed), keys_of(name, guessed), strict=True)
        corrections.follow_quotes(conn, pairs)
    for table in ("quotes", "staged_quotes"):
        rows = conn.execute(_QUOTES_IN_ORDER.format(table), (article_id,)).fetchall()
        texts = [text for _, text in rows]
        keys = quote_keys(name, texts)
        if batch.has_corrections:
            corrections.follow_quotes(conn, zip(quote_keys(old, texts), keys, strict=True))
        conn.executemany(
            f"UPDATE {table} SET key = ? WHERE id = ?",
            [(key, row_id) for key, (row_id, _) in zip(keys, rows, strict=True)],
        )
    statements = "SELECT statement_id FROM quotes WHERE article_id = ?"
    batch.dirty.statements |= {row for (row,) in conn.execute(statements, (article_id,))}


def metadata(document: Document) -> tuple[str | None, ...]:
    """The values of METADATA_COLUMNS, cleaned as the text is: headlines have the same damage."""
    values = (getattr(document, name) for name in METADATA_TEXTS)
    texts = (None if value is None else storable(clean(value).text) for value in values)
    return *texts, _to_json(document.metadata)


def now(timespec: str = "seconds") -> str:
    return datetime.now(UTC).isoformat(timespec=timespec)


def _to_json(pairs: Sequence[tuple[str, str]]) -> str | None:
    """A JSON object; a name that occurs several times has a list of values."""
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(storable(name), []).append(storable(value))
    plain = {name: held[0] if len(held) == 1 else held for name, held in values.items()}
    return json.dumps(plain, ensure_ascii=False) if plain else None


def _upsert(conn: sqlite3.Connection, row: Mapping[str, object]) -> None:
    columns, values = ", ".join(row), ", ".join(f":{name}" for name in row)
    changes = ", ".join(f"{name} = excluded.{name}" for name in row if name != "id")
    conn.execute(
        f"INSERT INTO articles ({columns}) VALUES ({values})"
        f" ON CONFLICT (id) DO UPDATE SET {changes}",
        row,
    )


def _delete_quotes(batch: Batch, article_id: int, heir: int | None = None) -> None:
    """Quotations go before their article and speakers, whose words the search index needs to
    delete its entries. `heir` is the article that takes the place of theirs, if another one does.
    """
    add_counts(batch.conn, [article_id], -1, batch.dirty)
    # An article of this batch may be replaced by another one of it.
    batch.dirty.wordings.update(row for (row,) in batch.conn.execute(_STAGED_OF, (article_id,)))
    for table in ("quotes", "staged_quotes"):
        for key, text, time in batch.conn.execute(_TIMES.format(table), (article_id,)):
            for name in (key, (heir or article_id, text)):
                batch.first_indexed[name] = min(time, batch.first_indexed.get(name, time))
    for statement in _DELETE_QUOTES:
        batch.conn.execute(statement, (article_id,))


def _stage_quotes(batch: Batch, article: Mapping[str, Any], quotes: Sequence[Quote]) -> None:
    """Put the quotations of an article, after corrections, into the temporary table."""
    article_id, text = article["id"], article["text"]
    # What the database holds, should it differ.
    quotes = [
        quote if quote.text == words else replace(quote, text=words)
        for quote in quotes
        for words in (text[quote.start : quote.end],)
    ]
    if batch.has_corrections:
        quotes = list(corrections.correct_article(batch.conn, article, quotes))
    of_article = [quote.speaker for quote in quotes]
    speaker_ids = batch.article_speakers.put(article_id, article, of_article)
    keys = keys_of(article["identity"], quotes)
    wording_ids, moved = statements.add_wordings(batch.conn, [quote.text for quote in quotes])
    batch.moved_wordings |= moved
    first = batch.next_quote
    batch.next_quote += len(quotes)
    rows = [
        _StagedQuote(
            id=first + number,
            key=keys[number],
            article_id=article_id,
            parent_id=None if quote.parent is None else first + quote.parent,
            repeats_id=None if quote.repeats is None else first + quote.repeats,
            utterance=quote.utterance,
            text=quote.text,
            start_char=quote.start,
            end_char=quote.end,
            kind=quote.kind,
            mention=_words(text, quote.mention),
            mention_start_char=quote.mention.start if quote.mention else None,
            mention_end_char=quote.mention.end if quote.mention else None,
            cue=_words(text, quote.cue),
            cue_start_char=quote.cue.start if quote.cue else None,
            cue_end_char=quote.cue.end if quote.cue else None,
            confidence=quote.confidence,
            why=quote.why,
            speaker_why=(quote.speaker and quote.speaker.why) or None,
            published=article["published"],
            first_indexed=_first_indexed(batch, keys[number], article_id, quote.text),
            article_speaker_id=speaker_ids[number],
            wording_id=wording_ids[number],
        )
        for number, quote in enumerate(quotes)
    ]
    batch.conn.executemany(_STAGE_QUOTE, rows)


def _first_indexed(batch: Batch, key: str, article_id: int, text: str) -> str:
    """When the file had a quotation first, also if its article had another identity then."""
    times = batch.first_indexed
    known = times.get(key) or times.get((article_id, text)) or times.get(article_id)
    return known or batch.began


def _words(text: str, span: Span | None) -> str | None:
    return None if span is None else text[span.start : span.end]


_STAGED = _StagedQuote._fields
_COPIED = [name for name in _STAGED if name not in ("article_speaker_id", "wording_id")]

_CREATE_STAGED = f"CREATE TEMP TABLE IF NOT EXISTS staged_quotes ({', '.join(_STAGED)})"

_STAGED_OF = "SELECT wording_id FROM staged_quotes WHERE article_id = ?"

_STAGE_QUOTE = f"INSERT INTO staged_quotes VALUES ({', '.join('?' * len(_STAGED))})"

_STAGED_WITH_SPEAKERS = """
SELECT staged.*, local.speaker_id
FROM staged_quotes AS staged LEFT JOIN _article_speakers AS local ON local.id = article_speaker_id
"""

_INSERT_QUOTES = f"""
INSERT INTO quotes ({", ".join(_COPIED)}, speaker_id, speaker_from, statement_id)
SELECT {", ".join(f"quote.{name}" for name in _COPIED)},
    quote.speaker_id, iif(article_speaker_id IS NULL, NULL, 'article'),
    coalesce(wordings.statement_id, common.statement_id)
FROM ({_STAGED_WITH_SPEAKERS}) AS quote
JOIN _wordings AS wordings ON wordings.id = quote.wording_id
LEFT JOIN _common_statements AS common ON common.wording_id = quote.wording_id
    AND common.said_by = {statements.SAID_BY.format(quote="quote")}
ORDER BY quote.id"""

_INSERT_LINKS = """
INSERT INTO _quote_links (quote_id, article_speaker_id, wording_id)
SELECT id, article_speaker_id, wording_id FROM staged_quotes ORDER BY id"""

_METADATA = f"""
SELECT sha256, version, model, {", ".join(METADATA_COLUMNS)}
FROM articles JOIN runs ON runs.id = run_id WHERE location = ?"""

_QUOTES_IN_ORDER = """
SELECT id, text FROM {} WHERE article_id = ? ORDER BY start_char, end_char DESC, id"""

_TIMES = "SELECT key, text, first_indexed FROM {} WHERE article_id = ?"

_DELETE_QUOTES = (
    "DELETE FROM _quote_links WHERE quote_id IN (SELECT id FROM quotes WHERE article_id = ?)",
    "DELETE FROM quotes WHERE article_id = ?",
    "DELETE FROM staged_quotes WHERE article_id = ?",
)
