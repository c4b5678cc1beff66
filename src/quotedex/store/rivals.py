"""Which document the file keeps, of several with the same text or identity, and its names."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from quotedex.models import Document
from quotedex.store.identity import Identity, distinct_paths, identify, location, path, text_hash


@dataclass(frozen=True, slots=True)
class Offer:
    """A document as far as it decides which one the file keeps."""

    identity: Identity
    location: str
    path: str | None
    published: str
    sha256: str

    @classmethod
    def of(cls, document: Document) -> Self:
        return cls(
            identify(document),
            location(document),
            path(document),
            document.published or "",
            text_hash(document),
        )


@dataclass(frozen=True, slots=True)
class Stored(Offer):
    """The same of an article in the file."""

    id: int


def stored_articles(conn: sqlite3.Connection, where: str, *values: str) -> list[Stored]:
    """The articles that an SQL condition with these values finds, in the order of ids."""
    rows = conn.execute(f"{_SELECT_STORED} WHERE {where} ORDER BY id", values)
    return [
        Stored(
            # The path itself, not the name that tells it from others.
            Identity(by, path or place if by == "path" else name),
            place,
            path,
            published or "",
            digest,
            row_id,
        )
        for row_id, by, name, place, path, published, digest in rows
    ]


def rivals_of(conn: sqlite3.Connection, new: Offer) -> list[Stored]:
    """Articles of other locations with the same text or identity; a path identifies nothing."""
    same = "identity = ? AND identified_by <> 'path' OR sha256 = ?"
    return stored_articles(
        conn, f"({same}) AND location <> ?", new.identity.name, new.sha256, new.location
    )


def outranks(stored: Stored, new: Offer) -> bool:
    """Whether the file keeps its article in place of a new document.

    Of one identity the newest is kept, of one text that with the best identity. Where these say
    nothing, the alphabet decides, so that the order of documents does not.
    """
    if stored.sha256 == new.sha256:
        return (stored.identity.rank, stored.location) < (new.identity.rank, new.location)
    return (stored.published, stored.location) > (new.published, new.location)


def distinct_names(
    conn: sqlite3.Connection, path: str | None, more: Mapping[str, int]
) -> dict[int, str]:
    """The identities of the articles of one path by id; `more` are ids by location, which may be
    another one than the file has."""
    rows = conn.execute(_OF_PATH, (path,))
    moving = set(more.values())
    ids = {**{place: row_id for row_id, place in rows if row_id not in moving}, **more}
    if path is None or not ids:
        return {}
    return {ids[place]: name for place, name in distinct_paths(path, ids).items()}


_SELECT_STORED = """
SELECT id, identified_by, identity, location, path, published, sha256 FROM articles"""

_OF_PATH = """
SELECT id, location FROM articles WHERE path = ? AND identified_by = 'path'"""
