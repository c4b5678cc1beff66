"""Corrections by hand: what they concern in the file, and what the program had read there.

A correction of a quotation is applied whenever its article is stored, to what was extracted; this
is kept in `_guesses`, so that undoing gives it back. A correction of speakers becomes an entry of
the list of people (`people_list.load`). The row of a correction names what it is about by words,
names and articles as well as by key, so that a file built from nothing finds it, too.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from quotedex.link import (
    IN_ARTICLE,
    LISTED,
    OF_QUOTATIONS,
    CorrectedArticle,
    alias_in_article,
    correct_quotes,
    find_words,
    is_full_name,
    is_unnamed_key,
    lookup_name,
    normalized_name,
)
from quotedex.models import Correction, Quote, Span, Speaker, SpeakerKind
from quotedex.store import people_list
from quotedex.store.correction_rows import load_corrections, update
from quotedex.store.identity import keys_of
from quotedex.store.speaker_keys import MARK
from quotedex.store.values import id_list, one_line
from quotedex.text.names import parse_name
from quotedex.text.namesakes import is_common

_KEY = re.compile(r"[a-z0-9]+(?:[-_]+[a-z0-9]+)+")
_MAX_STEPS = 20
"""Former keys may lead to former keys."""


def exist(conn: sqlite3.Connection) -> bool:
    """Whether the file has any corrections."""
    return conn.execute("SELECT 1 FROM corrections LIMIT 1").fetchone() is not None


def correct_article(
    conn: sqlite3.Connection, article: Mapping[str, Any], guessed: Sequence[Quote]
) -> tuple[Quote, ...]:
    """The quotations of an article after its corrections, whose rows are brought up to date.

    `article` has the columns id, key, identity and text; `guessed` is what the program reads there.
    """
    keys = keys_of(article["identity"], guessed)
    concerned = load_corrections(conn, _OF_ARTICLE, article["key"], json.dumps(keys))
    if not concerned:
        conn.execute("DELETE FROM _guesses WHERE article_id = ?", (article["id"],))
        return tuple(guessed)
    corrected = correct_quotes(article["text"], guessed, keys, concerned)
    now = keys_of(article["identity"], corrected.quotes)
    for each in concerned:
        index = corrected.found.get(each.id or 0)
        if index is None:
            update(conn, replace(each, state="waiting", leads_to=None))
            continue
        quote = guessed[index]
        found = replace(
            each,
            key=keys[index],
            article_key=article["key"],
            words=each.words or quote.text,
            old_value=each.old_value or _old_value(each, quote),
            state="applied",
            leads_to=now[corrected.origins.index(index)] if index in corrected.origins else None,
        )
        if found != each:
            update(conn, found)
    row = (article["id"], json.dumps([quote.to_dict() for quote in guessed]))
    conn.execute("INSERT OR REPLACE INTO _guesses (article_id, quotes) VALUES (?, ?)", row)
    return corrected.quotes


def forget_article(conn: sqlite3.Connection, article_id: int) -> None:
    """The corrections of an article that is about to be deleted wait until it comes back."""
    conn.execute(_WAIT, (article_id,))
    conn.execute("DELETE FROM _guesses WHERE article_id = ?", (article_id,))


def guessed_quotes(conn: sqlite3.Connection, article_id: int) -> tuple[Quote, ...]:
    """What the program reads in a stored article."""
    found = conn.execute(
        "SELECT quotes FROM _guesses WHERE article_id = ?", (article_id,)
    ).fetchone()
    if found is None:
        return stored_quotes(conn, article_id)
    return tuple(map(Quote.from_dict, json.loads(found[0])))


def stored_quotes(conn: sqlite3.Connection, article_id: int) -> tuple[Quote, ...]:
    """The quotations of an article as they were extracted or corrected."""
    rows = conn.execute(_QUOTES, (article_id,)).fetchall()
    numbers = {row[0]: number for number, row in enumerate(rows)}
    return tuple(
        Quote(
            **fixed,
            parent=numbers.get(parent),
            repeats=numbers.get(repeats),
            mention=None if mention[0] is None else Span(*mention),
            cue=None if cue[0] is None else Span(*cue),
            speaker=None if speaker[0] is None else _speaker(*speaker),
        )
        for _, parent, repeats, fixed, mention, cue, speaker in map(_parts, rows)
    )


def follow_article(conn: sqlite3.Connection, old: tuple[str, str], new: tuple[str, str]) -> bool:
    """An article has another key and identity; whether names of the list of people change."""
    move = "UPDATE corrections SET article_key = ? WHERE article_key = ?"
    conn.execute(move, (new[0], old[0]))
    ending, changed = f"{IN_ARTICLE}{old[1]}", False
    for each in load_corrections(conn, "instr(names, ?)", json.dumps(ending)[1:-1]):
        names = tuple(
            name.removesuffix(ending) + f"{IN_ARTICLE}{new[1]}" if name.endswith(ending) else name
            for name in each.names
        )
        update(conn, replace(each, names=names))
        changed = True
    return changed


def follow_quotes(conn: sqlite3.Connection, pairs: Iterable[tuple[str, str]]) -> None:
    """Quotations have other keys, each given as old and new."""
    for old, new in pairs:
        for column in ("key", "leads_to"):
            conn.execute(f"UPDATE corrections SET {column} = ? WHERE {column} = ?", (new, old))


def refresh_speakers(conn: sqlite3.Connection, keys: Mapping[str, str]) -> None:
    """Note which speaker each correction of speakers leads to; `keys` are those of the list."""
    for each in load_corrections(conn, OF_SPEAKERS_ACTIVE):
        now = speaker_now(conn, each, keys)
        new = replace(each, state="applied" if now else "waiting", leads_to=now)
        if new != each:
            update(conn, new)


def speaker_now(
    conn: sqlite3.Connection, correction: Correction, keys: Mapping[str, str]
) -> str | None:
    """The key of the speaker who has the names of a correction; None if the file has none."""
    for entry in dict.fromkeys(keys.get(lookup_name(name)) for name in correction.names[1:]):
        found = entry and conn.execute(_WITH_BLOCKING_KEY, (f"{LISTED}{entry}",)).fetchone()
        if found:
            return str(found[0])
    return None


def resolve(conn: sqlite3.Connection, correction: Correction) -> Correction:
    """The correction with what it is about, as far as the file has that.

    Raises ValueError with a sentence if the file contradicts it.
    """
    if correction.what in OF_QUOTATIONS:
        found = correction if correction.words else _resolve_quote(conn, correction)
        return _resolve_speaker_of_quote(conn, found) if found.what == "speaker" else found
    return correction if correction.names else _resolve_speakers(conn, correction)


def article_of(conn: sqlite3.Connection, correction: Correction) -> int | None:
    """The id of the article with the quotation of a correction, if the file has it."""
    key = _current(conn, "articles", correction.article_key or "")
    found = conn.execute("SELECT id FROM articles WHERE key = ?", (key,)).fetchone()
    return found and int(found[0])


def article_row(conn: sqlite3.Connection, article_id: int) -> dict[str, Any]:
    """The columns of an article that its quotations depend on."""
    row = conn.execute(_ARTICLE, (article_id,)).fetchone()
    return dict(zip(("id", "key", "identity", "text", "outlet", "published"), row, strict=True))


def recompute(conn: sqlite3.Connection, article: Mapping[str, Any]) -> CorrectedArticle:
    """What the corrections of an article make of what the program has read there."""
    guessed = guessed_quotes(conn, article["id"])
    keys = keys_of(article["identity"], guessed)
    concerned = load_corrections(conn, _OF_ARTICLE, article["key"], json.dumps(keys))
    return correct_quotes(article["text"], guessed, keys, concerned)


def _old_value(correction: Correction, quote: Quote) -> str | None:
    if correction.what == "text":
        return quote.text
    return None if quote.speaker is None else quote.speaker.name


def _resolve_quote(conn: sqlite3.Connection, correction: Correction) -> Correction:
    """Name the quotation by the key and the words that the program reads, which it has not if it
    has been corrected before."""
    key = _current(conn, "quotes", correction.key)
    earlier = load_corrections(conn, "key = ? AND words IS NOT NULL", correction.key)
    place = conn.execute(_PLACE, (key,)).fetchone()
    if earlier and (place is None or key != correction.key):
        return replace(correction, words=earlier[0].words, article_key=earlier[0].article_key)
    if place is None:
        return correction
    article_id, start, end = place
    article = article_row(conn, article_id)
    guessed = guessed_quotes(conn, article_id)
    corrected = recompute(conn, article)
    spans = [(quote.start, quote.end) for quote in corrected.quotes]
    place = spans.index((start, end))
    index = corrected.origins[place]
    if correction.what == "text":
        _check_words(article["text"], correction.new_value or "", guessed, index)
    return replace(
        correction,
        key=keys_of(article["identity"], guessed)[index],
        article_key=article["key"],
        words=guessed[index].text,
        old_value=correction.old_value or _old_value(correction, corrected.quotes[place]),
    )


def _check_words(text: str, words: str, quotes: Sequence[Quote], index: int) -> None:
    span = find_words(text, words, quotes[index])
    if span is None:
        raise ValueError(f"the article does not have these words near the quotation: {words!r}")
    if any((quote.start, quote.end) == span for n, quote in enumerate(quotes) if n != index):
        raise ValueError(f"another quotation has just these words: {words!r}")


def _resolve_speaker_of_quote(conn: sqlite3.Connection, correction: Correction) -> Correction:
    """The name of the speaker that `new_value` names, and what joins this article's speaker of the
    name to them, if the name alone might not."""
    if correction.names:
        return correction
    given = one_line(correction.new_value or "")
    speaker = _find_speaker(conn, given)
    if speaker is None:
        if _KEY.fullmatch(given):
            return correction
        alike = conn.execute("SELECT kind FROM speakers WHERE name = ? LIMIT 1", (given,))
        kind = correction.kind or next((kind for (kind,) in alike), "person")
        return replace(correction, names=(given,), kind=kind)
    name, kind, key, blocking_key = conn.execute(_SPEAKER, (speaker,)).fetchone()
    identity = conn.execute(_IDENTITY, (correction.article_key,)).fetchone()
    if kind == "anonymous" or is_unnamed_key(blocking_key) or identity is None:
        pins: tuple[str, ...] = ()
    elif MARK in key or blocking_key.startswith(LISTED) or _may_be_others(name, kind):
        pins = (*_names_of(conn, [speaker]), alias_in_article(name, identity[0]))
    else:
        pins = ()
    return replace(correction, names=(name, *pins), kind=kind)


def _resolve_speakers(conn: sqlite3.Connection, correction: Correction) -> Correction:
    """The names of the speakers that a correction is about."""
    speaker = _find_speaker(conn, correction.key)
    if speaker is None:
        return correction
    name = _checked_name(conn, speaker)
    given = one_line(correction.new_value or "")
    found = replace(correction, old_value=correction.old_value or name)
    if correction.what == "name":
        return replace(found, names=(given, *_names_of(conn, [speaker], given)))
    if correction.what == "split":
        return replace(found, names=(name, *_names_in(conn, speaker, given.split())))
    other = _find_speaker(conn, given)
    if other is None:
        return correction
    if other == speaker:
        raise ValueError(f"{correction.key} and {given} are one speaker already")
    _checked_name(conn, other)
    return replace(found, names=(name, *_names_of(conn, [speaker, other])))


def _checked_name(conn: sqlite3.Connection, speaker: int) -> str:
    name, _, key, blocking_key = conn.execute(_SPEAKER, (speaker,)).fetchone()
    if is_unnamed_key(blocking_key):
        raise ValueError(
            f"{key} is an unnamed source of one article: say of each quotation who said it"
        )
    return str(name)


def _names_of(
    conn: sqlite3.Connection, speakers: Collection[int], new: str | None = None
) -> tuple[str, ...]:
    """The names of speakers for the list of people, and a new one if nobody else has it.

    A name that others have or may have is followed by each article in which it is theirs. So is one
    that an earlier correction is about.
    """
    listed = people_list.load(conn).keys
    shared = {name for (name,) in conn.execute(_OTHERS_NAMES, (id_list(speakers),))}
    names: dict[str, str] = {}
    for name, kind, identity in conn.execute(_NAMES, (id_list(speakers),)):
        here = alias_in_article(name, identity)
        is_theirs = normalized_name(name) not in shared and not _may_be_others(name, kind)
        if is_theirs:
            names.setdefault(lookup_name(name), name)
        if not is_theirs or lookup_name(here) in listed:
            names.setdefault(lookup_name(here), here)
    if new and not conn.execute(_IS_TAKEN, (normalized_name(new), id_list(speakers))).fetchone():
        names.setdefault(lookup_name(new), new)
    return tuple(names.values())


def _names_in(conn: sqlite3.Connection, speaker: int, articles: Sequence[str]) -> tuple[str, ...]:
    """The names of a speaker in those of the articles, given by key, that quote the other one."""
    rows = conn.execute(_NAMES_BY_ARTICLE, (speaker,)).fetchall()
    theirs = {key for key, *_ in rows}
    current = [_current(conn, "articles", key) for key in articles]
    for key in current:
        if key not in theirs:
            raise ValueError(f"no article with the key {key} quotes this speaker")
    if theirs == set(current):
        raise ValueError("these are all articles that quote this speaker, so nobody is left")
    return tuple(alias_in_article(name, identity) for key, name, identity in rows if key in current)


def _may_be_others(name: str, kind: SpeakerKind | str) -> bool:
    """Whether a name alone does not tell who it is: "Ilves", "John Smith"."""
    parsed = parse_name(name)
    return kind == "person" and (not is_full_name(parsed) or is_common(parsed))


def _find_speaker(conn: sqlite3.Connection, key: str) -> int | None:
    current = _current(conn, "speakers", key)
    found = conn.execute("SELECT id FROM speakers WHERE key = ?", (current,)).fetchone()
    return found and int(found[0])


def _current(conn: sqlite3.Connection, page: str, key: str) -> str:
    """The key itself, or what it leads to if it is a former one."""
    for _ in range(_MAX_STEPS):
        found = conn.execute(_LEADS_TO, (page, key)).fetchone()
        if found is None or found[0] is None:
            break
        key = found[0]
    return key


def _speaker(name: str, kind: SpeakerKind, description: str | None, why: str | None) -> Speaker:
    return Speaker(name, kind, description, why=why or "")


def _parts(row: Sequence[Any]) -> tuple[Any, ...]:
    """The row of a quotation: ids, values, mention, cue and speaker."""
    fixed = dict(zip(_FIXED, row[3:10], strict=True))
    return *row[:3], fixed, row[10:13], row[13:16], row[16:20]


_FIXED = ("text", "start", "end", "kind", "utterance", "confidence", "why")

_QUOTES = """
SELECT quotes.id, parent_id, repeats_id, text, start_char, end_char, quotes.kind, utterance,
    confidence, why, mention_start_char, mention_end_char, mention, cue_start_char, cue_end_char,
    cue, local.name, local.kind, local.description, speaker_why
