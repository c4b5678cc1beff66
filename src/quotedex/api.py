"""The Python API: many texts at once, and an index to add to, search and check."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from quotedex.errors import InputError
from quotedex.extract import check_text, extract
from quotedex.limits import DEFAULT_MAX_MEMORY
from quotedex.models import Correction, Document, Quote
from quotedex.options import Options

if TYPE_CHECKING:
    from datasette_quotedex.search import Hit
    from quotedex.check import Check
    from quotedex.index import Summary
    from quotedex.link import ListedSpeaker


def extract_many(
    texts: Iterable[str],
    options: Options | None = None,
    *,
    workers: int = 1,
    batch_size: int = 32,
) -> Iterator[list[Quote]]:
    """The quotations of each text, in order; what `extract` returns for each.

    Texts are read and results given one after another, so there may be any number of them. With
    more than one of `workers`, as many processes extract, `batch_size` texts at a time; a program
    that starts processes needs `if __name__ == "__main__":` on some systems. Raises as `extract`.
    """
    if isinstance(texts, str):
        raise TypeError("extract_many takes several texts, not one: pass it to extract")
    work = partial(extract, options=options)
    if workers <= 1:
        return map(work, texts)
    return _extract_in_batches(work, texts, workers, batch_size)


def _extract_in_batches(
    work: partial[list[Quote]], texts: Iterable[str], workers: int, batch_size: int
) -> Iterator[list[Quote]]:
    from concurrent.futures import Future, ProcessPoolExecutor

    rest = iter(texts)
    waiting: deque[Future[list[list[Quote]]]] = deque()
    with ProcessPoolExecutor(workers) as pool:
        try:
            while True:
                while len(waiting) < 2 * workers and (batch := list(islice(rest, batch_size))):
                    for text in batch:
                        check_text(text)
                    waiting.append(pool.submit(_each, work, batch))
                if not waiting:
                    return
                yield from waiting.popleft().result()
        finally:
            # Whoever stops early does not wait for batches that nobody will read.
            for future in waiting:
                future.cancel()


def _each(work: partial[list[Quote]], batch: list[str]) -> list[list[Quote]]:
    return [work(text) for text in batch]


class Index:
    """A quotedex database, the SQLite file at `path`. The first `add` creates it if needed.

    The file is open only during a call, so other programs can use it in between; as a context
    manager it needs no closing. Iterating over it gives every quotation, as `search` does.
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
        timeout: float | None = None,
        max_memory: int | None = DEFAULT_MAX_MEMORY,
    ) -> Summary:
        """Extract quotations from documents and store both.

        `documents` is one document or any number of them, for example from `quotedex.read.read`.
        A document replaces the one stored under the same URL or location, or under the same id if
        it has neither; unchanged ones are skipped. `workers` is the number of processes, `timeout`
        the seconds that a document may take, `max_memory` the bytes that a process may use. To hold
        reading to such limits too, pass a `quotedex.read.reading.Reading` as the documents.

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
            timeout=timeout,
            max_memory=max_memory,
        )

    def load(self, folder: str | Path, *, replace_unchanged: bool = False) -> Summary:
        """Store extractions from a folder of Parquet files, written by `quotedex extract`.

        Unchanged documents are skipped unless `replace_unchanged` is true. Raises DatabaseError as
        `add` does, MissingExtraError if pyarrow is not installed, QuotedexError if the folder has
        no such file.
        """
        from quotedex.index.load import load

        return load(self.path, folder, replace_unchanged)

    def search(self, query: str, limit: int = 20, offset: int = 0) -> list[Hit]:
        """Search quotations, best matches first, for example 'speaker:poole "old bridge"'.

        The query language is that of the website. `limit` 0 means all; `offset` of them are
        skipped. Raises DatabaseError if the file is not an index, QueryError for an invalid query.
        """
        from quotedex.site.search import search

        return search(self.path, query, limit, offset)

    def get(self, key: str) -> Hit | None:
        """The quotation with this key, None if there is none.

        Raises DatabaseError if the file is not an index.
        """
        from quotedex.site.search import find_hit

        return find_hit(self.path, key)

    def __iter__(self) -> Iterator[Hit]:
        """Every quotation, in the order of ids. Raises DatabaseError if it is not an index."""
        from quotedex.site.search import each_hit

        return each_hit(self.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Nothing is open."""

    def people(self) -> list[ListedSpeaker]:
        """List the speakers with their aliases, most quoted first, without anonymous sources.

        `quotedex.link.write_people` formats the list as CSV. Raises DatabaseError if the file is
        not an index.
        """
        from quotedex.store.people_list import list_people

        return list_people(self.path)

    def correct(self, *corrections: Correction) -> list[Correction]:
        """Correct quotations or speakers, and return the corrections as they are stored.

        `state` says which were applied; those "waiting" concern a quotation or speaker that the
        file does not have, and are applied once it does. Raises CorrectionError with a sentence for
        each that cannot be made, and then makes none; DatabaseError if the file is not an index.
        """
        from quotedex.store import Store
        from quotedex.store.file import open_index

        open_index(self.path).close()
        with Store(self.path) as store:
            return store.correct(corrections)

    def corrections(self) -> list[Correction]:
        """All corrections in the order in which they were made, those undone included.

        `quotedex.link.write_corrections` formats them as CSV. Raises DatabaseError if the file is
        not an index.
        """
        from quotedex.store.correction_rows import list_corrections

        return list_corrections(self.path)

    def undo_correction(
        self, number: int, who: str | None = None, why: str | None = None
    ) -> Correction:
        """Undo the correction with this `id`, which stays in the file as undone.

        Raises CorrectionError if there is none or it is undone already, DatabaseError if the file
        is not an index.
        """
        from quotedex.store import Store
        from quotedex.store.file import open_index

        open_index(self.path).close()
        with Store(self.path) as store:
            return store.undo_correction(number, who, why)

    def check(self) -> list[Check]:
        """Check the integrity of the file. Each check has a name, `ok`, and the first problems.

        Raises DatabaseError if the file is not an index.
        """
        from quotedex.check import check

        return check(self.path)
