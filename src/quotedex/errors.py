"""What can go wrong; each message is the sentence the user reads."""

from __future__ import annotations


class QuotedexError(Exception):
    """The base of all errors that this package raises on purpose."""


class InputError(QuotedexError):
    """A path or stream that cannot be read as news text.

    `location` is the path as the user gave it (or found below the folder given).
    """

    def __init__(self, location: str, reason: str) -> None:
        super().__init__(f"{location}: {reason}")
        self.location = location
        self.reason = reason


class DatabaseError(QuotedexError):
    """A file that is no quotedex database, is of a newer schema, or is held by another writer."""


class ModelError(QuotedexError):
    """An attribution model or spaCy pipeline that is missing or cannot be loaded."""


class QueryError(QuotedexError):
    """A search that makes no sense as it was typed."""