FROM quotes JOIN _quote_links AS links ON links.quote_id = quotes.id
LEFT JOIN _article_speakers AS local ON local.id = links.article_speaker_id
WHERE quotes.article_id = ? ORDER BY quotes.id"""

_OF_ARTICLE = """
what IN ('speaker', 'nobody', 'text') AND undone_at IS NULL
    AND (article_key = ? OR key IN (SELECT value FROM json_each(?)))"""

OF_SPEAKERS_ACTIVE = "what IN ('merge', 'split', 'name') AND undone_at IS NULL"

_WAIT = """
UPDATE corrections SET state = 'waiting', leads_to = NULL
WHERE undone_at IS NULL AND what IN ('speaker', 'nobody', 'text')
    AND article_key = (SELECT key FROM articles WHERE id = ?)"""

_ARTICLE = "SELECT id, key, identity, text, outlet, published FROM articles WHERE id = ?"

_PLACE = "SELECT article_id, start_char, end_char FROM quotes WHERE key = ?"

_IDENTITY = "SELECT identity FROM articles WHERE key = ?"

_LEADS_TO = "SELECT leads_to FROM former_keys WHERE page = ? AND key = ?"

_SPEAKER = """
SELECT name, kind, key,
    (SELECT blocking_key FROM _article_speakers WHERE speaker_id = speakers.id LIMIT 1)
