"""Descriptions, labels, facets and example queries for Datasette's own pages of our tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from datasette_quotedex.example_queries import QUERIES

_QUOTATION_COLUMNS = {
    "key": "Names the quotation in addresses; the same in every file",
    "text": "The words inside the quotation marks",
    "article_id": "The article that prints it",
    "speaker_id": "Who said it; empty if the text does not say",
    "speaker_from": (
        "article: this article names the speaker; statement: only other articles that print it do"
    ),
    "statement_id": "The statement that groups all quotations of these words",
    "parent_id": "The quotation around this one",
    "repeats_id": "For a pull-quote: the quotation in the same article that it repeats",
    "utterance": "Shared by the parts of an utterance that, for example, “she said” splits",
    "start_char": "Where the words begin in the text of the article, in characters from 0",
    "end_char": "Where the words end; the character at this offset is not included",
    "kind": "full: a clause; partial: a part of the reporter's sentence; turn: of a transcript",
    "mention": "The words that name the source here, such as “he”",
    "cue": "The reporting expression, such as “said”",
    "confidence": "Probability that this is a quotation with the right speaker, from 0 to 1",
    "why": "How the words that name the source were found",
    "speaker_why": "How the speaker was found",
    "published": "Publication date of the article, as YYYY-MM-DD",
}
"""Columns of both `quotes` and `quote_details`."""

_ARTICLE_COLUMNS = {
    "location": "The URL that the article was read from, or its path",
    "url": "Address of the article on the web",
    "title": "Headline",
    "byline": "Who wrote it, as printed",
    "outlet": "The newspaper, agency or site that published it",
    "published": "Publication date, as YYYY-MM-DD",
}
"""Columns of both `articles` and `quote_details`."""

TABLE_DESCRIPTIONS: dict[str, dict[str, Any]] = {
    "quote_details": {
        "description": "Each quotation with its speaker and article in one row, for easy SQL.",
        "label_column": "text",
        "facets": ["speaker_kind", "outlet", "kind"],
        "sort_desc": "published",
        # Datasette finds the index of a table by itself, but not that of a view.
        "fts_table": "quote_search",
        "fts_pk": "id",
        "columns": {
            "id": "Number of the quotation, as in quotes",
            **_ARTICLE_COLUMNS,
            **_QUOTATION_COLUMNS,
            "speaker": "Name of the speaker, or the description of an anonymous source",
            "speaker_kind": "person, organization, group or anonymous",
            "speaker_description": "Who the speaker is, in an article's words",
            "statement": "The words as first printed",
            "statement_article_count": "Number of articles that print the statement",
            "article_key": "Names the article in addresses",
            "speaker_key": "Names the speaker in addresses",
            "statement_key": "Names the statement in addresses",
            "parent_key": "Names the quotation around this one",
            "repeats_key": "Names the quotation that a pull-quote repeats",
        },
    },
    "quotes": {
        "description": "Direct quotations: the words inside quotation marks, and who said them.",
        "label_column": "text",
        "facets": ["kind", "speaker_id"],
        "sort_desc": "published",
        "columns": {
            "id": "Number of the quotation",
            **_QUOTATION_COLUMNS,
            "mention_start_char": "Where the mention begins in the text of the article",
            "mention_end_char": "Where it ends",
            "cue_start_char": "Where the cue begins in the text of the article",
            "cue_end_char": "Where it ends",
            "first_indexed": "When this file had it first, in UTC",
        },
    },
    "speakers": {
        "description": "Who is quoted: people, organizations, groups, and anonymous sources.",
        "label_column": "label",
        "facets": ["kind"],
        "sort_desc": "quote_count",
        "columns": {
            "id": "Number of the speaker",
            "key": "Names the speaker in addresses, such as ana-okafor; the same in every file",
            "name": "The fullest name in any article, or the description of an anonymous source",
            "label": "The name, and what tells it from other speakers of the same name",
            "kind": "person, organization, group or anonymous",
            "description": "Who this is, in an article's words",
            "wikidata": "Wikidata item, such as Q42, from the list of people",
            "quote_count": "Number of quotations",
            "article_count": "Number of articles that quote this speaker",
            "first_quoted": "Earliest publication date of a quotation",
            "last_quoted": "Latest publication date of a quotation",
        },
    },
    "articles": {
        "description": "The news articles that were read, with their cleaned text.",
        "label_column": "title",
        "facets": ["outlet"],
        "sort_desc": "published",
        "columns": {
            "id": "Number of the article",
            "key": "Names the article in addresses; the same in every file",
            "identity": "What identifies it: its URL, id or path, or a hash of its text",
            "identified_by": "Which of them: url, id, path or text",
            **_ARTICLE_COLUMNS,
            "path": "Its path below the folder that was indexed",
            "language": "ISO 639 code of the language, such as en",
            "word_count": "Number of words in the text",
            "sha256": "Hash of the text as given; identical texts are stored once",
            "indexed_at": "When this text was stored, in UTC",
            "run_id": "The indexing run that stored it",
            "metadata": "Everything else that came with the document, as JSON",
            "text": "The cleaned text; the offsets in quotes count its characters",
        },
    },
    "statements": {
        "description": "Statements: the same words, printed by one or more articles.",
        "label_column": "text",
        "sort_desc": "article_count",
        "columns": {
            "id": "Number of the statement",
            "key": "Names the statement in addresses; the same in every file",
            "text": "The words as first printed",
            "speaker_id": "The speaker, if all articles that name one agree, or four in five",
            "quote_count": "Number of quotations",
            "article_count": "Number of articles that print it",
            "first_published": "Earliest publication date of a quotation",
            "last_published": "Latest publication date of a quotation",
        },
    },
    "aliases": {
        "description": "The forms in which articles print a speaker's name.",
        "label_column": "name",
        "columns": {
            "speaker_id": "The speaker",
            "name": "A form of the name, such as “Ms Okafor”",
            "article_count": "Number of articles that quote this speaker and use this form",
            "slug": "The form as it stands in addresses, where it leads to the speaker",
        },
    },
    "topics": {
        "description": "What speakers talk about: terms that recur in their quotations.",
        "label_column": "term",
        "sort_desc": "score",
        "columns": {
            "speaker_id": "The speaker",
            "term": "The term, in the form that the speaker uses most",
            "score": "The term's share of the total weight of the speaker's terms",
        },
    },
    "people_list": {
        "description": "The list of people last passed to `quotedex index --people`.",
        "label_column": "name",
        "columns": {
            "key": "Identifies the line: the Wikidata item, or all its names",
            "name": "The name that the speaker gets",
            "aliases": "Other names of this speaker, as a JSON list",
            "wikidata": "Wikidata item, such as Q42",
            "description": "Who this is",
        },
    },
    "corrections": {
        "description": "Corrections by hand, with who, when and why.",
        "label_column": "what",
        "sort_desc": "id",
        "columns": {
            "id": "Number of the correction",
            "what": "speaker, nobody or text of a quotation; merge, split or name of speakers",
            "key": "The quotation, as it is without corrections, or the speaker",
            "new_value": "A name or key, the right words, or keys of articles",
            "kind": "Kind of the speaker: person, organization, group or anonymous",
            "who": "Who made it",
            "made_at": "When, in UTC",
            "why": "The reason given",
            "old_value": "The speaker or words before",
            "undone_by": "Who undid it",
            "undone_at": "When, in UTC; empty unless it is undone",
            "undone_why": "The reason given",
            "article_key": "Key of the article of a quotation",
            "words": "The words of a quotation when it was corrected",
            "names": "The speaker's name, then names for the list of people, as a JSON list",
            "state": "applied, waiting (what it is about is not here) or undone",
            "leads_to": "Key of the quotation or speaker now; empty if there is none",
        },
    },
    "former_keys": {
        "description": "Addresses that changed or are gone, and what took their place.",
        "label_column": "key",
        "columns": {
            "page": "The page: articles, quotes, speakers or statements",
            "key": "The key that was in its address",
            "leads_to": "The key now in its place; empty if there is none",
            "label": "What was there: a name, or a headline with outlet and date",
            "words": "How a quotation or statement began; empty if its article is gone",
            "article_key": "Key of the article of a quotation or statement",
            "url": "Address of an article on the web",
        },
    },
    "runs": {
        "description": "Runs of `quotedex index` over this file.",
        "label_column": "started_at",
        "sort_desc": "id",
        "columns": {
            "id": "Number of the run",
            "version": "Version of quotedex",
            "model": "The attribution model and the spaCy pipeline",
            "started_at": "When it began, in UTC",
            "finished_at": "When it ended; empty while it is running, and if it was killed",
            "outcome": "completed, interrupted or failed",
            "article_count": "Number of new and changed articles stored",
            "quote_count": "Number of quotations stored",
            "failure_count": "Number of documents that could not be read",
            "pruned_count": "Number of articles removed because their files no longer exist",
        },
    },
    "failures": {
        "description": "Documents that could not be read, and why.",
        "label_column": "location",
        "columns": {
            "location": "The file or URL",
            "error": "The reason",
            "sha256": "Hash of the text as given; empty if no text could be read",
            "run_id": "The run in which this error first occurred",
        },
    },
}
"""The public tables and views with all their columns."""


async def describe(datasette: Any, names: list[str]) -> None:
    """Remember the databases with quotations, and describe them to Datasette 1.0.

    The publisher's own metadata and configuration take precedence.
    """
    tables = {name: await _all_tables(datasette, name) for name in names}
    setattr(datasette, _KNOWN, tables)
    if not hasattr(datasette, "set_resource_metadata"):
        return
    for name in names:
        for table, details in tables[name].items():
            await _set_metadata(datasette, name, table, details)
            _set_configuration(datasette, name, table, details)
        for query, details in QUERIES.items():
            present = await datasette.get_query(name, query)
            if present is None or present.source == "plugin":
                await datasette.add_query(name, query, **details)


def known(datasette: Any) -> tuple[str, ...]:
    """The names of the databases that were described when the site started."""
    return tuple(getattr(datasette, _KNOWN, ()))


def metadata(datasette: Any, key: str | None) -> dict[str, Any]:
    """The same for Datasette 0.65, which merges the publisher's own metadata into it.

    Datasette asks a dozen times for each page whether metadata has `key`, mostly for permissions.
    """
    if key not in _KEYS or _left_out.get():
        return {}
    known: dict[str, dict[str, dict[str, Any]]] = getattr(datasette, _KNOWN, {})
    return {
        "databases": {
            name: {"tables": {table: _copy(details) for table, details in tables.items()}}
            for name, tables in known.items()
        }
    }


@contextmanager
def left_out() -> Iterator[None]:
    """While permissions are checked, of which ours says nothing: Datasette 0.65 copies and merges
    all metadata for every table that it checks."""
    token = _left_out.set(True)
    try:
        yield
    finally:
        _left_out.reset(token)


_left_out: ContextVar[bool] = ContextVar("left_out", default=False)


def _copy(details: dict[str, Any]) -> dict[str, Any]:
    return {key: value.copy() if key == "columns" else value for key, value in details.items()}


def queries(datasette: Any, database: str) -> dict[str, dict[str, str]]:
    """The example queries of a database with quotations; none for another."""
    described = database in known(datasette)
    return {name: dict(query) for name, query in QUERIES.items()} if described else {}


_KNOWN = "_datasette_quotedex_databases"
_CONFIGURATION = ("label_column", "facets", "sort_desc", "hidden", "fts_table", "fts_pk")
"""Keys that are metadata in 0.65 and configuration in 1.0."""

_KEYS = (None, "databases", "tables", "description", "columns", *_CONFIGURATION)
"""The keys that Datasette 0.65 can find in our metadata; None asks for all of it."""

_INTERNAL = "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 1) = '_'"


async def _all_tables(datasette: Any, name: str) -> dict[str, dict[str, Any]]:
    """The descriptions for one database. Datasette 0.65 does not hide `_tables` by itself."""
    found = await datasette.execute(name, _INTERNAL)
    internal = {"description": "Internal to quotedex.", "hidden": True}
    return TABLE_DESCRIPTIONS | {table: internal for (table,) in found.rows}


async def _set_metadata(datasette: Any, name: str, table: str, details: dict[str, Any]) -> None:
    present = await datasette.get_resource_metadata(name, table)
    if "description" not in present:
        await datasette.set_resource_metadata(name, table, "description", details["description"])
    for column, text in details.get("columns", {}).items():
        if not await datasette.get_column_metadata(name, table, column):
            await datasette.set_column_metadata(name, table, column, "description", text)


def _set_configuration(datasette: Any, name: str, table: str, details: dict[str, Any]) -> None:
    """Datasette 1.0 has no hook for these keys and only looks in its configuration."""
    datasette.config = datasette.config or {}
    section = datasette.config
    for key in ("databases", name, "tables", table):
        section = section.setdefault(key, {})
    for key in _CONFIGURATION:
        if key in details:
            section.setdefault(key, details[key])
