"""The Python API to an index: add documents to it, search it, check it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from quotedex.errors import InputError
from quotedex.models import Document

if TYPE_CHECKING:
    from datasette_quotedex.search import Hit
    from quotedex.check import Check
    from quotedex.index import Summary
    from quotedex.link import ListedSpeaker
    from quotedex.options import Options


class Index:
    """A quotedex database, the SQLite file at `path`. The first `add` creates it if needed.

    The file is open only during a call, so other programs can use it in between.
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
        """Extract quotations from documents and store both.

        `documents` is one document or any number of them, for example from `quotedex.read.read`.
        A document replaces the one stored under the same location, or under the same id if it has
        no location; unchanged ones are skipped. `workers` is the number of processes.

        Returns counts of what was done. Documents that could not be processed are listed in its
        `failed`. Raises DatabaseError if the file is not an index or is locked, ModelError if a
        model is missing.
        """
        from quotedex.index import index

        return index(
            self.path,
            [documents] if isinstance(documents, Document) else documents,
            options,
            workers=workers,
        )

    def load(self, folder: str | Path, *, replace_unchanged: bool = False) -> Summary:
        """Store extractions from a folder of Parquet files, written by `quotedex extract`.

        Unchanged documents are skipped unless `replace_unchanged` is true. Raises DatabaseError as
        `add` does, MissingExtraError if pyarrow is not installed, QuotedexError if the folder has
        no such file.
        """
        from quotedex.index.load import load

        return load(self.path, folder, replace_unchanged)

    def search(self, query: str, limit: int = 20) -> list[Hit]:
        """Search quotations, best matches first, for example 'speaker:poole "old bridge"'.

        The query language is that of the website. Raises DatabaseError if the file is not an
        index, QueryError for an invalid query.
        """
        from quotedex.site.search import search

        return search(self.path, query, limit)

    def people(self) -> list[ListedSpeaker]:
        """List the speakers with their aliases, most quoted first, without anonymous sources.

        `quotedex.link.write_people` formats the list as CSV. Raises DatabaseError if the file is
        not an index.
        """
        from quotedex.store.people_list import list_people

        return list_people(self.path)

    def check(self) -> list[Check]:
        """Check the integrity of the file. Each check has a name, `ok`, and the first problems.

        Raises DatabaseError if the file is not an index.
        """
        from quotedex.check import check

        return check(self.path)
