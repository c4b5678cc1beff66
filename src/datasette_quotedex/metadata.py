"""What Datasette's own pages say about our tables: descriptions, labels, facets, queries."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from datasette_quotedex.canned_queries import QUERIES

TABLE_DESCRIPTIONS: dict[str, dict[str, Any]] = {
    "articles": {
        "description": "The news articles that were read, with their cleaned text.",
        "label_column": "title",
        "facets": ["publication"],
        "sort_desc": "published",
        "columns": {
            "sha256": "Of the text as it was given; the same text is kept once",
            "location": "The file or web address that the article was read from",
            "publication": "The outlet that printed it",
            "published": "Date of publication, as YYYY-MM-DD",
            "text": "The cleaned text; the offsets in quotes count its characters",
            "words": "Words in the text",
            "url": "The page's own address on the web",
            "metadata": "What else came with the document, as JSON",
            "run_id": "The indexing run that stored the article",
        },
    },
    "speakers": {
        "description": "Who is quoted: people, organizations, groups, and nameless sources.",
        "label_column": "name",
        "facets": ["kind"],
        "sort_desc": "quotes",
        "columns": {
            "name": "The fullest name that articles give, or the description of a nameless source",
            "kind": "person, organization, group or anonymous",
            "description": "Who this is, in the words of an article",
            "wikidata": "Identifier at wikidata.org",
            "quotes": "Quotations in this file",
            "articles": "Articles that quote this speaker",
        },
    },
    "aliases": {
        "description": "The forms under which articles name a speaker.",
        "label_column": "name",
        "columns": {"articles": "Articles that quote this speaker and use this form"},
    },
    "quotes": {
        "description": "Direct quotations: the words inside the marks, and who said them.",
        "label_column": "text",
        "facets": ["kind", "speaker_id"],
        "sort_desc": "published",
        "columns": {
            "speaker_id": "Who said it; empty where the article does not tell",
            "statement_id": "The same words, however many articles print them",
            "parent_id": "The quotation that this one stands in",
            "utterance": "Parts of one utterance, split by “she said”, share this number",
            "start": "Where the words begin in the article's text, in characters from 0",
            "end": "Where they end; the character at this offset is no longer part of them",
            "kind": "full for a whole clause or sentence, partial for a fragment in the reporter's",
            "mention": "The words that name the source here, such as “he”",
            "cue": "The expression that reports speech, such as “said”",
            "confidence": "Probability that this is a quotation and its source is right, 0 to 1",
            "cue_start": "Where the cue begins in the article's text",
            "cue_end": "Where it ends",
            "repeats_id": "For a pull-quote, the quotation whose words the article prints again",
            "speaker_from": "article where this article tells who; statement where only others do",
        },
    },
    "topics": {
        "description": "What speakers speak about: terms to which they come back.",
        "label_column": "term",
        "sort_desc": "score",
        "columns": {
            "term": "In the form in which the speaker says it most",
            "score": "Share of the weight of all terms that the speaker uses",
        },
    },
    "statements": {
        "description": "Statements: the same words, printed by one or more articles.",
        "label_column": "text",
        "sort_desc": "articles",
        "columns": {
            "text": "The words as first printed",
            "quotes": "Quotations of this statement",
            "articles": "Articles that print it",
        },
    },
    "runs": {
        "description": "Runs of `quotedex index` over this file.",
        "label_column": "started_at",
        "sort_desc": "id",
    },
    "failures": {"description": "Documents that could not be read, and why."},
    "quote_details": {
        "description": "A quotation with its speaker and article in one row; made for SQL.",
        "sort_desc": "published",
    },
    "authorities": {"description": "The list of people that quotedex was given last."},
    "sightings": {
        "description": "Speakers of single articles, of which `speakers` are made.",
        "hidden": True,
    },
    "ties": {"description": "What may join people of one name.", "hidden": True},
    "loose_ties": {"description": "What may join a surname alone to a person.", "hidden": True},
    "wordings": {"description": "Forms of words, of which statements are made.", "hidden": True},
    "wording_keys": {"description": "By what wordings are compared.", "hidden": True},
    "topic_samples": {"description": "Of what topics are made, and whose are due.", "hidden": True},
    "_sqlite_migrations": {
        "description": "How the file came to its present form; nothing to read.",
        "hidden": True,
    },
}


async def describe(datasette: Any, names: list[str]) -> None:
    """Remember the databases with quotations, and tell Datasette 1.0 all about them.

    What the publisher says in metadata or configuration stays.
    """
    setattr(datasette, _KNOWN, tuple(names))
    if not hasattr(datasette, "set_resource_metadata"):
        return
    for name in names:
        for table, details in TABLE_DESCRIPTIONS.items():
            await _set_metadata(datasette, name, table, details)
            _set_configuration(datasette, name, table, details)
        for query, details in QUERIES.items():
            present = await datasette.get_query(name, query)
            if present is None or present.source == "plugin":
                await datasette.add_query(name, query, **details)


def known(datasette: Any) -> tuple[str, ...]:
    """The names of the databases that were described when the site started."""
    return getattr(datasette, _KNOWN, ())


def metadata(datasette: Any) -> dict[str, Any]:
    """The same for Datasette 0.65, which writes the publisher's own metadata into this answer."""
    names = known(datasette)
    return {"databases": {name: {"tables": deepcopy(TABLE_DESCRIPTIONS)} for name in names}}


def queries(datasette: Any, database: str) -> dict[str, dict[str, str]]:
    """The example queries of a database with quotations; none for another."""
    described = database in known(datasette)
    return {name: dict(query) for name, query in QUERIES.items()} if described else {}


_KNOWN = "_datasette_quotedex_databases"
_CONFIGURATION = ("label_column", "facets", "sort_desc", "hidden")
"""What of the metadata of 0.65 is configuration in 1.0."""


async def _set_metadata(datasette: Any, name: str, table: str, details: dict[str, Any]) -> None:
    present = await datasette.get_resource_metadata(name, table)
    if "description" not in present:
        await datasette.set_resource_metadata(name, table, "description", details["description"])
    for column, text in details.get("columns", {}).items():
        if not await datasette.get_column_metadata(name, table, column):
            await datasette.set_column_metadata(name, table, column, "description", text)


def _set_configuration(datasette: Any, name: str, table: str, details: dict[str, Any]) -> None:
    """1.0 has no hook for it; the configuration is the one place that it looks in."""
    datasette.config = datasette.config or {}
    place = datasette.config
    for key in ("databases", name, "tables", table):
        place = place.setdefault(key, {})
    for key in _CONFIGURATION:
        if key in details:
            place.setdefault(key, details[key])
