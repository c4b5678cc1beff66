"""A quotedex file for programs: add documents to it, search it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from quotedex.errors import InputError
from quotedex.models import Document

if TYPE_CHECKING:
    from datasette_quotedex.search import Hit
    from quotedex.index import Summary
    from quotedex.options import Options


class Index:
    """The SQLite file at `path`, which the first `add` makes if there is none.

    Nothing is held open between calls, so that others may read the file and write to it.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def __repr__(self) -> str:
        return f"Index({str(self.path)!r})"

    def add(
        self,
        documents: Document | Iterable[Document | InputError],
        options: Options | None = None,
        *,
        workers: int = 1,
    ) -> Summary:
        """Store documents with their quotations, each in the place of what its location held.

        `documents` may be what `quotedex.read.read` gives, or your own; a document without a
        location is known by its id. What is stored already is skipped. Raises DatabaseError and
        ModelError; documents that could not be read are in the summary's `failed`.
        """
        from quotedex.index import index

        return index(
            self.path,
            [documents] if isinstance(documents, Document) else documents,
            options,
            workers=workers,
        )

    def search(self, query: str, limit: int = 20) -> list[Hit]:
        """The best quotations for a query in the site's language: 'speaker:poole "old bridge"'.

        Raises DatabaseError for a file that is no index, QueryError for a query that cannot be
        meant.
        """
        from quotedex.site.search import search

        return search(self.path, query, limit)
