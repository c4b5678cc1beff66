"""Remember keys that have changed or gone, and what took their place.

Temporary triggers note every key that a transaction takes away, whichever statement does so. At the
end of the transaction `settle` writes those to `former_keys` that are still missing.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from quotedex.link import closest_wording, comparable_wording
from quotedex.store.ids import next_id
from quotedex.store.speaker_keys import MARK
from quotedex.text.keys import folded_words

PAGES = ("articles", "quotes", "speakers", "statements")
_MAX_WORDS = 120
"""Characters kept of a quotation."""

_UNKNOWN = "unknown speaker"


class _Lost(NamedTuple):
    """A key that is gone. `start` is the offset of a quotation, `parent` the id of its article."""

    page: str
    id: int
    key: str
    label: str
    text: str | None
    start: int | None
    article_id: int | None
    statement_id: int | None
    url: str | None


@dataclass(slots=True)
class KeyHistory:
    """The keys of a file from its opening on.

    A row that is new since then has had no address that anybody could have copied, so its keys are
    not remembered.
    """

    conn: sqlite3.Connection
    first_new: Mapping[str, int]

    @classmethod
    def watch(cls, conn: sqlite3.Connection) -> KeyHistory:
        """Begin to watch the file of a connection."""
        for statement in _WATCH:
            conn.execute(statement)
        return cls(conn, {page: next_id(conn, page) for page in PAGES})

    def lost_speakers(self) -> list[str]:
        """The keys of speakers that this transaction has taken away or changed."""
        sql = "SELECT key FROM temp.lost_keys WHERE page = 'speakers'"
        return [key for (key,) in self.conn.execute(sql)]

    def settle(self, replaced: Mapping[int, int]) -> None:
        """Write the keys that this transaction has taken away, at its end.

        `replaced` has the ids of articles that others took the place of.
        """
        by_page: dict[str, list[_Lost]] = defaultdict(list)
        for lost in map(_Lost._make, self.conn.execute(_LOST).fetchall()):
            by_page[lost.page].append(lost)
        quotes = self._quotes(by_page["quotes"], replaced)
        self._write_articles(by_page["articles"], replaced)
        for lost in by_page["speakers"]:
            self._write(lost, self._speaker(lost))
        for lost in by_page["statements"]:
            self._write_statement(lost, by_page["quotes"], quotes)
        for lost in by_page["quotes"]:
            self._write(lost, quotes.get(lost.key), replaced)
        for table in ("lost_keys", "moved_speakers"):
            self.conn.execute(f"DELETE FROM temp.{table}")

    def _write_articles(self, articles: Iterable[_Lost], replaced: Mapping[int, int]) -> None:
        for lost in articles:
            leads_to = self._key("articles", replaced.get(lost.id, lost.id))
            self._write(lost, leads_to)
            if leads_to is None:
                forget = "UPDATE former_keys SET words = NULL WHERE article_key = ?"
                self.conn.execute(forget, (lost.key,))
            else:
                moved = "UPDATE former_keys SET article_key = ? WHERE article_key = ?"
                self.conn.execute(moved, (leads_to, lost.key))

    def _quotes(self, quotes: Iterable[_Lost], replaced: Mapping[int, int]) -> dict[str, str]:
        """The keys that took the place of those of quotations."""
        by_article: dict[int, list[_Lost]] = defaultdict(list)
        for lost in quotes:
            article = lost.article_id or 0
            by_article[replaced.get(article, article)].append(lost)
        return {
            lost.key: found
            for article, some in by_article.items()
            for lost, found in self._successors(article, some)
        }

    def _successors(self, article: int, quotes: Iterable[_Lost]) -> Iterator[tuple[_Lost, str]]:
        """The quotations of an article that those in `quotes` have become."""
        now = self.conn.execute(_QUOTES, (article,)).fetchall()
        by_words: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for key, text, start in now:
            by_words[folded_words(text)].append((start, key))
        wordings = [comparable_wording(text) for _, text, _ in now]
        for lost in quotes:
            text, place = lost.text or "", lost.start or 0
            same = by_words.get(folded_words(text))
            if same:
                yield lost, min(same, key=lambda found: (abs(found[0] - place), found))[1]
            else:
                index = closest_wording(comparable_wording(text), wordings)
                if index is not None:
                    yield lost, now[index][0]

    def _speaker(self, lost: _Lost) -> str | None:
        """The key of the speaker that now has the name, or most of the articles."""
        if (key := self._key("speakers", lost.id)) is not None:
            return key
        found = self.conn.execute(_MOVED_TO, (lost.id,)).fetchone()
        return found and str(found[0])

    def _write_statement(
        self, lost: _Lost, lost_quotes: Iterable[_Lost], quotes: Mapping[str, str]
    ) -> None:
        """A statement leads to that of the quotations that its own have become."""
        leads_to = self._key("statements", lost.id)
        own = [quote for quote in lost_quotes if quote.statement_id == lost.id]
        for quote in own if leads_to is None else ():
            if quote.key in quotes:
                (leads_to,) = self.conn.execute(_STATEMENT, (quotes[quote.key],)).fetchone()
                break
        article = own[0].article_id if own else None
        # The speaker of a statement goes before the statement if nobody else quotes the speaker.
        label = own[0].label if own and lost.label == _UNKNOWN else lost.label
        self._write(lost._replace(article_id=article, label=label), leads_to)

    def _write(
        self, lost: _Lost, leads_to: str | None, replaced: Mapping[int, int] | None = None
    ) -> None:
        self.conn.execute(_LEAD_ON, (leads_to, lost.page, lost.key))
        # All speakers of a name are listed where one of them was alone before.
        has_namesakes = lost.page == "speakers" and (leads_to or "").partition(MARK)[0] == lost.key
        if has_namesakes or lost.id >= self.first_new[lost.page]:
            return
        article = lost.article_id and self._key(
            "articles", (replaced or {}).get(lost.article_id, lost.article_id)
        )
        words = (lost.text or "")[:_MAX_WORDS] if article else None
        row = (lost.page, lost.key, leads_to, lost.label, words or None, article, lost.url)
        self.conn.execute(_REMEMBER, row)

    def _key(self, page: str, row_id: int) -> str | None:
        found = self.conn.execute(f"SELECT key FROM {page} WHERE id = ?", (row_id,)).fetchone()
        return found and str(found[0])


_NOTED = {
    "articles": """'“' || coalesce(old.title, 'article without a headline') || '”'
        || coalesce(', ' || old.outlet, '') || coalesce(', ' || old.published, ''),
        NULL, NULL, NULL, NULL, old.url""",
    "quotes": f"""coalesce((SELECT name FROM speakers WHERE id = old.speaker_id), old.mention,
            '{_UNKNOWN}'),
        old.text, old.start_char, old.article_id, old.statement_id, NULL""",
    "speakers": "old.label, NULL, NULL, NULL, NULL, NULL",
    "statements": f"""coalesce((SELECT name FROM speakers WHERE id = old.speaker_id),
            '{_UNKNOWN}'),
        old.text, NULL, NULL, NULL, NULL""",
}
"""What the triggers note of a row."""

# Keys with a space are those of rows that are about to get their own.
_NOTE = """
CREATE TEMP TRIGGER IF NOT EXISTS {page}_key_{event} AFTER {when} ON main.{page}
WHEN instr(old.key, ' ') = 0 {condition} BEGIN
    INSERT OR IGNORE INTO lost_keys VALUES ('{page}', old.id, old.key, {noted});
