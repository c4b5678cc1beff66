"""Store what was extracted elsewhere, as if it were extracted here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from quotedex.errors import InputError
from quotedex.index import Progress, Summary, index
from quotedex.index.parquet import read_shards
from quotedex.models import Document, Extraction


def load(
    path: str | Path,
    folder: str | Path,
    replace_unchanged: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> Summary:
    """Bring the file at `path` up to date with a folder that `parquet.write_shards` has written.

    As with `index`, unchanged articles are skipped, unless `replace_unchanged`, and changed ones
    are replaced. The default spaCy pipeline makes the topics. Raises DatabaseError, ModelError, and
    QuotedexError if the folder has no Parquet files.
    """
    ready: dict[str, Extraction] = {}

    def documents() -> Iterator[Document | InputError]:
        for item in read_shards(folder):
            ready.clear()
            if isinstance(item, Extraction):
                ready[item.document.id] = item
                yield item.document
            else:
                yield item

    return index(
        path,
        documents(),
        topics=True,
        re_extract=replace_unchanged,
        progress=progress,
        extract=lambda document: ready[document.id],
    )
