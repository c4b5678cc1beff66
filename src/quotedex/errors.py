"""The errors that quotedex raises on purpose. Each message is the sentence that the user reads."""

from __future__ import annotations

from collections.abc import Sequence


class QuotedexError(Exception):
    """Base class of all errors that quotedex raises on purpose."""


class InputError(QuotedexError):
    """A path, URL or stream that cannot be read as news text.

    `location` is the path or URL as the user gave it, or as found in a folder or archive.
    `reason` is the message without the location.
    """

    def __init__(self, location: str, reason: str) -> None:
        super().__init__(f"{location}: {reason}")
        self.location = location
        self.reason = reason


class DatabaseError(QuotedexError):
    """A file that is not a quotedex database, has another schema version, or is locked."""


class ModelError(QuotedexError):
    """An attribution model or spaCy pipeline that is missing or cannot be loaded."""


class QueryError(QuotedexError):
    """An invalid search query."""


class CorrectionError(QuotedexError):
    """Corrections that cannot be made; `reasons` has a sentence for each."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = tuple(reasons)


class MissingExtraError(QuotedexError):
    """A feature whose optional dependencies are not installed."""

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(f"{feature} requires an extra: pip install 'quotedex[{extra}]'")
        self.feature = feature
        self.extra = extra