END"""

_FORGET = """
CREATE TEMP TRIGGER IF NOT EXISTS {page}_key_{event} AFTER {when} ON main.{page} BEGIN
    DELETE FROM former_keys WHERE page = '{page}' AND key = new.key;
END"""

_WATCH = (
    f"CREATE TEMP TABLE IF NOT EXISTS lost_keys ({', '.join(_Lost._fields)},"
    " PRIMARY KEY (page, key))",
    "CREATE TEMP TABLE IF NOT EXISTS moved_speakers (old, new, count, PRIMARY KEY (old, new))",
    """
CREATE TEMP TRIGGER IF NOT EXISTS speakers_moved
AFTER UPDATE OF speaker_id ON main._article_speakers
WHEN old.speaker_id <> new.speaker_id BEGIN
    INSERT INTO moved_speakers VALUES (old.speaker_id, new.speaker_id, 1)
        ON CONFLICT (old, new) DO UPDATE SET count = count + 1;
END""",
    *(
        _NOTE.format(page=page, event=event, when=when, condition=condition, noted=noted)
        for page, noted in _NOTED.items()
        for event, when, condition in (
            ("changed", "UPDATE OF key", "AND old.key <> new.key"),
            ("deleted", "DELETE", ""),
        )
    ),
    *(
        _FORGET.format(page=page, event=event, when=when)
        for page in PAGES
        for event, when in (("added", "INSERT"), ("set", "UPDATE OF key"))
    ),
)

_LIVE = " UNION ALL ".join(f"SELECT '{page}' AS page, key FROM {page}" for page in PAGES)

_LOST = f"""
SELECT * FROM temp.lost_keys AS lost
WHERE NOT EXISTS (
    SELECT 1 FROM ({_LIVE}) AS live WHERE live.page = lost.page AND live.key = lost.key)
ORDER BY page, id, key"""

_QUOTES = "SELECT key, text, start_char FROM quotes WHERE article_id = ? ORDER BY start_char, key"

_MOVED_TO = """
SELECT speakers.key FROM temp.moved_speakers JOIN speakers ON speakers.id = new
WHERE old = ? ORDER BY count DESC, speakers.key LIMIT 1"""

_STATEMENT = """
SELECT statements.key FROM quotes JOIN statements ON statements.id = statement_id
WHERE quotes.key = ?"""

_LEAD_ON = "UPDATE former_keys SET leads_to = ? WHERE page = ? AND leads_to = ?"

_REMEMBER = "INSERT OR REPLACE INTO former_keys VALUES (?, ?, ?, ?, ?, ?, ?)"