FROM speakers WHERE id = ?"""

_WITH_BLOCKING_KEY = """
SELECT speakers.key FROM _article_speakers AS local JOIN speakers ON speakers.id = speaker_id
WHERE local.blocking_key = ? LIMIT 1"""

_NAMES = """
SELECT local.name, local.kind, identity
FROM _article_speakers AS local JOIN articles ON articles.id = local.article_id
WHERE speaker_id IN (SELECT value FROM json_each(?)) ORDER BY identity, local.kind, local.name"""

_NAMES_BY_ARTICLE = """
SELECT articles.key, local.name, identity
FROM _article_speakers AS local JOIN articles ON articles.id = local.article_id
WHERE speaker_id = ? ORDER BY identity, local.kind, local.name"""

_OTHERS_NAMES = """
SELECT normalized_name FROM _article_speakers
WHERE kind <> 'anonymous' AND normalized_name IN (
    SELECT normalized_name FROM _article_speakers
    WHERE speaker_id IN (SELECT value FROM json_each(?1)))
    AND speaker_id NOT IN (SELECT value FROM json_each(?1))"""

_IS_TAKEN = """
SELECT 1 FROM _article_speakers
WHERE normalized_name = ? AND speaker_id NOT IN (SELECT value FROM json_each(?)) LIMIT 1"""
